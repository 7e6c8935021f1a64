/** Use is counted in memory without a look at the store, and nothing of it is lost on the way there. */
import { memoryStore, SidekeyError, type Store, type UsageBucket } from 'sidekey'
import { aKey, bob } from '../../src/store/contract-data.js'
import { HOUR_MS, hourOf } from '../../src/usage/hours.js'
import { createRecorder } from '../../src/usage/recorder.js'

const AT = Date.UTC(2026, 10, 25, 12, 30)
const HOUR = hourOf(AT)
const ALWAYS = { from: 0, to: 1_000_000 }
const away = () => new SidekeyError('STORE_UNAVAILABLE', 'away')

/** A schedule that goes on when the test says so. */
function scheduleOf() {
  const tasks = new Map<() => void, number>()
  return {
    tasks,
    schedule: {
      after(ms: number, then: () => void) {
        const task = () => then()
        tasks.set(task, ms)
        return () => void tasks.delete(task)
      },
      nudge() {},
    },
    /** Does what is due. */
    run() {
      const due = [...tasks.keys()]
      tasks.clear()
      for (const task of due) task()
    },
  }
}

/** A recorder over a store that is away whenever `answers` throws. */
function recording({ most }: { most?: number } = {}) {
  const store = memoryStore()
  const written: (readonly UsageBucket[])[] = []
  const warnings: string[] = []
  const time = scheduleOf()
  const faults: { before?: () => void; after?: () => void } = {}
  const addUsage: Store['addUsage'] = async buckets => {
    faults.before?.()
    written.push(buckets)
    await store.addUsage(buckets)
    faults.after?.()
  }
  const warn = (_error: unknown, message: string) => void warnings.push(message)
  const recorder = createRecorder(
    { addUsage },
    { warn, schedule: time.schedule, ...(most !== undefined && { most }) },
  )
  const key = aKey()
  const sums = async () => Object.fromEntries((await store.usage(ALWAYS)).map(row => [row.hour, row.counts]))
  return { recorder, store, written, warnings, faults, key, sums, ...time }
}

it('writes what it has counted by key, hour and outcome, five seconds after the first', async () => {
  const { recorder, store, written, key, sums, tasks, run } = recording()
  const other = aKey({ owner: bob, organizationId: 'acme' })
  await store.insert(key)
  await store.insert(other)
  recorder.count(key, 'accepted', AT)
  recorder.count(key, 'accepted', AT + 1)
  recorder.count(key, 'INSUFFICIENT_PERMISSIONS', AT)
  recorder.count(key, 'accepted', AT + HOUR_MS)
  recorder.count(other, 'KEY_REVOKED', AT)
  expect([...tasks.values()]).toEqual([5_000])
  expect(written).toEqual([])
  run()
  await recorder.flush()
  expect(written).toHaveLength(1)
  expect(await sums()).toEqual({
    [HOUR]: { accepted: 2, INSUFFICIENT_PERMISSIONS: 1, KEY_REVOKED: 1 },
    [HOUR + 1]: { accepted: 1 },
  })
  expect(await store.usage({ ...ALWAYS, owners: [bob], organizationId: 'acme' })).toEqual([
    { hour: HOUR, counts: { KEY_REVOKED: 1 } },
  ])
  expect(tasks.size).toBe(0) // and does nothing where nothing is counted
})

it('says when a bucket goes: 90 days after its hour', async () => {
  const { recorder, written, key } = recording()
  recorder.count(key, 'accepted', AT)
  await recorder.flush()
  expect(written[0]?.[0]?.expireAt).toEqual(new Date((HOUR + 1) * HOUR_MS + 90 * 24 * HOUR_MS))
})

it('counts on across writes, and by the hour', async () => {
  const { recorder, store, key, sums } = recording()
  await store.insert(key)
  for (let i = 0; i < 3; i++) {
    recorder.count(key, 'accepted', AT)
    recorder.count(key, 'KEY_EXPIRED', AT)
    expect(recorder.size()).toBe(1)
    await recorder.flush()
    expect(recorder.size()).toBe(0)
  }
  recorder.count(key, 'accepted', (HOUR + 1) * HOUR_MS)
  await recorder.flush()
  expect(await sums()).toEqual({ [HOUR]: { accepted: 3, KEY_EXPIRED: 3 }, [HOUR + 1]: { accepted: 1 } })
})

