/** Whether a key has ended since nobody has used it, as one process tells that knows a part of its uses. */
import { memoryStore } from 'sidekey'
import type { Moment } from '../../src/clock.js'
import { idleFrom } from '../../src/key/idle.js'
import { byCalls } from '../../src/schedule.js'
import { aKey } from '../../src/store/contract-data.js'
import { createLastUse } from '../../src/usage/last-use.js'
import { createIsUnused, type KnownIdle, knownIdle, prolong } from '../../src/verify/idle.js'

const DAY = 86_400_000
const SINCE = Date.UTC(2026, 0, 1)
const END = SINCE + 10 * DAY
/** What the monotonic clock says at that time. */
const END_MONOTONIC = 5_000

const momentAt = (wall: number): Moment => ({ wall, monotonic: wall - END + END_MONOTONIC })

/** May go unused for ten days. */
const idle = () => idleFrom('10d', SINCE)

function known(fields: Partial<Parameters<typeof knownIdle>[0]> = {}): KnownIdle {
  const found = knownIdle({ idle: idle(), notBefore: null, ...fields })
  if (found === null) throw new Error('it ends when it is not used')
  return found
}

/** A process, and the uses that others have written; `looks`: how often those were looked up. */
function scene() {
  const store = memoryStore()
  let looks = 0
  let isAway = false
  const uses = createLastUse({
    store: {
      ...store,
      async lastUses(ids) {
        looks++
        if (isAway) throw new Error('away')
        return store.lastUses(ids)
      },
    },
    warn() {},
    schedule: byCalls(() => 0),
    keepsIp: false,
  })
  const isUnused = createIsUnused(uses)
  return {
    uses,
    looks: () => looks,
    goAway: (away: boolean) => {
      isAway = away
    },
    async usedElsewhere(at: number) {
      await store.insert(aKey({ id: 'key' }))
      await store.recordUses([{ keyId: 'key', at: new Date(at) }])
    },
    /** At so many ms after the key has ended by what its record says. */
    ask: (known: KnownIdle, after = 0) => isUnused('key', known, momentAt(END + after)),
  }
}

describe('what memory knows of the end of an unused key', () => {
  it('is that it comes so long after its beginning, or after the time from which it may be used', () => {
    expect(known()).toMatchObject({ ms: 10 * DAY, until: END })
    expect(known({ notBefore: new Date(SINCE + DAY) }).until).toBe(END + DAY)
  })

  it('is nothing of a key that may go unused for ever, or whose end is written down', () => {
    expect(knownIdle({ idle: null, notBefore: null })).toBe(null)
    expect(knownIdle({ idle: { ...idle(), endedAt: new Date(END) }, notBefore: null })).toBe(null)
  })

  it('is put off by a use, and not brought forward by an earlier one', () => {
    const one = known()
    prolong(one, SINCE + 3 * DAY)
    expect(one.until).toBe(END + 3 * DAY)
    prolong(one, SINCE + 2 * DAY)
    expect(one.until).toBe(END + 3 * DAY)
  })
})

describe('a key whose time has come', () => {
  it('has ended where nobody has used it', async () => {
    const { ask } = scene()
    expect(await ask(known())).toBe(true)
  })

  it('has not where this process has just used it, which needs no look-up', () => {
    const { ask, uses, looks } = scene()
    uses.note('key', SINCE + DAY)
    const one = known()
    expect(ask(one)).toBe(false)
    expect(one.until).toBe(END + DAY)
    expect(looks()).toBe(0)
  })

  it('has where that was too long ago, as others may tell', async () => {
    const { ask, uses, looks } = scene()
    uses.note('key', SINCE)
    expect(await ask(known())).toBe(true)
    expect(looks()).toBe(1)
  })

  it('has not where another process has used it since, and then needs no look-up until that is as long ago', async () => {
    const { ask, usedElsewhere, looks } = scene()
    await usedElsewhere(SINCE + DAY)
    const one = known()
    expect(await ask(one)).toBe(false)
    expect(one.until).toBe(END + DAY)
    expect(looks()).toBe(1)
    expect(await ask(one, DAY)).toBe(true)
    expect(looks()).toBe(2)
  })

  it('has in the moment in which it is so long ago', async () => {
    const { ask, usedElsewhere } = scene()
    await usedElsewhere(SINCE + DAY)
    expect(await ask(known(), DAY - 1)).toBe(false)
    expect(await ask(known(), DAY)).toBe(true)
  })

  it('is looked up once a second', async () => {
    const { ask, looks, usedElsewhere } = scene()
    const one = known()
    expect(await ask(one)).toBe(true)
    await usedElsewhere(END)
    expect(ask(one, 999)).toBe(true)
    expect(looks()).toBe(1)
    expect(await ask(one, 1_000)).toBe(false)
    expect(looks()).toBe(2)
  })

  it('is looked up once for all who ask at once', async () => {
    const { ask, looks } = scene()
    const one = known()
    expect(await Promise.all([ask(one), ask(one), ask(one)])).toEqual([true, true, true])
    expect(looks()).toBe(1)
  })

  it('is looked up again at once where that has failed', async () => {
    const { ask, looks, goAway } = scene()
    const one = known()
    goAway(true)
    await expect(ask(one)).rejects.toThrow('away')
    goAway(false)
    expect(await ask(one)).toBe(true)
    expect(looks()).toBe(2)
  })
})
