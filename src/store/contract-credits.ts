/** What every store promises of the balances of keys. */
import assert from 'node:assert/strict'
import type { CreditRule, Refill } from '../key/refill.js'
import { newKeyId } from '../key/token.js'
import { anEvent, plain } from './contract-data.js'
import type { DeclarePromise } from './contract-suite.js'
import type { CreditStore } from './credit-store.js'

export function creditPromises(promise: DeclarePromise): void {
  takingPromises(promise)
  refillPromises(promise)
  changePromises(promise)
  accountPromises(promise)
}

function takingPromises(promise: DeclarePromise): void {
  promise(
    'takes credits while there are as many, and never leaves less than nothing',
    async ({ credits }) => {
      const id = await opened(credits, 10)
      assert.deepEqual(await credits.take(id, 4, NEVER), { ok: true, balance: 6, refillsAt: null })
      assert.deepEqual(await credits.take(id, 7, NEVER), { ok: false, balance: 6, refillsAt: null })
      assert.deepEqual(await credits.take(id, 6, NEVER), { ok: true, balance: 0, refillsAt: null })
      assert.deepEqual(await credits.take(id, 1, NEVER), { ok: false, balance: 0, refillsAt: null })
      assert.deepEqual(await credits.take(id, 0, NEVER), { ok: true, balance: 0, refillsAt: null })
    },
  )

  promise('gives out exactly what there is, to however many ask at once', async ({ credits }) => {
    const id = await opened(credits, 50)
    const taken = await Promise.all(Array.from({ length: 80 }, () => credits.take(id, 1, NEVER)))
    assert.equal(taken.filter(one => one?.ok).length, 50)
    assert.equal(await balanceOf(credits, id), 0)
  })

  promise('takes nothing where there is no account, and makes none', async ({ credits }) => {
    await opened(credits, 1)
    const id = newKeyId(1)
    assert.equal(await credits.take(id, 0, NEVER), null)
    assert.equal(await credits.change(id, { add: 1 }, NEVER, anEvent()), null)
    assert.deepEqual(await credits.of([id]), [])
  })
}

function refillPromises(promise: DeclarePromise): void {
  promise(
    'adds all refills that were due until a rule was made, and then those of that rule',
    async store => {
      const every = (period: string): Refill => ({ amount: 10, every: period, max: null })
      for (const [period, since, until, times] of DUE) {
        const first = { refill: every(period), since: new Date(since) }
        const id = await opened(store.credits, 3, first)
        const next = { refill: null, since: new Date(until) }
        const { balance } = (await store.credits.take(id, 0, next)) ?? {}
        assert.equal(balance, 3 + 10 * times, `${period} from ${since} until ${until}`)
      }
    },
  )

  promise('refills by the clock of the database, within the operation that takes', async ({ credits }) => {
    const since = new Date(Date.now() - 2.5 * HOUR)
    const rule = { refill: { amount: 10, every: '1h', max: null }, since }
    const id = await opened(credits, 0, rule)
    const refillsAt = new Date(since.getTime() + 3 * HOUR)
    assert.deepEqual(await credits.take(id, 15, rule), { ok: true, balance: 5, refillsAt })
    assert.deepEqual(await credits.take(id, 15, rule), { ok: false, balance: 5, refillsAt })
  })

  promise('refills up to the bound, and takes nothing away that is above it', async ({ credits }) => {
    const rule = { refill: { amount: 10, every: '1h', max: 15 }, since: new Date(Date.now() - 9.5 * HOUR) }
    assert.equal((await credits.take(await opened(credits, 3, rule), 0, rule))?.balance, 15)
    assert.equal((await credits.take(await opened(credits, 40, rule), 0, rule))?.balance, 40)
  })

  promise('goes by the later of two rules, whichever is asked with', async ({ credits }) => {
    const [now, start] = [Date.now(), Date.now() - 10.5 * HOUR]
    const old = { refill: { amount: 1, every: '1h', max: null }, since: new Date(start) }
    const late = { refill: { amount: 100, every: '1h', max: null }, since: new Date(now - 2.25 * HOUR) }
    const id = await opened(credits, 0, old)
    const refillsAt = new Date(now + 0.75 * HOUR)
    assert.deepEqual(await credits.take(id, 0, late), { ok: true, balance: 208, refillsAt })
    assert.deepEqual(await credits.take(id, 0, old), { ok: true, balance: 208, refillsAt })
  })
}

