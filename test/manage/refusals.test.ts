/** Refusals are told to the audit, and no flood of them can fill it or hold anybody up. */
import { type ApiKeysOptions, type AuditEvent, memoryStore, type Store } from 'sidekey'
import {
  alice,
  mallory,
  refusal,
  refusalCode,
  type TestKeys,
  type TestUser,
  testKeys,
} from '../support/keys.js'

const FLOOD = 10_000
/** What one process writes of refusals in a minute at most. */
const MOST_A_MINUTE = 61
const MINUTE = 60_000
const DAY = 86_400_000

beforeEach(() => {
  // The clock and the timers of sidekey; promises take their own time.
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance', 'hrtime'] })
})
afterEach(() => {
  jest.useRealTimers()
})

/** A store, and the events that were written to it. */
function noting() {
  const written: Parameters<Store['appendEvents']>[0][number][] = []
  const memory = memoryStore()
  const store: Store = {
    ...memory,
    appendEvents(events) {
      written.push(...events)
      return memory.appendEvents(events)
    },
  }
  return { store, refused: () => written.filter(({ refused }) => refused !== null), written }
}

const turn = () => new Promise(setImmediate)
const sumOf = (events: readonly AuditEvent[]) => events.reduce((sum, { count }) => sum + count, 0)
const stranger = (i: number): TestUser => ({ id: `stranger ${i}` })

describe('a flood of refusals in one minute', () => {
  /** What is tried the i-th time. */
  type Attempt = (keys: TestKeys, ids: readonly string[], i: number) => Promise<unknown>
  const floods: readonly [string, number, Attempt][] = [
    ['of one actor, on one key', 1, (keys, [id = '']) => keys.as(mallory).revoke(id)],
    ['of one actor, on many keys', 500, (keys, ids, i) => keys.as(mallory).revoke(ids[i % 500] ?? '')],
    ['of many actors, on one key', 1, (keys, [id = ''], i) => keys.as(stranger(i)).revoke(id)],
    [
      'of many actors, on many keys',
      500,
      (keys, ids, i) => keys.as(stranger(i % 97)).purge(ids[i % 500] ?? ''),
    ],
    [
      'of few actors, by every act',
      50,
      (keys, ids, i) => {
        const face = keys.as(stranger(i % 7))
        const id = ids[i % 50] ?? ''
        const acts = [
          () => face.update(id, { name: 'x' }),
          () => face.rotate(id),
          () => face.revoke(id),
          () => face.delete(id),
          () => face.restore(id),
          () => face.purge(id),
          () => face.transfer(id, { id: 'x' }),
          () => face.audit({ keyId: id }),
          () => face.list({ all: true }),
          () => face.create({ name: 'x', owner: { id: `somebody ${i}` } }),
        ] as const
        return acts[i % acts.length]?.() ?? Promise.resolve()
      },
    ],
  ]

  it.each(floods)('%s, is at most 61 events, which stand for all of it', async (_which, howMany, attempt) => {
    const { store, refused } = noting()
    const keys = testKeys({ store })
    const made = await Promise.all(
      Array.from({ length: howMany }, () => keys.create({ name: 'k', owner: { id: 'alice' } })),
    )
    const ids = made.map(({ apiKey }) => apiKey.id)
    for (let i = 0; i < FLOOD; i++) await refusal(attempt(keys, ids, i))
    expect(refused().length).toBeLessThanOrEqual(20)
    await jest.advanceTimersByTimeAsync(MINUTE)
    expect(refused().length).toBeLessThanOrEqual(MOST_A_MINUTE)
    expect(sumOf(refused())).toBe(FLOOD)
  })

  it('is written to the last when the keys are closed within the minute', async () => {
    const { store, refused } = noting()
    const keys = testKeys({ store })
    const { apiKey } = await keys.create({ name: 'k', owner: { id: 'alice' } })
    for (let i = 0; i < 1000; i++) await refusal(keys.as(stranger(i % 8)).revoke(apiKey.id))
    await keys.close()
    expect(refused()).toHaveLength(16)
    expect(sumOf(refused())).toBe(1000)
  })
})

it('tells a refusal at once, and of one actor no more than five different ones in a minute', async () => {
  const { store, refused } = noting()
  const keys = testKeys({ store })
  const ids: string[] = []
  for (let i = 0; i < 7; i++) ids.push((await keys.create({ name: 'k', owner: { id: 'alice' } })).apiKey.id)
  for (const id of ids) await refusal(keys.as(mallory).revoke(id))
  for (const id of ids.slice(0, 2)) await refusal(keys.as(stranger(1)).revoke(id))
  expect(refused().map(({ actor, keyId }) => [actor.id, keyId])).toEqual([
    ...ids.slice(0, 5).map(id => ['mallory', id]),
    ...ids.slice(0, 2).map(id => ['stranger 1', id]),
  ])
  await jest.advanceTimersByTimeAsync(MINUTE)
  expect(refused().slice(7)).toEqual([
    // Not which keys, but who: it is the actor that somebody must look into.
    expect.objectContaining({
      ...{ keyId: null, owner: null, count: 2, action: 'revoke', refused: 'NOT_FOUND' },
      actor: { id: 'mallory', via: 'session' },
    }),
  ])
})

