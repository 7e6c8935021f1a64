/** Real processes, killed at every step of every act: what is left, what a sweep makes of it, and what a repeat does. */
import { type ApiKeys, apiKeys, SidekeyError, type StoredKey } from 'sidekey'
import { mongooseStore } from 'sidekey/mongoose'
import { catchUp, pass, stopTime, sweepAll, type WatchedStore, watched } from '../manage/sweeping.js'
import { quiet } from '../support/keys.js'
import { openDatabase, type TestDatabase } from '../support/mongo/database.js'
import { ACTS } from './acts.js'
import { at, type Case, casesAt, look, parted, told } from './cases.js'
import type { Order, Reached } from './dying-process.js'
import { build } from './run.js'
import { inTurns } from './turns.js'

/** One more than any act asks of the store: whoever is to die there finishes. */
const STEPS = 14
const PROCESSES = 4
/** What is as old as this is left behind, and no longer in somebody's hands. */
const LEFT_BEHIND_MS = 5_001

let database: TestDatabase
let watchedStore: WatchedStore
let keys: ApiKeys
let cases: Case[]

beforeAll(async () => {
  stopTime()
  database = await openDatabase()
  watchedStore = watched(mongooseStore(database.connection))
  const { store } = watchedStore
  await store.ready()
  keys = apiKeys({ prefix: 'acme_test', store, logger: quiet, coherence: { pollMs: 10 } })
  const steps = Array.from({ length: STEPS }, (_, i) => i + 1)
  cases = (await inTurns(steps, 4, n => casesAt(keys, n))).flat()
  await look('before', { cases, keys, store })

  await killProcesses()
  await look('killed', { cases, keys, store })

  catchUp()
  pass(LEFT_BEHIND_MS)
  await sweepAll(watchedStore)
  await look('swept', { cases, keys, store })
  await sweepAll(watchedStore)
  await look('sweptAgain', { cases, keys, store })

  pass(60_000) // a creation that was under way is given up by then
  await inTurns(cases, 8, repeat)
  await look('repeated', { cases, keys, store })
}, 60_000)

afterAll(async () => {
  await keys.close()
  jest.useRealTimers()
  await database.drop()
})

/** Every case in one of some processes, none of which survives. */
async function killProcesses(): Promise<void> {
  const program = build('dying-process.ts')
  const shares = Array.from({ length: PROCESSES }, (_, i) => cases.filter((_, k) => k % PROCESSES === i))
  try {
    await inTurns(shares, 2, async share => {
      const tasks = share.map(({ name, n, moment, subject }) => ({ name, n, moment, subject }))
      const order: Order = { uri: database.uri, database: database.name, tasks }
      const reached: Reached[] = JSON.parse(await program.runUntilKilled(order))
      for (const [i, one] of share.entries()) Object.assign(one, { reached: reached[i] })
    })
  } finally {
    program.remove()
  }
}

async function repeat(one: Case): Promise<void> {
  await one.act.run(keys, one.subject).catch((error: unknown) => {
    one.refused = error instanceof SidekeyError ? error.code : String(error)
  })
}