function changePromises(promise: DeclarePromise): void {
  promise('adds, sets and refunds, and keeps what the audit is told of it', async ({ credits }) => {
    const id = await opened(credits, 5)
    const event = (reason: string) => ({ ...anEvent({ keyId: id, action: 'credits', reason }), id: reason })
    const changes = [
      [{ add: 7 }, 5, 12],
      [{ set: 3 }, 12, 3],
      [{ refund: 2, ref: 'r' }, 3, 5],
    ] as const
    for (const [change, , balance] of changes) {
      const account = await credits.change(id, change, NEVER, event(JSON.stringify(change)))
      assert.equal(account?.balance, balance)
    }
    const [account] = await credits.of([id])
    const told = changes.map(([change, from, to]) => ({
      ...event(JSON.stringify(change)),
      changes: { balance: { from, to } },
    }))
    assert.deepEqual(plain(account?.outbox), plain(told))
  })

  promise('loses no change of many at once', async ({ credits }) => {
    const id = await opened(credits, 100)
    const add = () => credits.change(id, { add: 2 }, NEVER, anEvent({ keyId: id }))
    const take = () => credits.take(id, 3, NEVER)
    await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? add() : take())))
    assert.equal(await balanceOf(credits, id), 90)
  })

  promise('refunds once for each ref, to however many ask at once', async ({ credits }) => {
    const id = await opened(credits, 0)
    const refund = (ref: string) => credits.change(id, { refund: 5, ref }, NEVER, anEvent({ keyId: id }))
    await Promise.all(['a', 'a', 'a', 'b', 'b', 'a', '$a', 'b'].map(refund))
    assert.equal(await balanceOf(credits, id), 15)
    assert.equal((await credits.of([id]))[0]?.outbox.length, 3)
    assert.equal((await refund('a'))?.balance, 15)
  })

  promise('fills no balance beyond what numbers can tell', async ({ credits }) => {
    const id = await opened(credits, 1e12)
    for (let i = 0; i < 2; i++) {
      const account = await credits.change(id, { add: 1e15 }, NEVER, anEvent({ keyId: id }))
      assert.equal(account?.balance, 1e15)
    }
  })

  promise('changes nothing while 100 events wait for the audit', async ({ credits }) => {
    const id = await opened(credits, 0)
    const add = () => credits.change(id, { add: 1 }, NEVER, anEvent({ keyId: id }))
    for (let i = 0; i < 100; i++) await add()
    const full = await add()
    assert.equal(full?.balance, 100)
    assert.equal(full?.outbox.length, 100)
    const eventIds = full?.outbox.slice(0, 99).map(event => event.id) ?? []
    await credits.clear([{ keyId: id, eventIds }])
    assert.equal((await add())?.outbox.length, 2)
  })
}

