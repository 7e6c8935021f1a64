import { type ApiKey, memoryStore, type Owner, type Store, type UsagePeriod, type UsageQuery } from 'sidekey'
import { toConfig } from '../../src/config.js'
import { SERVER } from '../../src/manage/actor.js'
import type { Deps } from '../../src/manage/deps.js'
import { readUsage } from '../../src/manage/usage.js'
import { BY_TIMERS } from '../../src/schedule.js'
import { aKey } from '../../src/store/contract-data.js'
import { HOUR_MS, hourOf } from '../../src/usage/hours.js'
import { createRecorder } from '../../src/usage/recorder.js'
import {
  actingBy,
  alice,
  bob,
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

const NOW = Date.now()
const HOUR = hourOf(NOW)
const hoursAgo = (hours: number) => new Date((HOUR - hours) * HOUR_MS)
const acme: Owner = { type: 'organization', id: 'acme' }

/** Puts into the store what the use of a key would. */
async function use(
  store: Store,
  { id, owner, organizationId }: ApiKey,
  counts: Record<string, number>,
  hour = HOUR,
): Promise<void> {
  const expireAt = new Date(NOW + 90 * 24 * HOUR_MS)
  await store.addUsage([{ keyId: id, owner, organizationId, hour, counts, expireAt }])
}

const totalOf = (data: readonly UsagePeriod[]) => data.reduce((sum, { total }) => sum + total, 0)

overEveryStore('usage', store => {
  let keys: TestKeys
  beforeEach(() => {
    keys = testKeys({ store: store() })
  })
  afterEach(() => keys.close())

  it('is told by hour and outcome, with zeros where nothing was', async () => {
    const { apiKey } = await keys.as(alice).create({ name: 'CI' })
    await use(store(), apiKey, { accepted: 3, KEY_EXPIRED: 1 }, HOUR - 2)
    await use(store(), apiKey, { accepted: 4 })
    const asked = { keyId: apiKey.id, by: 'hour', from: hoursAgo(3), to: hoursAgo(-1) } as const
    const { data } = await keys.as(alice).usage(asked)
    expect(data).toEqual([
      { from: hoursAgo(3), to: hoursAgo(2), total: 0, outcomes: {} },
      { from: hoursAgo(2), to: hoursAgo(1), total: 4, outcomes: { accepted: 3, KEY_EXPIRED: 1 } },
      { from: hoursAgo(1), to: hoursAgo(0), total: 0, outcomes: {} },
      { from: hoursAgo(0), to: hoursAgo(-1), total: 4, outcomes: { accepted: 4 } },
    ])
    expect(Object.isFrozen(data[1]?.outcomes)).toBe(true)
    expect(() => data[0]?.from.setTime(0)).toThrow()
  })

  it('is summed up by days and months of a time zone', async () => {
    const { apiKey } = await keys.create({ name: 'CI', owner: { id: 'alice' } })
    // The clocks of Berlin go forward on 29 March 2026: of 25 hours from its midnight on the last two are the next day.
    const midnight = Date.UTC(2026, 2, 28, 23) / HOUR_MS
    for (let i = -1; i < 25; i++) await use(store(), apiKey, { accepted: 1 }, midnight + i)
    const totals = async (query: UsageQuery) =>
      (
        await keys.usage({ timeZone: 'Europe/Berlin', from: '2026-03-28', to: '2026-04-02', ...query })
      ).data.map(({ from, total }) => `${from.toISOString().slice(0, 13)} ${total}`)
    expect(await totals({ by: 'day' })).toEqual([
      '2026-03-27T23 1',
      '2026-03-28T23 23',
      '2026-03-29T22 2',
      '2026-03-30T22 0',
      '2026-03-31T22 0',
    ])
    expect(await totals({ by: 'month' })).toEqual(['2026-03-27T23 26', '2026-03-31T22 0'])
    expect(await totals({ by: 'day', timeZone: 'UTC', to: '2026-03-30' })).toEqual([
      '2026-03-28T00 2',
      '2026-03-29T00 24',
    ])
    // A time is a time wherever it is asked for.
    expect(await totals({ from: '2026-03-29T01:30:00Z', to: '2026-03-29T02:30:00+00:00' })).toEqual([
      '2026-03-29T01 2',
    ])
  })

  it('is asked for the last thirty days, by day, unless told otherwise', async () => {
    const { apiKey } = await keys.as(alice).create({ name: 'CI' })
    await use(store(), apiKey, { accepted: 5 })
    const { data } = await keys.as(alice).usage()
    expect(totalOf(data)).toBe(5)
    const [from = 0, to = 0] = [data[0]?.from.getTime(), data.at(-1)?.to.getTime()]
    expect(to).toBeGreaterThanOrEqual(hoursAgo(-1).getTime())
    expect(to - from).toBe(30 * 24 * HOUR_MS)
  })

  it('is that of one’s own keys, an organisation’s for who manages it, everyone’s for an admin', async () => {
    const own = await keys.as(alice).create({ name: 'own' })
    const inAcme = await keys.as(alice).create({ name: 'in acme', organizationId: 'acme' })
    const acmes = await keys.as(carol).create({ name: 'acme’s', owner: acme })
    const bobs = await keys.as(bob).create({ name: 'bob’s' })
    const [a, b, c, d] = [own, inAcme, acmes, bobs].map(({ apiKey }) => apiKey)
    if (!a || !b || !c || !d) throw new Error('four were made')
    for (const [i, apiKey] of [a, b, c, d].entries()) await use(store(), apiKey, { accepted: 10 ** i })
    const total = async (face: Pick<TestKeys, 'usage'>, query: UsageQuery = {}) =>
      totalOf((await face.usage({ from: hoursAgo(3), ...query })).data)

    expect(await total(keys.as(alice))).toBe(11)
    expect(await total(keys.as(alice), { organizationId: 'acme' })).toBe(10) // a member: not the organisation's
    expect(await total(keys.as(alice), { keyId: b.id })).toBe(10)
    expect(await total(keys.as(carol), { organizationId: 'acme' })).toBe(110)
    expect(await total(keys.as(carol), { owner: acme })).toBe(100)
    expect(await total(keys.as(carol), { organizationId: 'acme', owner: { id: 'alice' } })).toBe(10)
    expect(await total(keys.as(carol), { keyId: b.id })).toBe(10)
    expect(await total(keys.as(carol))).toBe(0)
    expect(await total(keys.as(mallory))).toBe(0)
    expect(await total(keys.as(root))).toBe(0)
    expect(await total(keys.as(root), { all: true })).toBe(1111)
    expect(await total(keys.as(deputy), { owner: { id: 'bob' } })).toBe(1000)
    expect(await total(keys)).toBe(1111)
    expect(await total(keys, { keyId: b.id, owner: { id: 'bob' } })).toBe(0)

    for (const query of [
      { all: true },
      { owner: { id: 'bob' } },
      { owner: acme },
      { organizationId: 'acme' },
    ]) {
      expect(await refusalCode(keys.as(mallory).usage(query))).toBe('FORBIDDEN')
    }
    expect(await refusalCode(keys.as(alice).usage({ owner: { id: 'bob' } }))).toBe('FORBIDDEN')
    for (const user of [bob, mallory, carol]) {
      expect(await refusalCode(keys.as(user).usage({ keyId: a.id }))).toBe('NOT_FOUND')
      expect(await refusalCode(keys.as(user).usage({ keyId: '0'.repeat(16) }))).toBe('NOT_FOUND')
    }
    expect(await total(keys.as(root), { keyId: '0'.repeat(16) })).toBe(0)
    const { data } = await keys.as(alice).audit({ refused: true })
    expect(data).toContainEqual(
      expect.objectContaining({ action: 'audit', refused: 'NOT_FOUND', keyId: a.id }),
    )
  })

  it('is shown to a key only of keys that it manages', async () => {
    const parent = await keys
      .as(alice)
      .create({ name: 'p', permissions: ['api-keys:read', 'api-keys:create'] })
    const byKey = await actingBy(keys, parent.token)
    const child = await byKey.create({ name: 'child' })
    const strong = await keys.as(alice).create({ name: 'strong', permissions: ['*'] })
    const made = [parent, child, strong].map(({ apiKey }) => apiKey)
    for (const [i, apiKey] of made.entries()) await use(store(), apiKey, { accepted: 10 ** i })
    // With its own request.
    expect(totalOf((await byKey.usage()).data)).toBe(12)
    expect(totalOf((await byKey.usage({ keyId: child.apiKey.id })).data)).toBe(10)
    expect(await refusalCode(byKey.usage({ keyId: strong.apiKey.id }))).toBe('NOT_FOUND')
    expect(await refusalCode(byKey.usage({ all: true }))).toBe('FORBIDDEN')
    const weak = await keys.as(alice).create({ name: 'weak' })
    expect(await refusalCode((await actingBy(keys, weak.token)).usage())).toBe('FORBIDDEN')
  })

  it('is shown as the app’s authorize has it', async () => {
    const own = testKeys({
      store: { ...store(), close: async () => {} },
      authorize: (_actor, action, apiKey) =>
        action === 'audit' && apiKey.name === 'secret' ? 'deny' : undefined,
    })
    const [open, secret] = [
      await own.as(alice).create({ name: 'open' }),
      await own.as(alice).create({ name: 'secret' }),
    ]
    await use(store(), open.apiKey, { accepted: 1 })
    await use(store(), secret.apiKey, { accepted: 10 })
    expect(totalOf((await own.as(alice).usage()).data)).toBe(1)
    expect(totalOf((await own.as(root).usage({ all: true })).data)).toBe(1)
    expect(await refusalCode(own.as(alice).usage({ keyId: secret.apiKey.id }))).toBe('FORBIDDEN')
    expect(totalOf((await own.usage()).data)).toBe(11)
    await own.close()
  })

  it('is whose the key was; of the key itself it is all, for whoever has it now', async () => {
    const { apiKey } = await keys.as(alice).create({ name: 'CI' })
    await use(store(), apiKey, { accepted: 1 })
    const given = await keys.transfer(apiKey.id, { id: 'bob' })
    await use(store(), given, { accepted: 10 })
    expect(totalOf((await keys.as(alice).usage()).data)).toBe(1)
    expect(totalOf((await keys.as(bob).usage()).data)).toBe(10)
    expect(totalOf((await keys.as(bob).usage({ keyId: apiKey.id })).data)).toBe(11)
    expect(await refusalCode(keys.as(alice).usage({ keyId: apiKey.id }))).toBe('NOT_FOUND')
  })

  it('stays with a key that is revoked or deleted, and goes with one that is purged', async () => {
    const [gone, kept] = [
      await keys.as(alice).create({ name: 'gone' }),
      await keys.as(alice).create({ name: 'kept' }),
    ]
    await use(store(), gone.apiKey, { accepted: 1 })
    await use(store(), kept.apiKey, { accepted: 10 })
    await keys.revoke(gone.apiKey.id)
    await keys.delete(gone.apiKey.id)
    expect(totalOf((await keys.as(alice).usage()).data)).toBe(11)
    await keys.purge(gone.apiKey.id)
    expect(totalOf((await keys.as(alice).usage()).data)).toBe(10)
    await use(store(), gone.apiKey, { accepted: 1 }) // what another process has counted before, and writes now
    const everything = { from: 0, to: HOUR + 1 }
    expect(await store().usedKeys(everything, 10)).toEqual([kept.apiKey.id])
  })

  it('names what is wrong with a question', async () => {
    const fields = (query: object) => refusedFields(keys.usage(query))
    expect(await fields({ by: 'week' })).toEqual(['by'])
    expect(await fields({ timeZone: 'Europe/Atlantis' })).toEqual(['timeZone'])
    expect(await fields({ timeZone: 1 })).toEqual(['timeZone'])
    expect(await fields({ from: 'yesterday', to: 17 })).toEqual(['from', 'to'])
    expect(await fields({ from: new Date(Number.NaN) })).toEqual(['from'])
    expect(await fields({ from: '2026-02-30' })).toEqual(['from'])
    expect(await fields({ from: '2026-11-02', to: '2026-11-01' })).toEqual(['from'])
    expect(await fields({ from: '2026-11-02', to: '2026-11-02' })).toEqual(['from'])
    expect(await fields({ to: new Date(8.64e15) })).toEqual(['to'])
    expect(await fields({ from: '1969-12-31' })).toEqual(['from'])
    expect(await fields({ keyId: { $gt: '' }, owner: 'alice', week: 1 })).toEqual(['keyId', 'owner', 'week'])
    const to = hoursAgo(0)
    expect(await fields({ by: 'hour', from: hoursAgo(1001), to })).toEqual(['from'])
    expect((await keys.usage({ by: 'hour', from: hoursAgo(1000), to })).data).toHaveLength(1_000)
    expect(await fields({ by: 'day', from: '2020-01-01' })).toEqual(['from'])
    expect(await fields({ by: 'month', from: '1970-01-01', to: '9999-01-01' })).toEqual(['from'])
    expect((await refusal(keys.usage({ by: 'hour', from: hoursAgo(1001), to }))).message).toContain(
      '1000 periods',
    )
  })
})

it('asks authorize about 10,000 keys at most, and names what would make them fewer', async () => {
  const many = Array.from({ length: 10_001 }, (_, i) => String(i).padStart(16, '0'))
  const store = memoryStore()
  const keys = testKeys({
    store: { ...store, usedKeys: async (_filter, limit) => many.slice(0, limit) },
    authorize: () => undefined,
  })
  expect(await refusedFields(keys.as(root).usage({ all: true }))).toEqual(['from'])
  many.pop()
  expect(totalOf((await keys.as(root).usage({ all: true })).data)).toBe(0)
  expect(totalOf((await keys.usage()).data)).toBe(0) // the app's own code is not asked
})

it('is forgotten by the memory store when its time is over', async () => {
  const store = memoryStore()
  const key = aKey()
  await store.insert(key)
  const bucket = {
    keyId: key.id,
    owner: key.owner,
    organizationId: null,
    hour: HOUR,
    counts: { accepted: 1 },
  }
  await store.addUsage([{ ...bucket, expireAt: new Date(NOW - 1) }])
  expect(await store.usage({ from: 0, to: HOUR + 1 })).toEqual([])
})

describe('what is counted in this process', () => {
  /** Counts as a verification does, of a `keys` object's own parts. */
  function counting() {
    const store = memoryStore()
    const recorder = createRecorder(store, { warn: () => {}, schedule: BY_TIMERS })
    const config = toConfig({ prefix: 'acme_test', store, logger: quiet })
    // What a question about usage asks of them, and no more.
    const deps = { config, store, usage: recorder, now: Date.now } as Deps
    return { store, recorder, deps }
  }

  it('is in the answer, though it was not written yet', async () => {
    const { store, recorder, deps } = counting()
    const key = aKey()
    await store.insert(key)
    for (let i = 0; i < 3; i++) recorder.count(key, 'accepted', NOW)
    const context = { caller: SERVER, request: undefined }
    const { data } = await readUsage(deps, context, { from: hoursAgo(1) })
    expect(totalOf(data)).toBe(3)
    recorder.count(key, 'accepted', NOW)
    expect(totalOf((await readUsage(deps, context, { from: hoursAgo(1) })).data)).toBe(4)
  })
})
