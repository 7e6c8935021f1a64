/** What is in memory after a collection, and what is allocated between two. */
import { PerformanceObserver } from 'node:perf_hooks'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

/** What is in use, in bytes: the heap, and what its objects hold outside of it (typed arrays, say). */
function inUse(): number {
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** What is in use once all that can be collected has been. */
export async function inUseAfterCollection(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    collect()
    await turns()
  }
  return inUse()
}

/**
 * The bytes that `work` allocates, whether or not they are free again at its end. Only what goes on without a collection
 * can be told: where one came between, it is done again.
 */
export async function allocatedBy(work: () => Promise<void>): Promise<number> {
  let collections = 0
  const observer = new PerformanceObserver(list => {
    collections += list.getEntries().length
  })
  try {
    for (let attempt = 0; attempt < 20; attempt++) {
      collect()
      await turns()
      observer.observe({ entryTypes: ['gc'] })
      const before = inUse()
      await work()
      const allocated = inUse() - before
      await turns()
      observer.disconnect()
      if (collections === 0) return allocated
      collections = 0
    }
  } finally {
    observer.disconnect()
  }
  throw new Error('there is no room for the work without a collection: let it do less')
}

/** Finalizers, and what is told of collections, have their turn. */
async function turns(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise(setImmediate)
}
