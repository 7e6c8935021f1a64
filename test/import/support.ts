import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type ImportFileOptions, type ImportReport, importFile, type RowFailure } from 'sidekey/import'
import type { TestKeys } from '../support/keys.js'

/** A text as a file is read: in pieces that end anywhere, also within a character. */
export async function* asFile(text: string | Uint8Array, size = 61): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text)
  for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size)
}

export interface Outcome extends ImportReport {
  readonly failures: readonly RowFailure[]
}

export async function importText(
  keys: TestKeys,
  text: string | Uint8Array,
  options: Omit<ImportFileOptions, 'onFailed'>,
): Promise<Outcome> {
  const failures: RowFailure[] = []
  const report = await importFile(keys, asFile(text), { ...options, onFailed: one => failures.push(one) })
  return { ...report, failures }
}

/** A fixture, with digests of what it names in their places: `SHA256(x)` is that of `x`. */
export function fixture(
  name: string,
  secretOf: (name: string) => string,
  encoding: 'hex' | 'base64',
): string {
  const text = readFileSync(`test/import/fixtures/${name}`, 'utf8')
  return text.replace(/SHA256\((\w+)\)/g, (_, one: string) =>
    createHash('sha256').update(secretOf(one)).digest(encoding),
  )
}
