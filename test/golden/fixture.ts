/** What is kept of a version: the tokens that it has made, and all that its store held then. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { mongo } from 'mongoose'

const { EJSON } = mongo.BSON
export const FOLDER = resolve('test/golden')

/** A token, and what it must be answered for ever; `code`: that of its refusal. */
export interface GoldenToken {
  readonly name: string
  readonly token: string
  readonly keyId: string
  readonly owner: string
  readonly code: string | null
  readonly permissions: readonly string[]
  readonly ip?: string
  readonly origin?: string
  /** Of a key whose requests cost something: what is left, and whether more comes with time. */
  readonly balance?: number
  readonly refills?: true
}

export type Documents = Readonly<Record<string, readonly mongo.Document[]>>

export interface Golden {
  readonly version: string
  /** When all of it was made. */
  readonly at: Date
  readonly tokens: readonly GoldenToken[]
  /** By collection, as the server had them. */
  readonly documents: Documents
}

export function goldenVersions(): string[] {
  return readdirSync(FOLDER).filter(name => /^\d+\.\d+\.\d+/.test(name) && existsSync(file(name)))
}

export function readGolden(version: string): Golden {
  return EJSON.parse(readFileSync(file(version), 'utf8')) as Golden // as it was written
}

export function writeGolden(golden: Golden): string {
  mkdirSync(join(FOLDER, golden.version), { recursive: true })
  writeFileSync(file(golden.version), `${EJSON.stringify(golden, undefined, 1, { relaxed: true })}\n`)
  return file(golden.version)
}

function file(version: string): string {
  return join(FOLDER, version, 'golden.json')
}