describe.each(Object.keys(ACTS))('%s, by a process that is killed', name => {
  const its = () => cases.filter(one => one.name === name)

  it('was stopped before and during each of its calls, until there was none left', () => {
    for (const moment of ['before', 'during']) {
      const reached = its()
        .filter(one => one.moment === moment)
        .map(one => one.reached)
      const stops = reached.indexOf('finished')
      expect(stops).toBeGreaterThanOrEqual(4)
      expect(reached.slice(0, stops)).toEqual(Array.from({ length: stops }, () => 'stopped'))
      expect(reached.slice(stops)).toEqual(Array.from({ length: STEPS - stops }, () => 'finished'))
    }
  })

  it('was caught in every state: not done, done and not told yet, done and told', () => {
    const isTold = ({ key }: { key: StoredKey | null }) => key === null || key.outbox.length === 0
    const states = its().map(one => {
      const { done } = parted(one, 'killed')
      return done.length === 0 ? 'not done' : done.every(isTold) ? 'told' : 'not told'
    })
    expect(new Set(states)).toEqual(new Set(['not done', 'not told', 'told']))
  })

  it('is done wholly or not at all, and where it is done its event is there', () => {
    for (const one of its()) {
      const { done, undone } = parted(one, 'killed')
      for (const { id, key } of undone) {
        expect([one.title, key]).toEqual([one.title, at(one, 'before').keys.get(id)])
        expect([one.title, told(one, 'killed', id)]).toEqual([one.title, []])
      }
      for (const { id, key } of done) {
        const next = (at(one, 'before').keys.get(id)?.version ?? 0) + 1
        expect([one.title, key?.version ?? next]).toEqual([one.title, next])
        expect([one.title, told(one, 'killed', id)]).toEqual([one.title, [...one.act.tells].sort()])
      }
    }
  })

  it('is told once after the next sweep, nothing waits in a record, and what was purged is gone', () => {
    const actions = (one: Case, time: 'before' | 'swept', id: string) =>
      at(one, time)
        .events.filter(({ keyId }) => keyId === id)
        .map(({ action }) => action)
    for (const one of its()) {
      const { done, undone } = parted(one, 'swept')
      for (const { id } of undone) expect([one.title, told(one, 'swept', id)]).toEqual([one.title, []])
      for (const { id } of done) {
        const expected = [...actions(one, 'before', id), ...one.act.tells]
        expect([one.title, actions(one, 'swept', id).sort()]).toEqual([one.title, expected.sort()])
      }
      for (const key of at(one, 'swept').keys.values()) {
        expect([one.title, key?.outbox ?? [], key?.deleted?.forGood]).toEqual([one.title, [], undefined])
      }
    }
  })

  it('is changed by no other sweep', () => {
    for (const one of its()) expect(at(one, 'sweptAgain')).toEqual(at(one, 'swept'))
  })

  it('ends well when it is repeated, and is told no second time', () => {
    for (const one of its()) {
      const { done: doneBefore } = parted(one, 'swept')
      const isGone = doneBefore.some(({ key }) => key === null)
      expect([one.title, one.refused]).toEqual([one.title, isGone ? 'NOT_FOUND' : undefined])
      const { done, undone } = parted(one, 'repeated')
      expect([one.title, undone]).toEqual([one.title, []])
      expect(done).toHaveLength(Math.max(1, one.act.keys))
      for (const { id, key } of done) {
        const again = doneBefore.some(key => key.id === id) ? (one.act.tellsAgain ?? []) : []
        const expected = [...one.act.tells, ...again].sort()
        expect([one.title, told(one, 'repeated', id)]).toEqual([one.title, expected])
        expect([one.title, key?.outbox ?? []]).toEqual([one.title, []])
      }
    }
  })

  it('may go on in memory elsewhere until the next sweep, and is nothing else there than before or after', () => {
    for (const one of its()) {
      for (const [i, id] of one.subject.ids.entries()) {
        const [before, after] = (['before', 'killed'] as const).map(
          time => at(one, time).keys.get(id) ?? null,
        )
        const either = [before, after].map(key => answerOf(key ?? null))
        expect([one.title, either]).toEqual([
          one.title,
          expect.arrayContaining([at(one, 'killed').verified[i]]),
        ])
      }
    }
  })

  it.each(['before', 'swept', 'repeated'] as const)(
    'lets in by its tokens whom its record lets in (%s)',
    time => {
      for (const one of its()) {
        const expected = one.subject.ids.map(id => answerOf(at(one, time).keys.get(id) ?? null))
        expect([one.title, at(one, time).verified]).toEqual([one.title, expected])
      }
    },
  )
})

/** What the token of a key is answered, by its record. */
function answerOf(key: StoredKey | null): string {
  if (key === null || key.deleted !== null) return 'KEY_INVALID'
  if (key.revoked !== null) return 'KEY_REVOKED'
  return key.disabled === null ? 'ok' : 'KEY_DISABLED'
}
