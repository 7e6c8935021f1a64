/** How far an import has come, in a file beside what is imported, so that `--resume` goes on there. */
import { randomUUID } from 'node:crypto'
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { CliError, EXIT } from './exit.js'

export interface Checkpoint {
  /** The rows that are done; 0 where it begins. */
  readonly after: number
  save(rows: number): Promise<void>
  /** There is nothing to go on with. */
  clear(): Promise<void>
}

/** For what cannot be gone on with: standard input, a dry run. */
export const NO_CHECKPOINT: Checkpoint = { after: 0, save: async () => {}, clear: async () => {} }

/**
 * @param path of the file that is imported
 * @throws CliError `usage` where there is nothing to resume, or the file is another one by now
 */
export async function openCheckpoint(
  path: string,
  { resume }: { readonly resume: boolean | undefined },
): Promise<Checkpoint> {
  const file = `${path}.sidekey-import.json`
  const { size, mtimeMs } = await stat(path)
  const is = { size, mtimeMs }
  return {
    after: resume === true ? await rowsIn(file, is) : 0,
    save: rows => replace(file, JSON.stringify({ rows, ...is })),
    clear: () => rm(file, { force: true }),
  }
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
