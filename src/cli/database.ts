/** `keys` over a database alone, where the app's own options are not at hand. */
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Connection } from 'mongoose'
import { KEY_STATUSES, type StoredKey } from '../key/record.js'
import { isPrefix, isTokenLike, TAIL_LENGTH } from '../key/token.js'
import { type ApiKeys, apiKeys } from '../sidekey.js'
import { mongooseStore } from '../store/mongoose/index.js'
import type { Store } from '../store/store.js'
import { CliError, EXIT } from './exit.js'
import type { Output } from './output.js'

export interface DatabaseOptions {
  readonly uri: string
  readonly collectionPrefix?: string | undefined
  /** What tokens begin with, the first of them that of new ones. None: those of the keys that are there. */
  readonly prefixes: readonly string[]
  /** A token that is to be verified or looked up: its prefix, and the kind of its key, are taken from it. */
  readonly token?: string | undefined
}

export interface Opened {
  readonly keys: ApiKeys
  readonly close: () => Promise<void>
}

const TIMEOUT_MS = 5_000
/** So many keys are looked at for their prefixes and kinds. */
const SAMPLE = 100
/** Nothing of a database whose rules are not known here is purged. */
const NEVER = '1000y'

/** @throws CliError `setup`, `usage`, `unavailable` */
export async function openDatabase(options: DatabaseOptions, output: Output): Promise<Opened> {
  const connection = await connect(options.uri)
  const { collectionPrefix } = options
  const over = { autoIndex: false, ...(collectionPrefix !== undefined && { collectionPrefix }) }
  try {
    const store: Store = {
      ...mongooseStore(connection, over),
      // By these options a hash may be outdated, by the app's it is not.
      rehash: async () => false,
    }
    const { prefix, kinds } = await guessed(store, options)
    const keys = apiKeys({
      prefix,
      kinds,
      store,
      cache: false,
      retention: NEVER,
      logger: {
        warn: (_, message) => output.warn(message),
        error: (_, message) => output.warn(message),
      },
    })
    return { keys, close: () => connection.close() }
  } catch (error) {
    await connection.close()
    throw error
  }
}

/** A name, an address, or a percent-encoded path. */
const HOST = String.raw`(?:[^@/?#,:[\]\s]+|\[[0-9a-f:.%]+\])(?::\d{1,5})?`
/** Credentials without `@` and slash, then hosts, then the rest. */
const ADDRESS = new RegExp(
  String.raw`^mongodb(?:\+srv)?://(?:[^@/?#\s]*@)?${HOST}(?:,${HOST})*(?:/[^@?\s]*)?(?:\?.*)?$`,
  'i',
)

/** The driver takes a wrong address apart as it can, and tells the parts that it fails at: they may be of the password. */
function refuseWrong(uri: string): void {
  if (!/^mongodb(\+srv)?:\/\//i.test(uri) || ADDRESS.test(uri)) return
  throw new CliError(
    EXIT.usage,
    'the address of the database is wrong: after mongodb:// it takes user:password@host:port/name, where what is special in the ' +
      'password is percent-encoded (%40 for @, %2F for /)',
  )
}

async function connect(uri: string): Promise<Connection> {
  refuseWrong(uri)
  const mongoose = await loadMongoose()
  try {
    return await mongoose
      .createConnection(uri, { ...timeoutsFor(uri), appName: 'sidekey', autoIndex: false })
      .asPromise()
  } catch (error) {
    const { name, message } = error instanceof Error ? error : { name: '', message: String(error) }
    if (name === 'MongoParseError' || name === 'MongoAPIError' || name === 'MongooseError') {
      throw new CliError(EXIT.usage, `the address of the database is wrong: ${message}`)
    }
    throw new CliError(EXIT.unavailable, `the database cannot be reached: ${message}`)
  }
}

/** What the address says of them itself, holds. */
function timeoutsFor(uri: string): Readonly<Record<string, number>> {
  const names = ['serverSelectionTimeoutMS', 'connectTimeoutMS']
  const open = names.filter(name => !uri.toLowerCase().includes(`${name.toLowerCase()}=`))
  return Object.fromEntries(open.map(name => [name, TIMEOUT_MS]))
}

/** The app's own copy, or the one beside sidekey. */
async function loadMongoose(): Promise<typeof import('mongoose')> {
  const places = [pathToFileURL(resolve('package.json')).href, import.meta.url]
  for (const place of places) {
    try {
      const path = createRequire(place).resolve('mongoose')
      const loaded = (await import(pathToFileURL(path).href)) as { default: typeof import('mongoose') } // CommonJS
      return loaded.default
    } catch (error) {
      const missing = error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND'
      if (!missing) throw error
    }
  }
  throw new CliError(
    EXIT.setup,
    'to reach a database by its address sidekey needs mongoose: npm install mongoose (8.9 or newer). Or have ' +
      'sidekey.config.mjs export the `keys` of your app',
  )
}

type Kinds = Readonly<Record<string, { readonly prefix: string }>>

/** Prefix and kinds, as the keys have them that are there. */
async function guessed(
  store: Store,
  { prefixes, token }: DatabaseOptions,
): Promise<{ prefix: string; kinds: Kinds }> {
  const sample = await store.list({ statuses: KEY_STATUSES, now: Date.now(), limit: SAMPLE })
  const ofToken = token === undefined ? null : await keyOf(store, token)
  const found = ofToken === null ? sample : [ofToken, ...sample]
  const ofTokens = prefixOf(token)
  const all = new Set([
    ...prefixes,
    ...(ofTokens === undefined ? [] : [ofTokens]),
    ...found.map(key => key.prefix),
  ])
  const [prefix = 'sidekey'] = all
  const names = new Set(found.map(key => key.kind))
  const main = names.has('secret') || names.size === 0 ? 'secret' : [...names][0]
  const kinds: [string, { prefix: string }][] = [main ?? 'secret', ...names].map(kind => [
    kind,
    { prefix: prefixes[0] ?? found.find(key => key.kind === kind)?.prefix ?? prefix },
  ])
  // A kind that no key has for each further prefix, so that its tokens are known for ones.
  const further = [...all].map((one, i): [string, { prefix: string }] => [`of-prefix-${i}`, { prefix: one }])
  return { prefix, kinds: Object.fromEntries([...kinds, ...further]) }
}

async function keyOf(store: Store, token: string): Promise<StoredKey | null> {
  const prefix = prefixOf(token)
  return prefix === undefined ? null : store.find(token.slice(prefix.length + 1, prefix.length + 17))
}

/** What a token begins with: all but id, secret and checksum with their marks. */
function prefixOf(token: string | undefined): string | undefined {
  if (token === undefined || !isTokenLike(token)) return undefined
  const prefix = token.slice(0, -TAIL_LENGTH)
  return isPrefix(prefix) ? prefix : undefined
}
