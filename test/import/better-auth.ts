/** The real better-auth, in a process of its own: its packages are ES modules, and jest's are not. */
import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { installPeers } from '../../bench/peers.js'

const VERSION = '1.7.5'
/** As bench/better-auth.ts has them: both use one installation. */
const VERSIONS = {
  'better-auth': VERSION,
  '@better-auth/core': VERSION,
  'better-call': '1.4.0',
  '@better-auth/utils': '0.4.2',
  '@better-auth/api-key': VERSION,
  '@better-auth/memory-adapter': VERSION,
  '@better-auth/mongo-adapter': VERSION,
  mongodb: '7.5.0',
}

export type Name =
  | 'plain'
  | 'permitted'
  | 'limited'
  | 'counted'
  | 'refilled'
  | 'ending'
  | 'described'
  | 'off'
  | 'ofTeam'

export interface Made {
  readonly tokens: Readonly<Record<Name, string>>
  readonly ids: Readonly<Record<Name, string>>
  readonly rows: readonly Record<string, unknown>[]
}

/** Keys that it has just made; with a database in it, and without their rows. */
export async function betterAuthKeys(database?: {
  readonly uri: string
  readonly name: string
}): Promise<Made> {
  const more = database === undefined ? [] : [database.uri, database.name]
  return JSON.parse(await run('better-auth-keys.mjs', more)) as Made // as the script writes it
}

/** What it answers to a token. */
export interface Answer {
  readonly valid: boolean
  readonly code: string | null
  readonly referenceId: string | null
}

/** Asks it about tokens, with these rows in its table. */
export async function betterAuthAnswers(
  rows: readonly object[],
  asked: readonly { readonly key: string; readonly permissions?: object }[],
): Promise<readonly Answer[]> {
  const input = JSON.stringify({ rows, asked })
  return JSON.parse(await run('better-auth-verify.mjs', [], input)) as Answer[] // as the script writes it
}

async function run(script: string, more: readonly string[], input = ''): Promise<string> {
  const name = `better-auth-${VERSION}`
  installPeers(name, VERSIONS)
  const args = [resolve('test/import', script), resolve('bench/.peers', name), ...more]
  const running = promisify(execFile)(process.execPath, args)
  running.child.stdin?.end(input)
  return (await running).stdout
}
