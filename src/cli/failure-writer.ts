/** Where rows of an import go that were not taken. */
import { open } from 'node:fs/promises'
import type { RowFailure } from '../import/index.js'
import { CliError, EXIT } from './exit.js'
import type { Output } from './output.js'
import { jsonText } from './text.js'

export interface FailureWriter {
  readonly write: (failure: RowFailure) => void
  /** Runs once all that was told before is written. */
  after(next: () => Promise<void>): void
  end(): Promise<void>
}

/** Writes them, and what is to come after them, one after the other: to a new file, or to standard error. */
export async function failureWriter(path: string | undefined, output: Output): Promise<FailureWriter> {
  const file =
    path === undefined
      ? null
      : await open(path, 'wx', 0o600).catch(() => {
          throw new CliError(EXIT.usage, `${path}: is there already, or cannot be written`)
        })
  let last: Promise<void> = Promise.resolve()
  let isOpen = true
  const append = (next: () => Promise<void>) => {
    last = last.then(next)
    last.catch(() => {}) // told at the end
  }
  return {
    write(failure) {
      if (file === null) output.note(`line ${failure.line}: ${failure.reason}`)
      else append(() => file.appendFile(`${jsonText(failure)}\n`))
    },
    after: append,
    async end() {
      const wasOpen = isOpen
      isOpen = false
      try {
        await last
      } finally {
        if (wasOpen) await file?.close()
      }
    },
  }
}
