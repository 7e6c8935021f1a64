/** What is kept in memory, by itself: with a clock that the test moves, and reads that it answers when it likes. */
import {
  type Cache,
  type CacheSources,
  createCache,
  noCache,
  type ValueCell,
  valueCells,
} from '../../src/verify/cache.js'

type Strings = Cache<string | null, ValueCell<string | null>>
type Sources = CacheSources<string | null, ValueCell<string | null>>

interface Read {
  readonly name: string
  readonly answer: (value: string | null) => void
  readonly fail: (error: Error) => void
}

interface Scene {
  readonly cache: Strings
  /** The reads so far, answered or not. */
  readonly reads: readonly Read[]
  now: number
  holds: boolean
  random: number
}

function scene(options: Partial<Sources> = {}): Scene {
  const reads: Read[] = []
  const cells = valueCells<string | null>()
  const cache: Strings = createCache<string | null, ValueCell<string | null>>({
    standing: { holds: () => state.holds },
    clock: { monotonic: () => state.now, random: () => state.random },
    max: 3,
    maxAgeMs: 60_000,
    read: name => new Promise((answer, fail) => reads.push({ name, answer, fail })),
    ...cells,
    cellOf: (value, name) => (value === null ? null : cells.cellOf(value, name)),
    ...options,
  })
  const state: Scene = { cache, reads, now: 1_000, holds: true, random: 0 }
  return state
}

/** Lets what was answered come through. */
const settled = () => new Promise(resolve => setImmediate(resolve))

async function answer({ reads }: Scene, index: number, value: string | null): Promise<void> {
  await settled() // a read begins a turn after its call
  reads[index]?.answer(value)
  await settled()
}

/** Loads a name, with this for an answer. */
async function load(s: Scene, name: string, value: string | null): Promise<void> {
  const loading = s.cache.load(name)
  await answer(s, s.reads.length, value)
  await loading
}

const inMemory = ({ cache, now }: Scene, ...names: readonly string[]) =>
  names.filter(name => cache.fresh(name, now) !== undefined)

describe('the cache', () => {
  it('answers from memory what it has read, at once', async () => {
    const s = scene()
    await load(s, 'a', '1')
    expect(s.cache.load('a')).toBe('1')
    expect(s.reads).toHaveLength(1)
  })

  it('lets the least recently used go, by entries', async () => {
    const s = scene()
    for (const name of ['a', 'b', 'c']) await load(s, name, name)
    s.now += 1_000 // a use counts again after a second
    expect(s.cache.load('a')).toBe('a')
    await load(s, 'd', 'd')
    expect(s.cache.size()).toBe(3)
    expect(inMemory(s, 'a', 'b', 'c', 'd')).toEqual(['a', 'c', 'd'])
  })

  it('does not count what is used again within a second', async () => {
    const s = scene()
    for (const name of ['a', 'b', 'c']) await load(s, name, name)
    s.now += 999
    expect(s.cache.load('a')).toBe('a')
    await load(s, 'd', 'd')
    expect(inMemory(s, 'a', 'b', 'c', 'd')).toEqual(['b', 'c', 'd'])
  })

  it('answers that there is nothing, also before it has kept anything', async () => {
    const s = scene()
    const loading = s.cache.load('a')
    await answer(s, 0, null)
    expect(await loading).toBe(null)
    expect(s.cache.size()).toBe(0)
  })

  it('tells of each value that goes, which is then of no use to who holds it', async () => {
    const gone: (string | null)[] = []
    const s = scene({ max: 1, onGone: ({ value }) => gone.push(value) })
    await load(s, 'a', '1')
    const held = s.cache.fresh('a', s.now)
    await load(s, 'b', '2')
    expect(gone).toEqual(['1'])
    if (held === undefined) throw new Error('it was in memory')
    expect(s.cache.isFresh(held, s.now)).toBe(false)
  })

  it('never keeps what there is not: unknown names push nothing out', async () => {
    const s = scene()
    await load(s, 'a', '1')
    for (let i = 0; i < 10; i++) await load(s, `unknown ${i}`, null)
    expect(s.cache.size()).toBe(1)
    expect(inMemory(s, 'a')).toEqual(['a'])
  })

  it('forgets what is found to be gone when it is read again', async () => {
    const s = scene({ refreshAgeMs: 30_000 })
    await load(s, 'a', '1')
    s.now += 30_000
    expect(s.cache.load('a')).toBe('1')
    await answer(s, 1, null)
    expect(s.cache.size()).toBe(0)
  })

  it('never answers with what is as old as maxAge, counted from when its read was issued', async () => {
    const s = scene()
    const loading = s.cache.load('a')
    await settled()
    s.now += 20_000 // the read takes so long
    s.reads[0]?.answer('1')
    await loading
    s.now += 39_999
    expect(inMemory(s, 'a')).toEqual(['a'])
    s.now += 1
    expect(inMemory(s, 'a')).toEqual([])
    expect(s.cache.load('a')).toBeInstanceOf(Promise)
  })
})

