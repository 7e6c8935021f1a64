/** What a store promises of counters, where it has them: limits rest on it. */
import assert from 'node:assert/strict'
import type { Counters } from '../limit/counters.js'
import type { DeclarePromise } from './contract-suite.js'

const MINUTE = 60_000

export function counterPromises(promise: DeclarePromise): void {
  const counters = (what: string, check: (counters: Counters) => Promise<void>) =>
    promise(`of counters, where there are some, ${what}`, async store => {
      if (store.counters !== undefined) await check(store.counters)
    })

  counters('begins at zero, and answers the sum', async counters => {
    assert.equal(await counters.add('a', 3, MINUTE), 3)
    assert.equal(await counters.add('a', 4, MINUTE), 7)
    assert.equal(await counters.add('b', 1, MINUTE), 1)
  })

  counters('takes back, and tells for nothing', async counters => {
    assert.equal(await counters.add('a', 5, MINUTE), 5)
    assert.equal(await counters.add('a', -2, MINUTE), 3)
    assert.equal(await counters.add('a', 0, MINUTE), 3)
    assert.equal(await counters.add('new', 0, MINUTE), 0)
  })

  counters('answers each of many at once a sum of its own', async counters => {
    const sums = await Promise.all(Array.from({ length: 50 }, () => counters.add('a', 2, MINUTE)))
    assert.deepEqual(
      sums.sort((a, b) => a - b),
      sums.map((_, i) => 2 * (i + 1)),
    )
  })

  counters('keeps a counter for as long as it was told, also for the longest window', async counters => {
    const longest = 24 * 86_400_000 + MINUTE
    await counters.add('a', 1, longest)
    await new Promise(resolve => setTimeout(resolve, 20))
    assert.equal(await counters.add('a', 1, longest), 2)
  })
}
