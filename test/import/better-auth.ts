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

export type Name = 'plain' | 'permitted' | 'limited' | 'counted' | 'refilled' | 'ending' | 'described' | 'off'

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
  const name = `better-auth-${VERSION}`
  installPeers(name, VERSIONS)
  const script = resolve('test/import/better-auth-keys.mjs')
  const more = database === undefined ? [] : [database.uri, database.name]
  const { stdout } = await promisify(execFile)(process.execPath, [
    script,
    resolve('bench/.peers', name),
    ...more,
  ])
  return JSON.parse(stdout) as Made // as the script writes it
}
