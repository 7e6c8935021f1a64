/**
 * better-auth's API-key plugin, set up the fastest way that still hashes keys: no rate limits (neither the
 * plugin's nor the router's), no logging, no telemetry, and one key in the table, since its memory adapter
 * looks through all rows.
 *
 * What its `verifyApiKey` does then: checks the input by a schema, hashes the key (SHA-256 by WebCrypto),
 * finds the row by the hash, checks enabled, expiry and permissions, and updates the row twice, for
 * `lastRequest` and `updatedAt`; no option turns the updates off.
 */
import type { Connection } from 'mongoose'
import { installPeers } from './peers.js'

export const BETTER_AUTH = '1.7.5'

const VERSIONS = {
  'better-auth': BETTER_AUTH,
  '@better-auth/core': BETTER_AUTH,
  'better-call': '1.4.0',
  '@better-auth/utils': '0.4.2',
  '@better-auth/api-key': BETTER_AUTH,
  '@better-auth/memory-adapter': BETTER_AUTH,
  '@better-auth/mongo-adapter': BETTER_AUTH,
  mongodb: '7.5.0',
}

/** The part of its API that is used here. */
interface Auth {
  readonly api: {
    createApiKey(input: { body: { userId: string; permissions: Permissions } }): Promise<{ key: string }>
    verifyApiKey(input: { body: { key: string; permissions: Permissions } }): Promise<{ valid: boolean }>
  }
}

type Permissions = Readonly<Record<string, readonly string[]>>
type Factory<T> = (...options: unknown[]) => T

const PERMISSIONS: Permissions = { reports: ['read'] }

/** Where the plugin keeps its keys. */
export type Storage = 'memory adapter' | 'secondary storage'

/** A verification of one valid key with one permission, by a better-auth of its own. */
export async function betterAuthVerification(storage: Storage): Promise<() => Promise<{ valid: boolean }>> {
  const load = installPeers(`better-auth-${BETTER_AUTH}`, VERSIONS)
  // The peers are not there when the types are checked; the names are those of the versions above.
  const { betterAuth } = (await load('better-auth')) as { betterAuth: Factory<Auth> }
  const { apiKey } = (await load('@better-auth/api-key')) as { apiKey: Factory<unknown> }
  const { memoryAdapter } = (await load('@better-auth/memory-adapter')) as { memoryAdapter: Factory<unknown> }

  const auth = betterAuth({
    baseURL: 'http://localhost:3000',
    secret: 'a-secret-for-the-bench-alone-1f0e3dad99908345f7439f8ffabdffc4',
    database: memoryAdapter({ user: [], session: [], account: [], verification: [], apikey: [] }),
    logger: { disabled: true },
    telemetry: { enabled: false },
    rateLimit: { enabled: false },
    plugins: [apiKey({ rateLimit: { enabled: false }, ...(storage === 'secondary storage' && inMap()) })],
  })
  const { key } = await auth.api.createApiKey({ body: { userId: 'alice', permissions: PERMISSIONS } })
  return () => auth.api.verifyApiKey({ body: { key, permissions: PERMISSIONS } })
}

/** What a better-auth with limits is given: its own database, over the driver that it brings. */
export interface OnMongo {
  readonly uri: string
  readonly dbName: string
  readonly keys: number
  /** Whether each verification is held to a limit. */
  readonly limits: boolean
}

/** Verifications of many keys in turn, over MongoDB; and how to end it. */
export async function betterAuthOnMongo({ uri, dbName, keys, limits }: OnMongo) {
  const load = installPeers(`better-auth-${BETTER_AUTH}`, VERSIONS)
  const { betterAuth } = (await load('better-auth')) as { betterAuth: Factory<Auth> }
  const { apiKey } = (await load('@better-auth/api-key')) as { apiKey: Factory<unknown> }
  const { mongodbAdapter } = (await load('@better-auth/mongo-adapter')) as {
    mongodbAdapter: Factory<unknown>
  }
  const { MongoClient } = (await load('mongodb')) as {
    MongoClient: new (uri: string, options: object) => Client
  }
  const client = new MongoClient(uri, { monitorCommands: true })
  const db = client.db(dbName)
  // It makes none itself: without it each verification would look through all keys.
  await db.collection('apikey').createIndex({ key: 1 })
  const auth = betterAuth({
    baseURL: 'http://localhost:3000',
    secret: 'a-secret-for-the-bench-alone-1f0e3dad99908345f7439f8ffabdffc4',
    database: mongodbAdapter(db),
    logger: { disabled: true },
    telemetry: { enabled: false },
    rateLimit: { enabled: false },
    plugins: [apiKey({ rateLimit: { enabled: limits, timeWindow: 60_000, maxRequests: 1_000_000 } })],
  })
  const tokens: string[] = []
  const make = async () => {
    while (tokens.length < keys) {
      const { key } = await auth.api.createApiKey({ body: { userId: USER, permissions: PERMISSIONS } })
      tokens.push(key)
    }
  }
  await Promise.all(Array.from({ length: 20 }, make))
  const verifyOne = (key: string) => auth.api.verifyApiKey({ body: { key, permissions: PERMISSIONS } })
  let next = 0
  return {
    tokens,
    client,
    verifyOne,
    verify: () => verifyOne(tokens[next++ % tokens.length] ?? ''),
    close: () => client.close(),
  }
}

/** Its adapter takes ids that are ObjectIds. */
const USER = '65f0c0ffee65f0c0ffee65f0'

interface Client extends Pick<ReturnType<Connection['getClient']>, 'on' | 'off'> {
  db(name: string): { collection(name: string): { createIndex(keys: object): Promise<unknown> } }
  close(): Promise<void>
}

/** Its other storage, over a map: no adapter, and the one write goes on beside the answer. */
function inMap() {
  const values = new Map<string, string>()
  const customStorage = {
    get: (key: string) => values.get(key) ?? null,
    set: (key: string, value: string) => void values.set(key, value),
    delete: (key: string) => void values.delete(key),
  }
  return { storage: 'secondary-storage', deferUpdates: true, customStorage }
}