it('counts for whoever has the key when it is used', async () => {
  const { recorder, store, key } = recording()
  await store.insert(key)
  recorder.count(key, 'accepted', AT)
  recorder.count({ ...key, owner: bob }, 'accepted', AT)
  recorder.count({ ...key, owner: bob, organizationId: 'acme' }, 'accepted', AT)
  recorder.count({ ...key, owner: { ...bob }, organizationId: 'acme' }, 'accepted', AT)
  await recorder.flush()
  const ofBob = { ...ALWAYS, owners: [bob] }
  expect(await store.usage(ofBob)).toEqual([{ hour: HOUR, counts: { accepted: 3 } }])
  expect(await store.usage({ ...ofBob, organizationId: 'acme' })).toEqual([
    { hour: HOUR, counts: { accepted: 2 } },
  ])
})

describe('while the store is away', () => {
  it('keeps what it has, merges into it what comes, and writes all of it once', async () => {
    const { recorder, store, written, warnings, faults, key, sums, run, tasks } = recording()
    await store.insert(key)
    faults.before = () => {
      throw away()
    }
    for (let i = 0; i < 10; i++) {
      recorder.count(key, 'accepted', AT)
      recorder.count(key, 'KEY_DISABLED', AT)
      run()
      await recorder.flush()
      expect([...tasks.values()]).toEqual([5_000])
    }
    expect(written).toEqual([])
    delete faults.before
    run()
    await recorder.flush()
    expect(written.map(buckets => buckets.length)).toEqual([1])
    expect(await sums()).toEqual({ [HOUR]: { accepted: 10, KEY_DISABLED: 10 } })
    expect(warnings).toEqual([])
  })

  it('keeps so many keys and hours at most; beyond, it counts what is lost, and tells it once a flush', async () => {
    const { recorder, store, warnings, faults, sums } = recording({ most: 3 })
    const keys = Array.from({ length: 5 }, () => aKey())
    for (const key of keys) await store.insert(key)
    faults.before = () => {
      throw away()
    }
    for (let i = 0; i < 4; i++) for (const key of keys) recorder.count(key, 'accepted', AT)
    await recorder.flush()
    expect(warnings).toEqual([expect.stringMatching(/^8 uses of keys were not counted/)])
    for (const key of keys) recorder.count(key, 'accepted', AT)
    delete faults.before
    await recorder.flush()
    expect(warnings).toEqual([expect.anything(), expect.stringMatching(/^2 uses of keys were not counted/)])
    expect(await sums()).toEqual({ [HOUR]: { accepted: 15 } })
    for (const key of keys.slice(3)) recorder.count(key, 'accepted', AT)
    await recorder.flush()
    expect(warnings).toHaveLength(2) // there is room again
    expect(await sums()).toEqual({ [HOUR]: { accepted: 17 } })
  })

  it('writes early once half of the room is full, and only once in vain', async () => {
    const { recorder, store, written, faults, tasks, sums } = recording({ most: 8 })
    const keys = Array.from({ length: 8 }, () => aKey())
    for (const key of keys) await store.insert(key)
    let tries = 0
    faults.before = () => {
      tries++
      throw away()
    }
    for (const key of keys) recorder.count(key, 'accepted', AT)
    for (let i = 0; i < 10; i++) await new Promise(setImmediate)
    expect([tries, tasks.size]).toEqual([1, 1])
    delete faults.before
    await recorder.flush()
    expect(await sums()).toEqual({ [HOUR]: { accepted: 8 } })
    written.length = 0
    for (const key of keys.slice(0, 4)) recorder.count(key, 'accepted', AT)
    expect(written).toHaveLength(0)
    recorder.count(keys[4] ?? aKey(), 'accepted', AT)
    await new Promise(setImmediate)
    expect(written.flat().map(({ counts }) => counts)).toEqual(Array(5).fill({ accepted: 1 }))
    await recorder.flush()
    expect(await sums()).toEqual({ [HOUR]: { accepted: 13 } })
  })

  it('counts what comes while a write is under way that then fails', async () => {
    const { recorder, store, faults, key, sums } = recording()
    await store.insert(key)
    recorder.count(key, 'accepted', AT)
    faults.before = () => {
      recorder.count(key, 'accepted', AT)
      throw away()
    }
    await recorder.flush()
    delete faults.before
    await recorder.flush()
    expect(await sums()).toEqual({ [HOUR]: { accepted: 2 } })
  })
})

