/** `POST /revoke` that takes long, over every framework: it is answered 202, and goes on. */
import { memoryStore } from 'sidekey'
import request from 'supertest'
import { type TestKeys, testKeys } from '../support/keys.js'
import { FRAMEWORKS } from './apps.js'

const alice = { 'x-user': 'alice' }

/** A store in which the listing of keys waits from its `nth` call on, until it is let go or fails. */
function heldStore({ nth = 1 } = {}) {
  const store = memoryStore()
  let calls = 0
  let go = () => {}
  let fail: (error: Error) => void = () => {}
  const held = new Promise<void>((resolve, reject) => {
    go = resolve
    fail = reject
  })
  const list: typeof store.list = async query => {
    calls++
    if (calls >= nth) await held
    return store.list(query)
  }
  return { store: { ...store, list }, go, fail }
}

const make = (keys: TestKeys, id: string) => keys.create({ name: `of ${id}`, owner: { id } })

describe.each(FRAMEWORKS)('a bulk revoke that takes long, over $name', ({ app }) => {
  it('is answered 202, goes on, and is 200 once it has been asked again', async () => {
    const { store, go } = heldStore()
    const keys = testKeys({ store })
    const [one, two, other] = [await make(keys, 'alice'), await make(keys, 'alice'), await make(keys, 'bob')]
    const ended: string[] = []
    const bothEnded = new Promise<void>(resolve => {
      keys.on('revoked', ({ audit }) => {
        ended.push(String(audit.keyId))
        if (ended.length === 2) resolve()
      })
    })
    const http = request(app(keys, { answerWithin: '0s' }))
    const revoke = () => http.post('/api-keys/revoke').set(alice).send({ ownerId: 'alice', reason: 'left' })

    const first = await revoke()
    expect([first.status, first.body]).toEqual([202, { revoked: 0, complete: false }])
    expect(first.headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-store' })
    expect(await keys.get(one.apiKey.id)).toMatchObject({ status: 'active' })

    go()
    await bothEnded
    expect(ended.sort()).toEqual([one.apiKey.id, two.apiKey.id].sort())
    expect(await keys.get(two.apiKey.id)).toMatchObject({ revoked: { by: 'alice', reason: 'left' } })
    const patient = request(app(keys))
    const again = await patient.post('/api-keys/revoke').set(alice).send({ ownerId: 'alice' })
    expect([again.status, again.body]).toEqual([200, { revoked: 0 }])
    expect(await keys.get(other.apiKey.id)).toMatchObject({ status: 'active' })
  })

  it('that fails after its 202 is told to the log, and harms nothing', async () => {
    const { store, fail } = heldStore()
    const away = Object.assign(new Error('away'), { name: 'MongoNetworkError' })
    let log: (details: object) => void = () => {}
    const logged = new Promise<object>(resolve => {
      log = resolve
    })
    const rejected: unknown[] = []
    const onRejection = (error: unknown) => rejected.push(error)
    process.on('unhandledRejection', onRejection)
    try {
      const keys = testKeys({ store, logger: { warn: () => {}, error: details => log(details) } })
      const { apiKey } = await make(keys, 'alice')
      const http = request(app(keys, { answerWithin: '0s' }))
      const answer = await http.post('/api-keys/revoke').set(alice).send({ ownerId: 'alice' })
      expect(answer.status).toBe(202)
      fail(away)
      expect(await logged).toMatchObject({ err: { message: expect.any(String) } })
      expect((await http.get(`/api-keys/${apiKey.id}`).set(alice)).body.status).toBe('active')
      // Rejections that nobody handles are told at the end of a turn.
      await new Promise(resolve => setImmediate(resolve))
      expect(rejected).toEqual([])
    } finally {
      process.off('unhandledRejection', onRejection)
    }
  })

  it('is refused at once where the filter is wrong or not theirs, however short the time', async () => {
    const keys = testKeys()
    const http = request(app(keys, { answerWithin: '0s' }))
    const revoke = (body: object) => http.post('/api-keys/revoke').set(alice).send(body)
    expect((await revoke({})).body.code).toBe('INVALID_INPUT')
    expect((await revoke({ ids: ['short'] })).body.code).toBe('INVALID_INPUT')
    expect((await revoke({ ownerId: 'bob' })).body.code).toBe('FORBIDDEN')
  })
})

it('tells in its 202 how many it has ended so far', async () => {
  const { store, go } = heldStore({ nth: 2 })
  const keys = testKeys({ store })
  // A batch has 200.
  for (let made = 0; made < 201; made++) await make(keys, 'alice')
  const [framework] = FRAMEWORKS
  if (framework === undefined) throw new Error('there is a first one')
  const http = request(framework.app(keys, { answerWithin: '1s' }))
  const answer = await http.post('/api-keys/revoke').set(alice).send({ ownerId: 'alice' })
  expect([answer.status, answer.body]).toEqual([202, { revoked: 200, complete: false }])
  go()
})

it('is one run for all who repeat it, and tells all that it has ended', async () => {
  const { store, go } = heldStore()
  const keys = testKeys({ store })
  const made = [await make(keys, 'alice'), await make(keys, 'alice'), await make(keys, 'alice')]
  let revokes = 0
  keys.on('revoked', () => void revokes++)
  const { app } = FRAMEWORKS[0] ?? { app: () => () => {} }
  const http = request(app(keys, { answerWithin: '50ms' }))
  const revoke = () => http.post('/api-keys/revoke').set(alice).send({ ownerId: 'alice' })
  for (let i = 0; i < 3; i++) {
    const { status, body, headers } = await revoke()
    expect([status, body, headers['retry-after']]).toEqual([202, { revoked: 0, complete: false }, '1'])
  }
  go()
  let answer = await revoke()
  while (answer.status === 202) answer = await revoke()
  expect(answer.body).toEqual({ revoked: made.length })
  expect(revokes).toBe(made.length)
  expect((await revoke()).body).toEqual({ revoked: 0 })
})