describe('a value that grows old', () => {
  it('is read again beside the request, once, and is used meanwhile', async () => {
    const s = scene({ refreshAgeMs: 30_000 })
    await load(s, 'a', '1')
    s.now += 29_999
    expect(s.cache.load('a')).toBe('1')
    await settled()
    expect(s.reads).toHaveLength(1)
    s.now += 1
    for (let i = 0; i < 5; i++) expect(s.cache.load('a')).toBe('1')
    await settled()
    expect(s.reads).toHaveLength(2)
    await answer(s, 1, '2')
    expect(s.cache.load('a')).toBe('2')
  })

  it('is not read again in step with others: each waits up to a fifth longer', async () => {
    const s = scene({ refreshAgeMs: 30_000 })
    s.random = 0.5
    await load(s, 'a', '1')
    s.now += 32_999
    s.cache.load('a')
    await settled()
    expect(s.reads).toHaveLength(1)
    s.now += 1
    s.cache.load('a')
    await settled()
    expect(s.reads).toHaveLength(2)
  })

  it('is used on where reading it again fails, and the next use tries again', async () => {
    const s = scene({ refreshAgeMs: 30_000 })
    await load(s, 'a', '1')
    s.now += 30_000
    s.cache.load('a')
    await settled()
    s.reads[1]?.fail(new Error('away'))
    await settled()
    expect(s.cache.load('a')).toBe('1')
    await answer(s, 2, '2')
    expect(s.cache.load('a')).toBe('2')
  })
})

