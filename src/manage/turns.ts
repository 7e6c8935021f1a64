/**
 * Changes of one key, one after the other within a process: of a thousand at once, each would otherwise read the record and write
 * it in vain until the others are done. It makes nothing right, that is the compare-and-set's; so whoever takes too long is not
 * waited for.
 */
export type Turns = <T>(name: string, run: () => Promise<T>) => Promise<T>

/** The next goes on after so long, in ms, whether or not the one before is done. */
const LONGEST_MS = 1_000

export function createTurns(): Turns {
  const last = new Map<string, Promise<void>>()
  return async (name, run) => {
    const before = last.get(name)
    let pass = () => {}
    const passed = new Promise<void>(resolve => {
      pass = resolve
    })
    last.set(name, passed)
    await before
    const timer = setTimeout(pass, LONGEST_MS)
    try {
      return await run()
    } finally {
      clearTimeout(timer)
      pass()
      if (last.get(name) === passed) last.delete(name)
    }
  }
}
