/** Work that is due some time after a call, and that no call waits for. */
import { CLOCK } from './clock.js'

export interface Schedule {
  /** Has `then` called in `ms` or later; answers how to call it off. */
  after(ms: number, then: () => void): () => void
  /** Does what is due, where there are no timers to do it. */
  nudge(): void
}

/** By timers, which do not keep the process alive. */
export const BY_TIMERS: Schedule = {
  after: CLOCK.after,
  nudge() {},
}

/** Without timers, for processes that are frozen between requests: what is due is done with the next call. */
export function byCalls(now: () => number): Schedule {
  const tasks = new Map<() => void, number>()
  return {
    after(ms, then) {
      const task = () => then()
      tasks.set(task, now() + ms)
      return () => void tasks.delete(task)
    },
    nudge() {
      if (tasks.size === 0) return
      for (const [task, due] of tasks) {
        if (due > now()) continue
        tasks.delete(task)
        task()
      }
    },
  }
}
