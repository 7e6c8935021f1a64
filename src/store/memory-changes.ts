/** Changes within one process: who keeps something in memory is told of each write in the moment that it counts. */
import type { LocalChanges, Named } from './store.js'

export function memoryChanges(): LocalChanges {
  const listeners = new Set<(named: Named) => void>()
  return {
    kind: 'local',
    watch(listener) {
      const own = (named: Named) => listener(named) // the same one may watch twice
      listeners.add(own)
      return () => void listeners.delete(own)
    },
    publish(named) {
      for (const listener of listeners) listener(named)
    },
  }
}
