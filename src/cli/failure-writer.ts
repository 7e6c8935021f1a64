/** Where rows of an import go that were not taken. */
import { open, rm } from 'node:fs/promises'
import type { RowFailure } from '../import/index.js'
import { CliError, EXIT } from './exit.js'
import type { Output } from './output.js'
import { jsonText } from './text.js'

export interface FailureWriter {
  readonly write: (failure: RowFailure) => void
  /** Runs once all that was told before is written, and never where it could not be. */
  after(next: () => Promise<void>): void
  /** Resolves once all is written, and what comes after it is over; a file that has nothing in it is removed. */
  end(): Promise<void>
}

/** Writes them one after the other: to a new file, or to standard error. */
export async function failureWriter(path: string | undefined, output: Output): Promise<FailureWriter> {
  if (path === undefined) return onScreen(output)
  const file = await open(path, 'wx', 0o600).catch(() => {
    throw new CliError(EXIT.usage, `${path}: is there already, or cannot be written`)
  })
  let written: Promise<void> = Promise.resolve()
  let others: Promise<unknown> = Promise.resolve()
  let isEmpty = true
  let isOpen = true
  return {
    write(failure) {
      isEmpty = false
      written = written.then(() => file.appendFile(`${jsonText(failure)}\n`))
      written.catch(() => {}) // told at the end
    },
    after(next) {
      others = Promise.allSettled([others, written.then(next)])
    },
    async end() {
      if (!isOpen) return
      isOpen = false
      try {
        await others
        await written
      } finally {
        await file.close()
        // So that the same command can be given again, say with an option that was refused set right.
        if (isEmpty) await rm(path, { force: true })
      }
    },
  }
}

function onScreen(output: Output): FailureWriter {
  let others: Promise<void> = Promise.resolve()
  return {
    write: ({ line, reason }) => output.note(`line ${line}: ${reason}`),
    after(next) {
      others = others.then(next)
    },
    end: () => others,
  }
}