function accountPromises(promise: DeclarePromise): void {
  promise('opens one account a key, and tells those that nobody has confirmed', async ({ credits }) => {
    const id = newKeyId(1)
    const open = (balance: number) => credits.open(id, balance, NEVER, new Date(1000))
    const opened = await Promise.all([open(1), open(1), open(1)])
    assert.equal(opened.filter(Boolean).length, 1)
    assert.equal(await open(9), false)
    assert.equal(await balanceOf(credits, id), 1)
    assert.deepEqual(await credits.unconfirmed(new Date(1000), 10), [])
    assert.deepEqual(await credits.unconfirmed(new Date(1001), 10), [id])
    await credits.confirm(id)
    assert.deepEqual(await credits.unconfirmed(new Date(1001), 10), [])
    assert.equal(await balanceOf(credits, id), 1)
  })

  promise(
    'tells the accounts with an event from before a time, and takes out those that are named',
    async store => {
      const { credits } = store
      const [young, old] = [await opened(credits, 0), await opened(credits, 0)]
      await credits.change(young, { add: 1 }, NEVER, anEvent({ keyId: young }, 5000))
      const events = [anEvent({ keyId: old }, 999), anEvent({ keyId: old }, 5000)]
      for (const event of events) await credits.change(old, { add: 1 }, NEVER, event)
      const pending = async (before: number) =>
        (await credits.pending(new Date(before), 10)).map(({ keyId }) => keyId)
      assert.deepEqual(await pending(1000), [old])
      assert.deepEqual((await pending(5001)).sort(), [young, old].sort())
      assert.equal((await credits.pending(new Date(5001), 1)).length, 1)
      await credits.clear([{ keyId: old, eventIds: [events[0]?.id ?? '', newKeyId(1)] }])
      assert.deepEqual(await pending(1000), [])
      assert.deepEqual(
        (await credits.of([old]))[0]?.outbox.map(({ id }) => id),
        [events[1]?.id],
      )
      await credits.clear([])
    },
  )

  promise('removes an account once the audit knows all of it', async ({ credits }) => {
    const id = await opened(credits, 0)
    const event = anEvent({ keyId: id })
    await credits.change(id, { add: 1 }, NEVER, event)
    assert.equal(await credits.remove(id), false)
    await credits.clear([{ keyId: id, eventIds: [event.id] }])
    assert.equal(await credits.remove(id), true)
    assert.deepEqual(await credits.of([id]), [])
    assert.equal(await credits.remove(id), true)
  })

  promise('reads the accounts of many keys, as far as there are any', async ({ credits }) => {
    const [a, b] = [await opened(credits, 1), await opened(credits, 2)]
    const found = await credits.of([b, newKeyId(1), a])
    assert.deepEqual(
      found.map(({ keyId, balance }) => `${keyId} ${balance}`).sort(),
      [`${a} 1`, `${b} 2`].sort(),
    )
    assert.deepEqual(await credits.of([]), [])
  })
}

const HOUR = 3_600_000
const NEVER: CreditRule = { refill: null, since: new Date('2026-01-01T00:00:00Z') }

/** A period, from when and until when, and how often it comes in between. */
const DUE: readonly (readonly [string, string, string, number])[] = [
  ['day', '2024-02-28T23:59:59.999Z', '2024-02-29T00:00:00.000Z', 1],
  ['day', '2024-02-28T00:00:00.000Z', '2024-02-28T23:59:59.999Z', 0],
  ['day', '2023-12-31T12:00:00.000Z', '2025-01-01T00:00:00.000Z', 367],
  ['month', '2026-01-31T15:00:00.000Z', '2026-02-27T23:59:59.999Z', 0],
  ['month', '2026-01-31T15:00:00.000Z', '2026-02-28T00:00:00.000Z', 1],
  ['month', '2026-01-31T15:00:00.000Z', '2026-03-30T23:59:59.999Z', 1],
  ['month', '2026-01-31T15:00:00.000Z', '2026-03-31T00:00:00.000Z', 2],
  ['month', '2024-01-31T15:00:00.000Z', '2024-02-28T23:59:59.999Z', 0],
  ['month', '2024-01-31T15:00:00.000Z', '2024-02-29T00:00:00.000Z', 1],
  ['month', '2024-02-29T00:00:00.000Z', '2025-02-28T00:00:00.000Z', 12],
  ['month', '2024-12-01T00:00:00.000Z', '2025-01-01T00:00:00.000Z', 1],
  ['90m', '2026-01-31T15:00:00.000Z', '2026-01-31T16:29:59.999Z', 0],
  ['90m', '2026-01-31T15:00:00.000Z', '2026-01-31T16:30:00.000Z', 1],
  ['90m', '2026-01-31T15:00:00.000Z', '2026-02-01T15:00:00.000Z', 16],
]

/** The id of a key with this balance. */
async function opened(credits: CreditStore, balance: number, rule: CreditRule = NEVER): Promise<string> {
  const id = newKeyId(1)
  assert.equal(await credits.open(id, balance, rule, new Date(1)), true)
  await credits.confirm(id)
  return id
}

async function balanceOf(credits: CreditStore, id: string): Promise<number | undefined> {
  return (await credits.of([id]))[0]?.balance
}