it('repeats a write whose answer was lost: counts are at least what was, and too many by that write at most', async () => {
  const { recorder, store, faults, key, sums } = recording()
  await store.insert(key)
  for (let i = 0; i < 3; i++) recorder.count(key, 'accepted', AT)
  faults.after = () => {
    delete faults.after
    throw away()
  }
  await recorder.flush()
  for (let i = 0; i < 4; i++) recorder.count(key, 'accepted', AT)
  await recorder.flush()
  expect(await sums()).toEqual({ [HOUR]: { accepted: 3 + 3 + 4 } })
})

it('is not held up by a bucket that the store refuses, and tells of it', async () => {
  const { recorder, store, written, warnings, faults, sums } = recording()
  const keys = Array.from({ length: 2_500 }, () => aKey())
  for (const key of keys) await store.insert(key)
  for (const key of keys) recorder.count(key, 'accepted', AT)
  faults.before = () => {
    delete faults.before
    throw new Error('a bug')
  }
  await recorder.flush()
  expect(warnings).toEqual([expect.stringContaining('the next time tries again')])
  await recorder.flush()
  expect(written.map(buckets => buckets.length)).toEqual([500, 500, 500, 500, 500])
  expect(written[0]?.[0]?.keyId).toBe(keys[1_000]?.id) // those that failed come last
  expect(await sums()).toEqual({ [HOUR]: { accepted: 2_500 } })
})

it('writes fewer at a time where the store does not answer in its time, and more again once it does', async () => {
  const { recorder, store, written, faults, sums } = recording()
  const keys = Array.from({ length: 1_000 }, () => aKey())
  for (const key of keys) await store.insert(key)
  const countAll = () => {
    for (const key of keys) recorder.count(key, 'accepted', AT)
  }
  const sizes = async () => {
    await recorder.flush()
    return written.splice(0).map(buckets => buckets.length)
  }
  countAll()
  faults.after = () => {
    if ((written.at(-1)?.length ?? 0) > 300) throw away() // too late: it has taken them
  }
  expect([await sizes(), await sizes(), await sizes()]).toEqual([[1_000], [500], [250, 250, 250, 250]])
  expect(await sums()).toEqual({ [HOUR]: { accepted: 1_000 + 500 + 1_000 } })
  delete faults.after
  countAll()
  expect(await sizes()).toEqual([500, 500])
  countAll()
  expect(await sizes()).toEqual([1_000])
})

it('writes what was counted before a flush is asked for, also while another is under way', async () => {
  const { recorder, store, written, faults, key, sums } = recording()
  await store.insert(key)
  let others: Promise<unknown> | undefined
  faults.before = () => {
    delete faults.before
    recorder.count(key, 'accepted', AT)
    others = Promise.all([recorder.flush(), recorder.flush(), recorder.flush()])
  }
  recorder.count(key, 'accepted', AT)
  await recorder.flush()
  await others
  expect(await sums()).toEqual({ [HOUR]: { accepted: 2 } })
  expect(written).toHaveLength(2)
})

it('writes at its end, and waits for no later time', async () => {
  const { recorder, store, key, sums, tasks } = recording()
  await store.insert(key)
  recorder.count(key, 'accepted', AT)
  await recorder.close()
  expect(await sums()).toEqual({ [HOUR]: { accepted: 1 } })
  recorder.count(key, 'accepted', AT)
  expect(tasks.size).toBe(0)
})
