/** What verifications cost, in credits: taken last of all, once a request, by one command. */

import express from 'express'
import { requireKey } from 'sidekey/express'
import { mongooseStore } from 'sidekey/mongoose'
import request from 'supertest'
import { actingBy, type TestKeys, testKeys } from '../support/keys.js'
import { openDatabase } from '../support/mongo/database.js'
import { overEveryStore } from '../support/stores.js'
import { makingWith } from './support.js'

it('is one command each, and no other', async () => {
  const database = await openDatabase({ monitorCommands: true })
  const keys = testKeys({ store: mongooseStore(database.connection) })
  const { token } = await keys.create({ name: 'k', owner: { id: 'alice' }, credits: { balance: 100 } })
  await keys.verify(token)
  const commands: string[] = []
  const note = ({ command }: { readonly command: Record<string, unknown> }) => {
    const [name = ''] = Object.keys(command)
    // What goes on beside, whoever verifies; and indexes, which each process makes once, when it comes to it.
    if (name === 'createIndexes' || /^sidekey_(leases|changes)$/.test(String(command[name]))) return
    commands.push(`${name} ${command[name]}`)
  }
  database.connection.getClient().on('commandStarted', note)
  for (let i = 0; i < 20; i++) await keys.verify(token)
  database.connection.getClient().off('commandStarted', note)
  // Without a lease, as at first, records are read.
  const ofCredits = commands.filter(command => command !== 'find sidekey_keys')
  expect(ofCredits).toEqual(Array(20).fill('findAndModify sidekey_credits'))
  await keys.close()
  await database.drop()
})

overEveryStore('Paying', store => {
  let keys: TestKeys
  beforeEach(() => {
    keys = testKeys({ store: store() })
  })
  const make = makingWith(() => keys)
  const balanceOf = async (id: string) => (await keys.get(id))?.credits?.balance

  it('takes one credit a verification, or what it costs, until there is none', async () => {
    const { token, apiKey } = await make({ credits: { balance: 6 } })
    expect(await keys.verify(token)).toMatchObject({ ok: true, credits: { balance: 5 } })
    expect(await keys.verify(token, { cost: 3 })).toMatchObject({ ok: true, credits: { balance: 2 } })
    expect(await keys.verify(token, { cost: 3 })).toMatchObject({
      ok: false,
      code: 'CREDITS_EXHAUSTED',
      status: 429,
    })
    expect(await keys.verify(token, { cost: 0 })).toMatchObject({ ok: true, credits: { balance: 2 } })
    expect(await balanceOf(apiKey.id)).toBe(2)
    await keys.credits.add(apiKey.id, 1)
    expect(await keys.verify(token, { cost: 3 })).toMatchObject({ ok: true, credits: { balance: 0 } })
  })

  it('lets in as many at once as there are credits', async () => {
    const { token } = await make({ credits: { balance: 7 } })
    const all = await Promise.all(Array.from({ length: 20 }, () => keys.verify(token)))
    expect(all.filter(({ ok }) => ok)).toHaveLength(7)
  })

  it('costs nothing that is refused for anything else, and draws on no limit without credits', async () => {
    const { token, apiKey } = await make({
      credits: { balance: 1 },
      limits: { requests: { points: 3, per: '24d' } },
    })
    expect(await keys.verify(token, { permissions: 'exports:run' })).toMatchObject({ ok: false })
    expect(await keys.verify(token, { cost: 4 })).toMatchObject({ code: 'RATE_LIMITED' })
    expect(await balanceOf(apiKey.id)).toBe(1)
    expect(await keys.verify(token, { cost: 2 })).toMatchObject({ code: 'CREDITS_EXHAUSTED' })
    expect(await keys.verify(token)).toMatchObject({ ok: true, limits: { requests: { remaining: 2 } } })
  })

  it('is paid by the key that made it', async () => {
    const parent = await make({ permissions: ['reports:*', 'api-keys:*'], credits: { balance: 3 } })
    const by = await actingBy(keys, parent.token)
    const child = await by.create({ name: 'c', permissions: ['reports:read'] })
    expect(await keys.verify(child.token)).toMatchObject({ ok: true, credits: { balance: 1 } })
    expect(await keys.verify(parent.token)).toMatchObject({ ok: true, credits: { balance: 0 } })
    expect(await keys.verify(child.token)).toMatchObject({ ok: false, code: 'CREDITS_EXHAUSTED' })
  })

  it('counts what came of it as use', async () => {
    const { token, apiKey } = await make({
      credits: { balance: 2 },
      limits: { requests: { points: 4, per: '24d' } },
    })
    for (const asked of [{}, {}, {}, { cost: 5 }, { permissions: 'exports:run' as const }])
      await keys.verify(token, asked)
    const { data } = await keys.usage({ keyId: apiKey.id, by: 'day' })
    expect(data.at(-1)?.outcomes).toEqual({
      accepted: 2,
      CREDITS_EXHAUSTED: 1,
      RATE_LIMITED: 1,
      INSUFFICIENT_PERMISSIONS: 1,
    })
  })

  it('is paid once a request on a route, by the dearest who asks, and counted once', async () => {
    const { token, apiKey } = await make({ credits: { balance: 10 } })
    const app = express()
    app.use(requireKey(keys))
    app.get('/dear', requireKey(keys, 'reports:read', { cost: 4 }), requireKey(keys), (_request, response) =>
      response.json({ ok: true }),
    )
    const get = () => request(app).get('/dear').set('x-api-key', token)
    expect((await get()).status).toBe(200)
    expect(await balanceOf(apiKey.id)).toBe(6)
    expect((await get()).status).toBe(200)
    const refused = await get()
    expect([refused.status, refused.body.code]).toEqual([429, 'CREDITS_EXHAUSTED'])
    const { data } = await keys.usage({ keyId: apiKey.id, by: 'day' })
    expect(data.at(-1)?.total).toBe(3)
  })
})
