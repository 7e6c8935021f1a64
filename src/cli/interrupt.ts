/** Ctrl-C: what is begun is finished, and nothing more is begun. A second one ends the program at once. */
import { CliError, EXIT } from './exit.js'

export interface Interrupts {
  /** Throws where it was asked to stop: called between two steps, each of which is whole. */
  check(): void
  stop(): void
}

export function watchInterrupts(tell: (text: string) => void): Interrupts {
  let asked = false
  const onSignal = () => {
    if (asked) process.exit(EXIT.interrupted)
    asked = true
    tell('stopping once what is under way is done; Ctrl-C again stops at once')
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  return {
    check() {
      if (asked) throw new CliError(EXIT.interrupted, 'stopped')
    },
    stop() {
      process.off('SIGINT', onSignal)
      process.off('SIGTERM', onSignal)
    },
  }
}
