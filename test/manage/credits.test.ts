/** What management says of credits and does to balances: by whom, with what told of it, and what is left in the end. */
import { createCredits } from '../../src/limit/credits.js'
import {
  actingBy,
  alice,
  carol,
  deputy,
  mallory,
  quiet,
  refusal,
  refusalCode,
  refusedFields,
  root,
  type TestKeys,
  testKeys,
} from '../support/keys.js'
import { overEveryStore } from '../support/stores.js'
import { wrapped } from '../support/wrapped.js'

const DAY = 86_400_000
const monthly = { amount: 100, every: 'month', max: 500 } as const

overEveryStore('credits', store => {
  let keys: TestKeys
  beforeEach(() => {
    keys = testKeys({ store: store() })
  })
  const owner = { id: 'alice' }
  const make = async (balance = 10, refill: { amount: number; every: string } | null = null) =>
    (await keys.create({ name: 'k', owner, credits: { balance, refill } })).apiKey
  const balanceOf = async (id: string) => (await keys.get(id))?.credits?.balance
  const eventsOf = async (keyId: string) =>
    (await keys.audit({ keyId, action: 'credits' })).data.map(({ actor, changes, reason, refused }) => ({
      by: actor.id,
      changes,
      reason,
      refused,
    }))

  it('come with a new key: balance, rule, and when the next refill comes', async () => {
    const { apiKey } = await keys.create({ name: 'k', owner, credits: { balance: 10, refill: monthly } })
    const { credits } = apiKey
    expect(credits).toMatchObject({ refill: monthly, balance: 10 })
    expect(credits?.since).toEqual(apiKey.createdAt)
    const refillsAt = credits?.refillsAt?.getTime() ?? 0
    expect(refillsAt % DAY).toBe(0)
    expect(refillsAt).toBeGreaterThan(apiKey.createdAt.getTime())
    expect(await keys.get(apiKey.id)).toEqual(apiKey)
    expect((await keys.list()).data).toEqual([apiKey])
    const [made] = (await keys.audit({ keyId: apiKey.id, action: 'create' })).data
    expect(made?.changes).toMatchObject({
      credits: { from: null, to: { refill: monthly } },
      balance: { from: null, to: 10 },
    })
    expect(await store().credits.unconfirmed(new Date(Date.now() + DAY), 10)).toEqual([])
  })

  it('are none unless somebody says so, or the kind does', async () => {
    expect((await keys.create({ name: 'k', owner })).apiKey.credits).toBeNull()
    const credits = { balance: 7, refill: { amount: 1, every: '6h' } }
    const withKinds = testKeys({ store: store(), kinds: { secret: { credits } } })
    const { apiKey, token } = await withKinds.as(alice).create({ name: 'k', permissions: ['*'] })
    expect(apiKey.credits).toMatchObject({ balance: 7, refill: { amount: 1, every: '6h', max: null } })
    const none = await withKinds.create({ name: 'k', owner, credits: null })
    expect(none.apiKey.credits).toBeNull()
    // A key that a key has made draws on the credits of that one.
    const byKey = await actingBy(withKinds, token)
    expect((await byKey.create({ name: 'child', permissions: ['reports:read'] })).apiKey.credits).toBeNull()
  })

  it('are added, set and given back by server code, and told in the audit with what was before', async () => {
    const { id } = await make(10)
    expect(await keys.credits.add(id, 5, { reason: 'order 1' })).toEqual({ balance: 15 })
    expect(await keys.credits.set(id, 3)).toEqual({ balance: 3 })
    expect(await keys.credits.refund(id, 2, { ref: 'r1' })).toEqual({ balance: 5 })
    expect(await keys.credits.refund(id, 2, { ref: 'r1' })).toEqual({ balance: 5 })
    expect(await balanceOf(id)).toBe(5)
    const told = { by: null, refused: null }
    expect(await eventsOf(id)).toEqual([
      {
        ...told,
        reason: null,
        changes: { ref: { from: null, to: 'r1' }, balance: { from: 3, to: 5 } },
      },
      { ...told, reason: null, changes: { balance: { from: 15, to: 3 } } },
      { ...told, reason: 'order 1', changes: { balance: { from: 10, to: 15 } } },
    ])
    expect(await store().credits.pending(new Date(Date.now() + DAY), 10)).toEqual([])
    expect((await keys.get(id))?.version).toBe(1)
  })

  it('are given back once for each ref, however many ask at once', async () => {
    const { id } = await make(0)
    await Promise.all(Array.from({ length: 24 }, (_, i) => keys.credits.refund(id, 1, { ref: `r${i % 3}` })))
    expect(await balanceOf(id)).toBe(3)
    expect(await eventsOf(id)).toHaveLength(3)
  })

  it('are told of in the end although more than 100 changes at once wait for the audit', async () => {
    const { id } = await make(0)
    await Promise.all(Array.from({ length: 110 }, () => keys.credits.add(id, 1)))
    expect(await balanceOf(id)).toBe(110)
    expect(await store().credits.pending(new Date(Date.now() + DAY), 10)).toEqual([])
  })

  it('are changed although the audit cannot be told, and told by the next change', async () => {
    const { id } = await make(0)
    let away = true
    const failing = wrapped(store(), (call, name) => (...args) => {
      if (name === 'appendEvents' && away) return Promise.reject(new Error('away'))
      return call(...args)
    })
    const others = testKeys({ store: failing, logger: quiet })
    expect(await others.credits.add(id, 1)).toEqual({ balance: 1 })
    expect(await eventsOf(id)).toEqual([])
    away = false
    await others.credits.add(id, 1)
    expect(await eventsOf(id)).toHaveLength(2)
  })

  it('are told to listeners of changes', async () => {
    const { id } = await make(0)
    const heard: unknown[] = []
    keys.on('updated', ({ apiKey, audit }) => heard.push([apiKey?.id, audit.action]))
    await keys.credits.add(id, 1)
    await keys.update(id, { credits: { refill: monthly } })
    expect(heard).toEqual([
      [id, 'credits'],
      [id, 'credits'],
    ])
  })

  it.each([root, deputy])('are changed by an admin: $id', async admin => {
    const { id } = await make(10)
    expect(await keys.as(admin).credits.add(id, 5)).toEqual({ balance: 15 })
    expect(await keys.as(admin).credits.set(id, 1)).toEqual({ balance: 1 })
    expect(await keys.as(admin).credits.refund(id, 1, { ref: 'r' })).toEqual({ balance: 2 })
    const { credits } = await keys.as(admin).update(id, { credits: { refill: monthly } })
    expect(credits).toMatchObject({ refill: monthly, balance: 2 })
    expect((await eventsOf(id)).map(({ by }) => by)).toEqual(Array.from({ length: 4 }, () => admin.id))
  })

  it('are not for owners and managers, who may see them; the audit is told', async () => {
    const { id } = await make(10)
    const shared = { type: 'organization', id: 'acme' }
    const of = { name: 'k', owner: shared, credits: { balance: 10 } }
    const { apiKey: acmes } = await keys.create(of)
    for (const [user, keyId] of [
      [alice, id],
      [carol, acmes.id],
    ] as const) {
      const { as } = keys
      const acts = [
        () => as(user).credits.add(keyId, 1),
        () => as(user).credits.set(keyId, 1),
        () => as(user).credits.refund(keyId, 1, { ref: 'r' }),
        () => as(user).update(keyId, { credits: { refill: null } }),
        () => as(user).update(keyId, { name: 'n', credits: null }),
      ]
      for (const act of acts) {
        const { code, errors } = await refusal(act())
        expect([code, errors?.map(({ path }) => path)]).toEqual(['FORBIDDEN', ['credits']])
      }
      expect((await as(user).get(keyId))?.credits?.balance).toBe(10)
      await keys.close()
      const refused = (await eventsOf(keyId)).filter(event => event.refused === 'FORBIDDEN')
      expect(refused.map(({ by }) => by)).toContain(user.id)
    }
    expect(await keys.get(id)).toMatchObject({ version: 1, name: 'k' })
  })

  it('are put into a new key by admins and server code alone', async () => {
    const credits = { balance: 1 }
    for (const given of [credits, null]) {
      const { code, errors } = await refusal(keys.as(alice).create({ name: 'k', credits: given }))
      expect([code, errors?.map(({ path }) => path)]).toEqual(['FORBIDDEN', ['credits']])
    }
    const { apiKey } = await keys.as(root).create({ name: 'k', credits })
    expect(apiKey.credits).toMatchObject({ balance: 1 })
    const forAlice = await keys.as(deputy).create({ name: 'k', owner, credits })
    expect(forAlice.apiKey.credits).toMatchObject({ balance: 1 })
  })

  it('are never changed by a key, whatever it carries', async () => {
    const { apiKey, token } = await keys.create({
      name: 'k',
      owner,
      permissions: ['*'],
      credits: { balance: 1 },
    })
    const other = await make(10)
    const byKey = await actingBy(keys, token)
    for (const id of [apiKey.id, other.id]) {
      expect(await refusalCode(byKey.credits.add(id, 1))).toBe('FORBIDDEN')
      expect(await refusalCode(byKey.credits.refund(id, 1, { ref: 'r' }))).toBe('FORBIDDEN')
      expect(await refusalCode(byKey.update(id, { credits: null }))).toBe('FORBIDDEN')
      expect(await refusalCode(byKey.update(id, { name: 'n', credits: null }))).toBe('FORBIDDEN')
    }
    const { code, errors } = await refusal(byKey.create({ name: 'c', credits: { balance: 1 } }))
    expect([code, errors?.map(({ path }) => path)]).toEqual(['FORBIDDEN', ['credits']])
    expect(await balanceOf(other.id)).toBe(10)
  })

  it('are hidden from strangers', async () => {
    const { id } = await make(10)
    expect(await refusalCode(keys.as(mallory).credits.add(id, 1))).toBe('NOT_FOUND')
    await keys.delete(id)
    expect(await refusalCode(keys.credits.add(id, 1))).toBe('NOT_FOUND')
    expect(await refusalCode(keys.credits.add('0000000000000000', 1))).toBe('NOT_FOUND')
  })

  it('change nothing about a rule that is set again, and count from anew where it is another', async () => {
    const { id, credits } = await make(10, { amount: 5, every: '6h' })
    const again = await keys.update(id, { credits: { refill: { amount: 5, every: '6h' } } })
    expect(again.credits?.since).toEqual(credits?.since)
    const other = await keys.update(id, { credits: { refill: { amount: 6, every: '6h' } } })
    expect(other.credits?.since.getTime()).toBeGreaterThan(credits?.since.getTime() ?? 0)
    expect(other.credits).toMatchObject({ balance: 10, refill: { amount: 6 } })
    const [event] = await eventsOf(id)
    expect(event?.changes).toMatchObject({ credits: { to: { refill: { amount: 6 } } } })
  })

  it('are switched off and on again, with the balance that there was; nothing comes back meanwhile', async () => {
    const { id } = await make(10, { amount: 5, every: '1m' })
    expect((await keys.update(id, { credits: null })).credits).toBeNull()
    expect(await refusedFields(keys.credits.add(id, 1))).toEqual(['id'])
    const [account] = await store().credits.of([id])
    expect(account?.refill).toBeNull()
    const on = await keys.update(id, { credits: { refill: null } })
    expect(on.credits).toMatchObject({ balance: 10, refill: null, refillsAt: null })
  })

  it('are switched on for a key that had none, with an empty balance', async () => {
    const { apiKey } = await keys.create({ name: 'k', owner })
    expect(await refusedFields(keys.credits.add(apiKey.id, 1))).toEqual(['id'])
    const on = await keys.update(apiKey.id, { credits: { refill: monthly } })
    expect(on.credits).toMatchObject({ balance: 0, refill: monthly })
    expect(await keys.credits.add(apiKey.id, 5)).toEqual({ balance: 5 })
    expect(await store().credits.unconfirmed(new Date(Date.now() + DAY), 10)).toEqual([])
  })

  it('go with their key when it is purged, once the audit knows all of them', async () => {
    const { id } = await make(10)
    const event = { id: '0VbvmdHo9P49d4yC', keyId: id }
    const rule = { refill: null, since: new Date(0) }
    const [made] = await store().events({ keyId: id, limit: 1 })
    if (made === undefined) throw new Error('it was made')
    await store().credits.change(id, { add: 1 }, rule, { ...made, ...event, action: 'credits' })
    await keys.purge(id)
    expect(await store().credits.of([id])).toEqual([])
    expect(await store().find(id)).toBeNull()
    expect(await eventsOf(id)).toHaveLength(1)
  })

  it.each<[string, unknown, string[]]>([
    ['no balance', {}, ['credits.balance']],
    ['a negative balance', { balance: -1 }, ['credits.balance']],
    ['half a credit', { balance: 0.5 }, ['credits.balance']],
    ['more than can be told', { balance: 1e12 + 1 }, ['credits.balance']],
    ['a balance as text', { balance: '5' }, ['credits.balance']],
    ['a number', 5, ['credits']],
    ['an unknown field', { balance: 1, max: 5 }, ['credits.max']],
    ['a refill without a period', { balance: 1, refill: { amount: 1 } }, ['credits.refill.every']],
    ['an unknown period', { balance: 1, refill: { amount: 1, every: 'week' } }, ['credits.refill.every']],
    ['a period in ms', { balance: 1, refill: { amount: 1, every: 60_000 } }, ['credits.refill.every']],
    ['too short a period', { balance: 1, refill: { amount: 1, every: '59s' } }, ['credits.refill.every']],
    ['a negative refill', { balance: 1, refill: { amount: -1, every: 'day' } }, ['credits.refill.amount']],
    [
      'a bound that is none',
      { balance: 1, refill: { amount: 1, every: 'day', max: 0.5 } },
      ['credits.refill.max'],
    ],
  ])('are refused in a new key: %s', async (_what, credits, fields) => {
    const input = { name: 'k', owner, credits: credits as { balance: number } } // what no type would let by
    expect(await refusedFields(keys.create(input))).toEqual(fields)
  })

  it('are refused in a change of a key where they have a balance', async () => {
    const { id } = await make(10)
    const patch = { credits: { refill: null, balance: 5 } as never } // what no type would let by
    expect(await refusedFields(keys.update(id, patch))).toEqual(['credits.balance'])
  })

  it('take whole numbers, and a ref', async () => {
    const { id } = await make(10)
    const { credits } = keys
    for (const n of [0, -1, 0.5, Number.NaN, 1e12 + 1, '1', null, undefined] as number[]) {
      expect(await refusedFields(credits.add(id, n))).not.toEqual([])
      expect(await refusedFields(credits.refund(id, n, { ref: 'r' }))).not.toEqual([])
    }
    expect(await refusedFields(credits.add(id, -1))).toEqual(['add'])
    expect(await refusedFields(credits.set(id, -1))).toEqual(['set'])
    expect(await credits.set(id, 0)).toEqual({ balance: 0 })
    const bad = { ref: '' }
    expect(await refusedFields(credits.refund(id, 1, bad))).toEqual(['ref'])
    expect(await refusedFields(credits.refund(id, 1, {} as never))).toEqual(['ref']) // what no type would let by
    expect(await refusedFields(credits.add(id, 1, { ref: 'r' } as never))).toEqual(['ref'])
    expect(await refusedFields(credits.add(id, 1, { set: 4 } as never))).toEqual([''])
    expect(await refusedFields(credits.add({ $gt: '' } as never, 1))).toEqual(['id'])
  })

  it('are spent by the record that a verification has', async () => {
    const apiKey = await make(10)
    const { spend } = createCredits(store())
    expect(await spend(apiKey, 4, Date.now())).toEqual({ ok: true, balance: 6 })
    expect(await spend(apiKey, 7, Date.now())).toEqual({ ok: false, balance: 6 })
    expect(await balanceOf(apiKey.id)).toBe(6)
  })
})
