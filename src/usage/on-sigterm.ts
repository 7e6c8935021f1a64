/**
 * What is only in memory is written when the process is told to end. A process that listens to `SIGTERM` does not end by
 * itself any more: so it is sent the signal once more, unless somebody else listens, whose business the end is then.
 */
const PATIENCE_MS = 2_000

type Flush = () => Promise<unknown>

const flushes = new Set<Flush>()

/** Has `flush` called at `SIGTERM`; answers how to call it off. */
export function onSigterm(flush: Flush): () => void {
  // Before all others: who listens only once is gone after it.
  if (flushes.size === 0) process.prependListener('SIGTERM', end)
  flushes.add(flush)
  return () => {
    flushes.delete(flush)
    if (flushes.size === 0) process.off('SIGTERM', end)
  }
}

async function end(): Promise<void> {
  const isAlone = process.listenerCount('SIGTERM') === 1
  const late = new Promise(resolve => setTimeout(resolve, PATIENCE_MS).unref())
  await Promise.race([Promise.allSettled([...flushes].map(flush => flush())), late])
  if (!isAlone) return
  process.off('SIGTERM', end)
  process.kill(process.pid, 'SIGTERM')
}
