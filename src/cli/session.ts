/** What a command works with: the keys, by the app's config or by the database alone. */
import { hostname, userInfo } from 'node:os'
import { type Internals, internalsOf } from '../internals.js'
import type { ApiKeys, KeyManagement } from '../sidekey.js'
import { findConfig, loadConfig } from './config-file.js'
import { type DatabaseOptions, openDatabase } from './database.js'
import { CliError, EXIT } from './exit.js'
import type { Io } from './io.js'
import type { Output } from './output.js'

/** The options that say where the keys are. */
export interface WhereOptions {
  /** A path; `false`: `--no-config`. */
  readonly config?: string | boolean
  readonly store?: string
  readonly collectionPrefix?: string
  /** What tokens begin with; several: all of them do. */
  readonly prefix?: string | readonly string[]
}

export interface Session {
  readonly keys: ApiKeys
  /** The trusted face; the audit is told who sits at the terminal. */
  readonly manage: KeyManagement
  readonly internals: Internals
  /** Whether the app's own options hold. */
  readonly by: 'config' | 'database'
  /** One that knows tokens that begin with these, too, in place of this one. A config names all that there are. */
  knowing(prefixes: readonly string[]): Promise<Session>
  close(): Promise<void>
}

/**
 * Opens the keys: `--config`, then `--store`, then a config of the working directory, then `MONGODB_URI`.
 * @throws CliError
 */
export async function openSession(
  { env }: Pick<Io, 'env'>,
  where: WhereOptions,
  output: Output,
  hint: { readonly token?: string } = {},
): Promise<Session> {
  const { config, store, collectionPrefix, prefix } = where
  if (typeof config === 'string' && store !== undefined) {
    throw new CliError(EXIT.usage, '--config and --store exclude each other: a config has its own store')
  }
  const path =
    typeof config === 'string'
      ? config
      : store === undefined && config !== false
        ? findConfig(process.cwd())
        : null
  if (path !== null) {
    const loaded = await loadConfig(path)
    return sessionOf(loaded.keys, 'config', loaded.close)
  }
  const uri = store ?? env.MONGODB_URI
  if (uri === undefined || uri === '') throw new CliError(EXIT.setup, NOWHERE)
  if (store !== undefined && /^[a-z+]+:\/\/[^/@:]*:[^/@]+@/.test(store)) {
    output.warn('other users of this machine can see the password in --store: set MONGODB_URI in its place')
  }
  const database = { uri, collectionPrefix, prefixes: [prefix ?? []].flat(), token: hint.token }
  return overDatabase(database, output)
}

async function overDatabase(options: DatabaseOptions, output: Output): Promise<Session> {
  const { keys, close } = await openDatabase(options, output)
  const session: Session = {
    ...sessionOf(keys, 'database', close),
    async knowing(prefixes) {
      const { config } = session.internals
      if (prefixes.every(prefix => config.prefixes.has(prefix))) return session
      const next = await overDatabase({ ...options, prefixes: [...options.prefixes, ...prefixes] }, output)
      await session.close()
      return next
    },
  }
  return session
}

const NOWHERE =
  'there is no sidekey.config.{js,mjs,ts} here and no database is named: have a config export `keys`, set MONGODB_URI, ' +
  'or give --store mongodb://…'

function sessionOf(keys: ApiKeys, by: Session['by'], close: () => Promise<void>): Session {
  const internals = internalsOf(keys)
  const session: Session = {
    keys,
    manage: internals.asServer(operator()),
    internals,
    by,
    knowing: async () => session,
    async close() {
      await keys.close()
      await close()
    },
  }
  return session
}

/** Who sits at the terminal, as the audit tells it. */
export function operator(): { readonly headers: Readonly<Record<string, string>> } {
  return { headers: { 'user-agent': `sidekey CLI (${userName()}@${hostname()})` } }
}

function userName(): string {
  try {
    return userInfo().username
  } catch {
    return String(process.getuid?.() ?? 'unknown') // a container may have no name for it
  }
}
