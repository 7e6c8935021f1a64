/** Slow hashes: two at once, a bounded number in line. */
import { type HashSettings, hashMatches } from '../../src/key/hash.js'
import { withSlot } from '../../src/key/slow.js'
import { FIXTURE } from './fixture.js'

const RUNNING = 2
const WAITING = 64

/** Works that run until they are told to end, and what each has come to. */
function works() {
  const started: number[] = []
  const ends: (() => void)[] = []
  const made: Promise<number>[] = []
  return {
    started,
    made,
    add(count: number) {
      for (let i = 0; i < count; i++) {
        const name = made.length
        const work = () => {
          started.push(name)
          return new Promise<number>(resolve => {
            ends[name] = () => resolve(name)
          })
        }
        made.push(withSlot(work))
      }
    },
    /** Ends one work, and waits until what comes of it has come. */
    async end(name: number) {
      ends[name]?.()
      await made[name]
      await new Promise(resolve => setImmediate(resolve))
    },
    async endAll() {
      for (let name = 0; name < made.length; name++) await this.end(name)
    },
  }
}

const full = { code: 'STORE_UNAVAILABLE', message: 'Too many slow hash comparisons at once.', retryAfter: 1 }

it('runs two at once, and the others in the order in which they came', async () => {
  const line = works()
  line.add(5)
  expect(line.started).toEqual([0, 1])
  await line.end(1)
  expect(line.started).toEqual([0, 1, 2])
  await line.end(0)
  expect(line.started).toEqual([0, 1, 2, 3])
  await line.endAll()
  expect(line.started).toEqual([0, 1, 2, 3, 4])
  expect(await Promise.all(line.made)).toEqual([0, 1, 2, 3, 4])
})

it('gives places back: none is lost, and none is won', async () => {
  for (let i = 0; i < 3; i++) {
    const line = works()
    line.add(3)
    expect(line.started).toEqual([0, 1])
    await line.endAll()
  }
})

it('gives the place of one that fails to the next', async () => {
  const line = works()
  const failing = [1, 2].map(() => withSlot(() => Promise.reject(new Error('no hash'))))
  line.add(3)
  expect(line.started).toEqual([])
  for (const one of failing) await expect(one).rejects.toThrow('no hash')
  await new Promise(resolve => setImmediate(resolve))
  expect(line.started).toEqual([0, 1])
  await line.endAll()
})

it('refuses whoever finds the line full, and says when to come again', async () => {
  const line = works()
  line.add(RUNNING + WAITING)
  await expect(withSlot(() => Promise.resolve())).rejects.toMatchObject(full)
  await line.end(0)
  line.add(1)
  await expect(withSlot(() => Promise.resolve())).rejects.toMatchObject(full)
  await line.endAll()
  expect(line.started).toHaveLength(RUNNING + WAITING + 1)
})

it('holds for bcrypt, to the highest cost that an app can set', async () => {
  const settings: HashSettings = { algorithm: 'bcrypt', peppers: [], bcryptCost: 10 }
  const line = works()
  line.add(RUNNING + WAITING)
  // The line is full: what would be worked off is refused, and what would not be is no match.
  const costing = (cost: number) => hashMatches(FIXTURE, `$2b$${cost}$${'.'.repeat(53)}`, settings)
  await expect(costing(16)).rejects.toMatchObject(full)
  expect(costing(17)).toBe(false)
  await line.endAll()
})
