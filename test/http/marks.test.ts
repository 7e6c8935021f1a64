/** A request that was made with a key stays one, in whatever form a handler hands it on. */
import express, { type Request } from 'express'
import { requireKey } from 'sidekey/express'
import request from 'supertest'
import { markByKey, markOf } from '../../src/manage/caller.js'
import { alice, refusal, requestBy, testKeys } from '../support/keys.js'

const FORMS: Record<string, (req: Request) => object> = {
  'the request itself': req => req,
  'a copy': req => ({ ...req }),
  'what inherits from it': req => Object.create(req),
  'a proxy around it': req => new Proxy(req, {}),
  'itself, though its list of headers is another now': req => Object.assign(req, { rawHeaders: ['x', 'y'] }),
}

it.each(Object.keys(FORMS))('is a key to keys.as(): %s', async name => {
  const keys = testKeys()
  const { token } = await keys.as(alice).create({ name: 'k' })
  const app = express().get('/', requireKey(keys), async (req, res) => {
    // With the user of a login, who could do it.
    const error = await refusal(keys.as(alice, FORMS[name]?.(req)).create({ name: 'more' }))
    res.json({ code: error.code })
  })
  const { body } = await request(app).get('/').set('authorization', `Bearer ${token}`).expect(200)
  expect(body).toEqual({ code: 'FORBIDDEN' })
})

it('is not another request, though both came without headers that Node has read', async () => {
  const keys = testKeys()
  const { token } = await keys.as(alice).create({ name: 'k' })
  const verification = await keys.verify(token)
  if (!verification.ok) throw new Error(verification.code)
  const rawHeaders: string[] = []
  const mark = markOf(requestBy(keys, token, verification))
  if (mark === null) throw new Error('no mark')
  const made = { rawHeaders }
  markByKey(made, mark)
  expect(markOf(made)).toBe(mark)
  expect(markOf({ rawHeaders })).toBeNull()
})

it('is known to another copy of the package', async () => {
  const keys = testKeys()
  const { token } = await keys.as(alice).create({ name: 'k' })
  const verification = await keys.verify(token)
  if (!verification.ok) throw new Error(verification.code)
  const made = requestBy(keys, token, verification)
  await jest.isolateModulesAsync(async () => {
    const other: { markByKey: unknown; markOf: typeof markOf } = await import('../../src/manage/caller.js')
    expect(other.markByKey).not.toBe(markByKey)
    expect(other.markOf(made)).toBe(markOf(made))
  })
})
