/** Ctrl-C: what is begun is finished, and nothing more is begun. A second one ends the program at once. */
import { CliError, EXIT } from './exit.js'

export interface Interrupts {
  /** Throws where it was asked to stop: called between two steps, each of which is whole. */
  check(): void
  /** Is aborted then. */
  readonly signal: AbortSignal
  stop(): void
}

export function watchInterrupts(tell: (text: string) => void): Interrupts {
  const asked = new AbortController()
  const { signal } = asked
  const onSignal = () => {
    if (signal.aborted) process.exit(EXIT.interrupted)
    asked.abort()
    tell('stopping once what is under way is done; Ctrl-C again stops at once')
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  return {
    signal,
    check() {
      if (signal.aborted) throw new CliError(EXIT.interrupted, 'stopped')
    },
    stop() {
      process.off('SIGINT', onSignal)
      process.off('SIGTERM', onSignal)
    },
  }
}
