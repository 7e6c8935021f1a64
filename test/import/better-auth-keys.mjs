/**
 * Makes keys with the real better-auth, over its own adapter: `node better-auth-keys.mjs <folder of its packages> [mongodb uri] [db]`.
 * Prints { tokens, rows }: the tokens that it has handed out, by name, and the rows of its table as JSON. In MongoDB the rows stay.
 */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const [folder, uri, dbName] = process.argv.slice(2)
const { resolve } = createRequire(join(folder, 'package.json'))
const load = name => import(pathToFileURL(resolve(name)).href)
const { betterAuth } = await load('better-auth')
const { apiKey } = await load('@better-auth/api-key')

const tables = { user: [], session: [], account: [], verification: [], apikey: [] }
let client
const adapter = async () => {
  if (uri === undefined) return (await load('@better-auth/memory-adapter')).memoryAdapter(tables)
  const { MongoClient } = await load('mongodb')
  client = new MongoClient(uri)
  return (await load('@better-auth/mongo-adapter')).mongodbAdapter(client.db(dbName))
}
const auth = betterAuth({
  baseURL: 'http://localhost:3000',
  secret: 'a-secret-for-the-test-alone-1f0e3dad99908345f7439f8ffabdffc4',
  database: await adapter(),
  logger: { disabled: true },
  telemetry: { enabled: false },
  rateLimit: { enabled: false },
  plugins: [apiKey({ enableMetadata: true, rateLimit: { enabled: false } })],
})
const userId = '65f0c0ffee65f0c0ffee65f0'
const tokens = {}
const ids = {}
const make = async (name, more = {}) => {
  const made = await auth.api.createApiKey({ body: { userId, name, prefix: 'ba_', ...more } })
  tokens[name] = made.key
  ids[name] = made.id
}
await make('plain')
await make('permitted', { permissions: { reports: ['read', 'write'], exports: ['run'] } })
await make('limited', { rateLimitEnabled: true, rateLimitMax: 3, rateLimitTimeWindow: 3_600_000 })
await make('counted', { remaining: 2 })
await make('refilled', { remaining: 5, refillAmount: 100, refillInterval: 86_400_000 })
await make('ending', { expiresIn: 7 * 86_400 })
await make('described', { metadata: { team: 'data', nested: { a: [1, null] } } })
await make('off')
await auth.api.updateApiKey({ body: { keyId: ids.off, userId, enabled: false } })
// One of its own verifications, so that a row has been used.
await auth.api.verifyApiKey({ body: { key: tokens.plain } })

const rows = uri === undefined ? tables.apikey : []
process.stdout.write(JSON.stringify({ tokens, ids, rows }))
await client?.close()