describe('reads under way', () => {
  it('are shared while the standing holds', async () => {
    const s = scene()
    const loads = [s.cache.load('a'), s.cache.load('a'), s.cache.read('a')]
    await answer(s, 0, '1')
    expect(await Promise.all(loads)).toEqual(['1', '1', '1'])
    expect(s.reads).toHaveLength(1)
  })

  it('are joined by nobody without the standing: who comes while one is under way waits for the next', async () => {
    const s = scene()
    s.holds = false
    const loads = [s.cache.load('a'), s.cache.load('a'), s.cache.load('b'), s.cache.load('a')]
    await settled()
    expect(s.reads.map(({ name }) => name)).toEqual(['a', 'b'])
    await answer(s, 0, '1')
    await answer(s, 2, '2')
    s.reads[1]?.answer('b')
    expect(await Promise.all(loads)).toEqual(['1', '2', 'b', '2'])
    expect(s.reads).toHaveLength(3)
    expect(s.cache.size()).toBe(0)
  })

  it.each([
    ['drop', (cache: Strings) => cache.drop('a')],
    ['dropWhere', (cache: Strings) => cache.dropWhere(name => name === 'a')],
    ['clear', (cache: Strings) => cache.clear()],
  ])('are detached by %s: not kept, and not joined by who comes later', async (_, detach) => {
    const s = scene()
    const before = s.cache.load('a')
    await settled()
    detach(s.cache)
    const after = s.cache.load('a')
    await answer(s, 1, 'new')
    await answer(s, 0, 'old') // the earlier read is answered last
    expect([await before, await after]).toEqual(['old', 'new'])
    expect(s.cache.load('a')).toBe('new')
    expect(s.reads).toHaveLength(2)
  })

  it('that were detached leave the next one alone when they end: it is joined, and kept', async () => {
    const s = scene()
    const before = s.cache.load('a')
    await settled()
    s.cache.drop('a')
    const after = s.cache.load('a')
    await answer(s, 0, 'old')
    const later = s.cache.load('a')
    await answer(s, 1, 'new')
    expect(await Promise.all([before, after, later])).toEqual(['old', 'new', 'new'])
    expect(s.reads).toHaveLength(2)
    expect(s.cache.load('a')).toBe('new')
  })

  it('are not detached by what is dropped of another name', async () => {
    const s = scene()
    const loading = s.cache.load('a')
    s.cache.drop('b')
    s.cache.dropWhere(name => name === 'b')
    await answer(s, 0, '1')
    expect(await loading).toBe('1')
    expect(s.cache.load('a')).toBe('1')
  })

  it.each([true, false])(
    'that never end are waited for by nobody who comes 5 s later (standing: %s)',
    async holds => {
      const s = scene()
      s.holds = holds
      void s.cache.load('a')
      await settled()
      s.now += 4_999
      const early = s.cache.load('a')
      await settled()
      expect(s.reads).toHaveLength(1)
      s.now += 1
      const late = s.cache.load('a')
      await answer(s, 1, 'late')
      expect(await late).toBe('late')
      if (!holds) expect(await early).toBe('late') // it had not been issued
    },
  )

  it('that took too long leave the next one alone when they end: without the standing it is waited for', async () => {
    const s = scene()
    s.holds = false
    const first = s.cache.load('a')
    await settled()
    s.now += 5_000
    const second = s.cache.load('a')
    await answer(s, 0, '1')
    const third = s.cache.load('a')
    await settled()
    expect(s.reads).toHaveLength(2)
    await answer(s, 1, '2')
    await answer(s, 2, '3')
    expect(await Promise.all([first, second, third])).toEqual(['1', '2', '3'])
  })

  it('of one name are not issued because those of another have ended', async () => {
    const s = scene()
    s.holds = false
    const loads = [s.cache.load('a'), s.cache.load('a'), s.cache.load('b')]
    await answer(s, 1, 'b')
    expect(s.reads).toHaveLength(2)
    await answer(s, 0, '1')
    await answer(s, 2, '2')
    expect(await Promise.all(loads)).toEqual(['1', '2', 'b'])
  })

  it('that answer without a promise have ended at once, without the standing', () => {
    const s = scene({ read: name => `value of ${name}` })
    s.holds = false
    expect(s.cache.load('a')).toBe('value of a')
    expect(s.cache.load('a')).toBe('value of a')
  })

  it('that throw fail for who has waited for them', async () => {
    let throws = false
    let end = (_value: string) => {}
    const s = scene({
      read: () => {
        if (throws) throw new Error('not connected')
        return new Promise(done => {
          end = done
        })
      },
    })
    s.holds = false
    const first = s.cache.load('a')
    const second = s.cache.load('a')
    throws = true
    end('1')
    expect(await first).toBe('1')
    await expect(second).rejects.toThrow('not connected')
  })

  it('that fail are not kept: who waits is told, the next call reads anew', async () => {
    const s = scene()
    const loads = [s.cache.load('a'), s.cache.load('a')]
    await settled()
    s.reads[0]?.fail(new Error('away'))
    for (const loading of loads) await expect(loading).rejects.toThrow('away')
    expect(s.cache.size()).toBe(0)
    await load(s, 'a', '1')
    expect(s.cache.load('a')).toBe('1')
  })
})

describe('what is kept', () => {
  it('is not used while the standing does not hold', async () => {
    const s = scene()
    await load(s, 'a', '1')
    s.holds = false
    expect(inMemory(s, 'a')).toEqual([])
  })

  it.each([
    ['drop', (cache: Strings) => cache.drop('a'), ['b']],
    ['dropWhere', (cache: Strings) => cache.dropWhere(name => name === 'a'), ['b']],
    ['clear', (cache: Strings) => cache.clear(), []],
  ])('goes by %s', async (_, go, left) => {
    const s = scene()
    await load(s, 'a', '1')
    await load(s, 'b', '2')
    go(s.cache)
    expect(inMemory(s, 'a', 'b')).toEqual(left)
  })
})

