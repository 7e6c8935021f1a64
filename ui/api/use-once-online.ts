import { useEffect } from 'preact/hooks'
import type { Failure } from './failure.js'

/** Reads again, once the network is back, what failed for want of one. `reload` must stay the same. */
export function useOnceOnline(failure: Failure | null, reload: () => void): void {
  const waits = failure?.kind === 'network'
  useEffect(() => {
    if (!waits) return
    addEventListener('online', reload)
    return () => removeEventListener('online', reload)
  }, [waits])
}
