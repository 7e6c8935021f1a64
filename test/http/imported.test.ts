/** Imported tokens in requests: read where ours are; what has another shape is left alone. */
import type { Express } from 'express'
import { optionalKey, requireKey, requireUserOrKey } from 'sidekey/express'
import request from 'supertest'
import { alice, testKeys } from '../support/keys.js'
import { expectProblem, jwtLogin, jwtOf, overExpress, whoami } from './support.js'

const SANCTUM = '7|iYx2kq0ZtVwLr5bNcGhQe8uJmPoXs1Da'
const DRF = 'abcdefgh.iYx2kq0ZtVwLr5bNcGhQe8uJmPoXs1Da'
const IMPORTED = [
  { source: 'sanctum', separator: '|' },
  { source: 'drf', separator: '.', length: 41 },
] as const

overExpress('An imported token', express => {
  let app: Express
  beforeEach(async () => {
    const keys = testKeys({ imported: IMPORTED })
    await keys.import([
      { source: 'sanctum', token: SANCTUM, owner: { id: 'alice' } },
      { source: 'drf', token: DRF, owner: { id: 'bob' } },
    ])
    app = express()
    app.use(jwtLogin())
    app.all('/required', requireKey(keys), whoami)
    app.all('/optional', optionalKey(keys), whoami)
    app.all('/either', requireUserOrKey(keys), whoami)
  })

  it.each([
    ['Authorization', `Bearer ${SANCTUM}`, 'alice'],
    ['X-API-Key', SANCTUM, 'alice'],
    ['Authorization', `Bearer ${DRF}`, 'bob'],
    ['X-API-Key', DRF, 'bob'],
  ])('is let in by %s: %s', async (header, value, user) => {
    for (const path of ['/required', '/optional', '/either']) {
      const answer = await request(app).get(path).set(header, value).expect(200)
      expect(answer.body.user?.id).toBe(user)
    }
  })

  it('is refused where its shape is right and it is nobody’s, also where a key is optional', async () => {
    const wrong = `Bearer ${SANCTUM.slice(0, -1)}x`
    for (const path of ['/required', '/optional', '/either'])
      expectProblem(await request(app).get(path).set('Authorization', wrong), 401, 'KEY_INVALID')
  })

  it('is not what a JWT is taken for: that is passed by', async () => {
    const bearer = `Bearer ${jwtOf(alice)}`
    expect(
      (await request(app).get('/optional').set('Authorization', bearer).expect(200)).body.apiKey,
    ).toBeNull()
    expect((await request(app).get('/either').set('Authorization', bearer).expect(200)).body.user?.id).toBe(
      'alice',
    )
    expectProblem(await request(app).get('/required').set('Authorization', bearer), 401, 'KEY_INVALID')
  })

  it('and one of another shape beside it are two keys only where both are ours', async () => {
    const both = request(app).get('/required').set('Authorization', `Bearer ${SANCTUM}`).set('X-API-Key', DRF)
    expectProblem(await both, 400, 'MULTIPLE_KEYS')
    const jwt = request(app)
      .get('/optional')
      .set('Authorization', `Bearer ${jwtOf(alice)}`)
      .set('X-API-Key', DRF)
    expect((await jwt.expect(200)).body.user?.id).toBe('bob')
  })
})