it('begins anew each minute, and writes nothing in a minute without a refusal', async () => {
  const { store, refused } = noting()
  const keys = testKeys({ store })
  const { apiKey } = await keys.create({ name: 'k', owner: { id: 'alice' } })
  for (let minute = 1; minute <= 3; minute++) {
    for (let i = 0; i < 100; i++) await refusal(keys.as(mallory).revoke(apiKey.id))
    await jest.advanceTimersByTimeAsync(MINUTE)
    expect(refused().map(({ count }) => count)).toEqual(Array.from({ length: minute }, () => [1, 99]).flat())
  }
  await jest.advanceTimersByTimeAsync(10 * MINUTE)
  expect(refused()).toHaveLength(6)
})

it('tells repeats as what they repeat: who, what, which key, from where', async () => {
  const { store, refused } = noting()
  const keys = testKeys({ store })
  const { apiKey } = await keys.as(alice).create({ name: 'k', organizationId: 'acme' })
  const request = { ip: '192.0.2.7', headers: { 'user-agent': 'curl/8' } }
  for (let i = 0; i < 3; i++) await refusal(keys.as(mallory, request).revoke(apiKey.id))
  await jest.advanceTimersByTimeAsync(MINUTE)
  const [first, repeats] = refused()
  expect(first).toMatchObject({
    action: 'revoke',
    refused: 'NOT_FOUND',
    keyId: apiKey.id,
    ip: '192.0.2.7',
    count: 1,
  })
  expect(repeats).toEqual({
    ...first,
    id: repeats?.id,
    at: repeats?.at,
    expireAt: repeats?.expireAt,
    count: 2,
  })
})

it('has repeats in the audit, as an event of their own at the end of the minute', async () => {
  const keys = testKeys()
  const { apiKey } = await keys.as(alice).create({ name: 'k' })
  for (let i = 0; i < 3; i++) await refusal(keys.as(mallory).revoke(apiKey.id))
  await jest.advanceTimersByTimeAsync(MINUTE)
  const [repeats, first] = (await keys.audit({ refused: true })).data
  expect([first?.count, repeats?.count]).toEqual([1, 2])
  expect((repeats?.at.getTime() ?? 0) - (first?.at.getTime() ?? 0)).toBe(MINUTE)
})

it.each<[string, Partial<ApiKeysOptions>, number, number | null]>([
  ['is for ever', {}, 30 * DAY, null],
  ['is longer', { auditRetention: '365d' }, 30 * DAY, 365 * DAY],
  ['is shorter', { auditRetention: '10d' }, 10 * DAY, 10 * DAY],
])('keeps refusals for 30 days at most, where retention %s', async (_what, options, ofRefusals, ofActs) => {
  const { store, written } = noting()
  const keys = testKeys({ store, ...(options as object) }) // the options here know no catalogue
  const { apiKey } = await keys.as(alice).create({ name: 'k' })
  await refusal(keys.as(mallory).revoke(apiKey.id))
  await keys.close()
  const [act, refused] = written
  const keptFor = (event = act) => event?.expireAt && event.expireAt.getTime() - event.at.getTime()
  expect([act?.action, keptFor(act)]).toEqual(['create', ofActs])
  expect([refused?.refused, keptFor(refused)]).toEqual(['NOT_FOUND', ofRefusals])

  jest.setSystemTime(Date.now() + ofRefusals - 1)
  expect((await keys.audit({ refused: true })).data).toHaveLength(1)
  jest.setSystemTime(Date.now() + 1)
  expect((await keys.audit({ refused: true })).data).toEqual([])
  expect((await keys.audit()).data).toHaveLength(ofActs === ofRefusals ? 0 : 1)
})

it('does not wait for the audit', async () => {
  const memory = memoryStore()
  const calm = testKeys({ store: memory })
  const { apiKey } = await calm.as(alice).create({ name: 'k' })
  let asked = 0
  const hanging = testKeys({
    store: {
      ...memory,
      appendEvents() {
        asked++
        return new Promise(() => {})
      },
    },
  })
  for (let i = 0; i < 100; i++) {
    expect(await refusalCode(hanging.as(stranger(i)).revoke(apiKey.id))).toBe('NOT_FOUND')
    expect(await hanging.as(mallory).get(apiKey.id)).toBeNull()
  }
  expect(asked).toBeGreaterThan(0)
})

it('refuses in the same words where the audit cannot be told, and tells the log', async () => {
  const warn = jest.fn()
  const memory = memoryStore()
  const { apiKey } = await testKeys({ store: memory }).as(alice).create({ name: 'k' })
  const appendEvents = () => Promise.reject(new Error('the audit is away'))
  const keys = testKeys({ store: { ...memory, appendEvents }, logger: { warn, error: () => {} } })
  const error = await refusal(keys.as(mallory).revoke(apiKey.id))
  expect([error.code, error.message]).toEqual(['NOT_FOUND', 'There is no such key.'])
  await turn()
  expect(warn).toHaveBeenCalledWith(
    expect.objectContaining({ err: expect.objectContaining({ message: 'the audit is away' }) }),
    expect.stringContaining('refusal'),
  )
  await keys.close()
})
