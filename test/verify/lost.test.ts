/** Leases and changes that are lost: by the rounds alone, over a store that fails, or is emptied, as the test says. */
import { CLOCK } from '../../src/clock.js'
import type { SharedChanges } from '../../src/store/store.js'
import { createCoherence } from '../../src/verify/coherence.js'

function scene() {
  const leases = new Set<string>()
  const fails = new Set<keyof SharedChanges>()
  let epochs = 0
  let asked = 0
  const answer = async <T>(name: keyof SharedChanges, act: () => T): Promise<T> => {
    if (name === 'insertLease') asked++
    const done = act() // it takes effect, also where its answer is lost
    if (fails.has(name)) throw new Error(`${name} was not answered`)
    return done
  }
  let tag: string | null = null
  const changes: SharedChanges = {
    kind: 'shared',
    read: () => answer('read', () => ({ tag, recent: [] })),
    tags: () => answer('tags', () => []),
    publish: async entry => {
      await answer('publish', () => {})
      tag = entry.tag
    },
    insertLease: ({ id }) => answer('insertLease', () => void leases.add(id)),
    renewLease: id => answer('renewLease', () => leases.has(id)),
    leases: () => answer('leases', () => []),
    removeLease: id => answer('removeLease', () => void leases.delete(id)),
  }
  let ids = 0
  const coherence = createCoherence({
    changes,
    clock: CLOCK,
    pollMs: 2,
    leaseMs: 500,
    idleMs: 60_000,
    newId: () => `${ids++}`,
    drop() {},
    clear: () => void epochs++,
    onAway() {},
  })
  const empty = () => {
    tag = null
  }
  return { coherence, leases, fails, empty, tag: () => tag, epochs: () => epochs, asked: () => asked }
}

async function until(isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error(`never came true: ${isSo}`)
    await new Promise(setImmediate)
  }
}

describe.each(['insertLease', 'read', 'publish'] as const)('a first lease where %s is not answered', name => {
  it('is let go of, however often it is tried', async () => {
    const { coherence, leases, fails, asked } = scene()
    fails.add(name)
    coherence.use(CLOCK.monotonic())
    await until(() => asked() > 5)
    expect(leases.size).toBeLessThanOrEqual(1) // the one under way
    fails.clear()
    await until(() => coherence.holds(CLOCK.monotonic()))
    expect(leases.size).toBe(1)
    await coherence.stop()
    expect(leases.size).toBe(0)
  })
})

it('changes that were emptied do not pass for an old state: all is dropped, and there is a tag again', async () => {
  const { coherence, leases, empty, tag, epochs } = scene()
  coherence.use(CLOCK.monotonic())
  await until(() => coherence.holds(CLOCK.monotonic()))
  const before = { epochs: epochs(), tag: tag() }
  empty()
  await until(() => tag() !== null && coherence.holds(CLOCK.monotonic()))
  expect(epochs()).toBeGreaterThan(before.epochs)
  expect(tag()).not.toBe(before.tag)
  await until(() => leases.size === 1)
  await coherence.stop()
})
