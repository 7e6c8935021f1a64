import type { Express } from 'express'
import type { Created } from 'sidekey'
import { keyRouter } from 'sidekey/express'
import request from 'supertest'
import { alice, mallory, root, type TestKeys, testKeys } from '../support/keys.js'
import { appWith, expectProblem, loggedIn, overExpress, routerApp } from './support.js'

overExpress('POST /:id/credits', express => {
  let keys: TestKeys
  let app: Express
  let made: Created
  let path: string
  beforeEach(async () => {
    keys = testKeys()
    app = routerApp(express, keys)
    made = await keys.create({
      name: 'k',
      owner: { id: 'alice' },
      credits: { balance: 10 },
      permissions: ['*'],
    })
    path = `/api-keys/${made.apiKey.id}/credits`
  })

  it('adds, sets and gives back, and answers what there is after it', async () => {
    const admin = await loggedIn(app, root)
    await admin.post(path).send({ add: 5, reason: 'order 1' }).expect(200, { balance: 15 })
    await admin.post(path).send({ set: 2 }).expect(200, { balance: 2 })
    for (let i = 0; i < 2; i++)
      await admin.post(path).send({ refund: 3, ref: 'r' }).expect(200, { balance: 5 })
    const { body } = await admin.get(`/api-keys/${made.apiKey.id}`).expect(200)
    expect(body.credits).toEqual({
      refill: null,
      since: made.apiKey.createdAt.toISOString(),
      balance: 5,
      refillsAt: null,
    })
    expect(body.version).toBe(1)
  })

  it('is for admins: an owner is told which field it is, a stranger nothing, a key that it may not', async () => {
    const owner = await loggedIn(app, alice)
    const answer = await owner.post(path).send({ add: 5 })
    expectProblem(answer, 403, 'FORBIDDEN')
    expect(answer.body.errors).toEqual([{ path: 'credits', message: expect.any(String) }])
    expectProblem(await (await loggedIn(app, mallory)).post(path).send({ add: 5 }), 404, 'NOT_FOUND')
    const byKey = request(app).post(path).set('authorization', `Bearer ${made.token}`)
    expectProblem(await byKey.send({ refund: 5, ref: 'r' }), 403, 'FORBIDDEN')
    expectProblem(await request(app).post(path).send({ add: 5 }), 401, 'UNAUTHENTICATED')
    expect((await keys.get(made.apiKey.id))?.credits?.balance).toBe(10)
  })

  it.each<[string, unknown, string]>([
    ['nothing', {}, ''],
    ['two of them', { add: 1, set: 1 }, ''],
    ['all of them', { add: 1, set: 1, refund: 1, ref: 'r' }, ''],
    ['half a credit', { add: 0.5 }, 'add'],
    ['text', { set: '5' }, 'set'],
    ['null', { add: null }, 'add'],
    ['a refund without a ref', { refund: 1 }, 'ref'],
    ['a ref without a refund', { add: 1, ref: 'r' }, 'ref'],
    ['an operator as a ref', { refund: 1, ref: { $gt: '' } }, 'ref'],
    ['an unknown field', { add: 1, balance: 5 }, 'balance'],
    ['a list', [1], ''],
  ])('refuses %s', async (_what, body, field) => {
    const answer = await (await loggedIn(app, root)).post(path).send(body as object)
    expectProblem(answer, 400, 'INVALID_INPUT')
    expect(answer.body.errors.map((error: { path: string }) => error.path)).toContain(field)
    expect((await keys.get(made.apiKey.id))?.credits?.balance).toBe(10)
  })

  it('asks for no version, also where changes of records must name one', async () => {
    const strict = appWith(express, on => on.use('/api-keys', keyRouter(keys, { requireIfMatch: true })))
    await (await loggedIn(strict, root)).post(path).send({ add: 1 }).expect(200, { balance: 11 })
  })

  it('is not there for a key without credits', async () => {
    const { apiKey } = await keys.create({ name: 'k', owner: { id: 'alice' } })
    const answer = await (await loggedIn(app, root)).post(`/api-keys/${apiKey.id}/credits`).send({ add: 1 })
    expectProblem(answer, 400, 'INVALID_INPUT')
    expect(answer.body.errors).toMatchObject([{ path: 'id' }])
  })

  it('takes what is said of credits in a new key and in a change of one', async () => {
    const admin = await loggedIn(app, root)
    const refill = { amount: 5, every: 'month', max: null }
    const created = await admin
      .post('/api-keys')
      .send({ name: 'k', credits: { balance: 5, refill: { amount: 5, every: 'month' } } })
      .expect(201)
    expect(created.body.apiKey.credits).toMatchObject({ balance: 5, refill })
    const id = created.body.apiKey.id
    const changed = await admin
      .patch(`/api-keys/${id}`)
      .send({ credits: { refill: null } })
      .expect(200)
    expect(changed.body.credits).toMatchObject({ balance: 5, refill: null, refillsAt: null })
    const off = await admin.patch(`/api-keys/${id}`).send({ credits: null }).expect(200)
    expect(off.body.credits).toBeNull()
  })
})