describe('of many reads at once', () => {
  const AT_ONCE = 4

  it('so many are under way, and the others follow in turn', async () => {
    const s = scene({ max: 100, readsAtOnce: AT_ONCE })
    const loads = Array.from({ length: AT_ONCE + 2 }, (_, i) => s.cache.load(`${i}`))
    await settled()
    expect(s.reads).toHaveLength(AT_ONCE)
    await answer(s, 0, 'first')
    expect(s.reads.map(({ name }) => name).slice(AT_ONCE)).toEqual([`${AT_ONCE}`])
    s.reads[1]?.fail(new Error('away')) // one that fails makes room too
    await expect(loads[1]).rejects.toThrow('away')
    await settled()
    expect(s.reads.map(({ name }) => name).slice(AT_ONCE)).toEqual([`${AT_ONCE}`, `${AT_ONCE + 1}`])
    await answer(s, AT_ONCE, 'later')
    expect(await loads[AT_ONCE]).toBe('later')
  })

  it.each([true, false])('one that waits is joined, by lease (%s) or not', async holds => {
    const s = scene({ max: 100, readsAtOnce: AT_ONCE })
    s.holds = holds
    for (let i = 0; i < AT_ONCE; i++) void s.cache.load(`${i}`)
    const loads = Array.from({ length: 50 }, () => s.cache.load('one'))
    await answer(s, 0, 'first')
    expect(s.reads).toHaveLength(AT_ONCE + 1)
    await answer(s, AT_ONCE, 'the one')
    expect(await Promise.all(loads)).toEqual(loads.map(() => 'the one'))
  })

  it('one that has been issued is not joined without the standing', async () => {
    const s = scene({ max: 100, readsAtOnce: AT_ONCE })
    s.holds = false
    for (let i = 0; i < AT_ONCE; i++) void s.cache.load(`${i}`)
    const before = s.cache.load('one')
    await answer(s, 0, 'first') // its turn has come
    const after = s.cache.load('one')
    await answer(s, 1, 'second')
    await answer(s, AT_ONCE, 'old')
    await answer(s, AT_ONCE + 1, 'new')
    expect([await before, await after]).toEqual(['old', 'new'])
  })

  it('one that grows old is not read again while there is no room', async () => {
    const s = scene({ max: 100, readsAtOnce: AT_ONCE, refreshAgeMs: 10_000 })
    await load(s, 'a', '1')
    for (let i = 0; i < AT_ONCE; i++) void s.cache.load(`${i}`)
    s.now += 20_000
    expect(s.cache.load('a')).toBe('1')
    await settled()
    expect(s.reads).toHaveLength(1 + AT_ONCE)
  })
})

it('moves nothing forward while half of the room is free', async () => {
  const s = scene({ max: 4 })
  await load(s, 'a', '1')
  await load(s, 'b', '2')
  const held = s.cache.fresh('a', s.now)
  s.now += 5_000
  s.cache.load('a')
  expect(held?.touchedAt).toBe(1_000)
  await load(s, 'c', '3')
  s.cache.load('a')
  expect(held?.touchedAt).toBe(6_000)
})

it('without a cache each call reads for itself, and nothing is kept', () => {
  const reads: string[] = []
  const cache = noCache<string, ValueCell<string>>(name => {
    reads.push(name)
    return `value of ${name}`
  })
  expect([cache.load('a'), cache.load('a'), cache.read('a')]).toEqual(Array(3).fill('value of a'))
  expect(reads).toEqual(['a', 'a', 'a'])
  const cell = { ...valueCells<string>().cellOf('1', 'a'), live: true } as ValueCell<string> // of any value it makes one
  expect([cache.fresh('a', 0), cache.isFresh(cell, 0), cache.size()]).toEqual([undefined, false, 0])
})
