/** How far an import has come, in a file beside what is imported, so that `--resume` goes on there. */
import { randomUUID } from 'node:crypto'
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { CliError, EXIT } from './exit.js'

export interface Checkpoint {
  /** The rows that are done; 0 where it begins. */
  readonly after: number
  /** Whether there is something to go on with. */
  readonly isKept: boolean
  save(rows: number): Promise<void>
  /** There is nothing to go on with. */
  clear(): Promise<void>
}

/** For what cannot be gone on with: standard input, a dry run. */
export const NO_CHECKPOINT: Checkpoint = {
  after: 0,
  isKept: false,
  save: async () => {},
  clear: async () => {},
}

/**
 * Where it cannot be written that is told once, and holds nothing up: an import can be repeated without it.
 * @param path of the file that is imported
 * @throws CliError `usage` where there is nothing to resume, or the file is another one by now
 */
export async function openCheckpoint(
  path: string,
  { resume, warn }: { readonly resume: boolean | undefined; readonly warn: (text: string) => void },
): Promise<Checkpoint> {
  const file = `${path}.sidekey-import.json`
  const { size, mtimeMs } = await stat(path)
  const is = { size, mtimeMs }
  const after = resume === true ? await rowsIn(file, is) : 0
  let isKept = after > 0
  let isTold = false
  return {
    after,
    get isKept() {
      return isKept
    },
    async save(rows) {
      try {
        await replace(file, JSON.stringify({ rows, ...is }))
        isKept = true
      } catch (error) {
        if (!isTold)
          warn(`${file}: cannot be written ${reasonOf(error)}; this import cannot be resumed, only repeated`)
        isTold = true
      }
    },
    async clear() {
      if (!isKept) return
      await rm(file, { force: true }).catch(error =>
        warn(`${file}: is of no use now, and cannot be removed ${reasonOf(error)}`),
      )
    },
  }
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
  return `(${code})`
}

/** In one step: a crash leaves the old one or the new one, and a link in its place is not followed. */
async function replace(file: string, text: string): Promise<void> {
  const next = `${file}.${randomUUID()}`
  try {
    await writeFile(next, text, { flag: 'wx', mode: 0o600 })
    await rename(next, file)
  } catch (error) {
    await rm(next, { force: true })
    throw error
  }
}

async function rowsIn(
  file: string,
  is: { readonly size: number; readonly mtimeMs: number },
): Promise<number> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new CliError(EXIT.usage, `there is nothing to resume: ${file} is not there`)
  })
  const found = parsed(text)
  if (found === null) throw new CliError(EXIT.usage, `${file}: is not what an import has written`)
  if (found.size === is.size && found.mtimeMs === is.mtimeMs) return found.rows
  throw new CliError(EXIT.usage, 'the file has changed since: import it without --resume, which is safe, too')
}

function parsed(text: string): { rows: number; size: number; mtimeMs: number } | null {
  try {
    const { rows, size, mtimeMs } = JSON.parse(text) as Record<string, unknown> // looked at below
    if (!Number.isSafeInteger(rows) || typeof size !== 'number' || typeof mtimeMs !== 'number') return null
    return { rows: rows as number, size, mtimeMs } // a safe integer
  } catch {
    return null
  }
}
