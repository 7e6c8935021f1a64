/** The real better-auth out of a folder of its packages, over its own adapter: in memory, or in a MongoDB. */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** The `configId` whose keys belong to organisations. */
export const TEAMS = 'teams'
export const USER = '65f0c0ffee65f0c0ffee65f0'
export const ORGANIZATION = '65f0c0ffee65f0c0ffee65f1'

/** @returns { auth, tables, close }: what is in `tables` is what the memory adapter has */
export async function openBetterAuth(folder, uri, dbName) {
  const { resolve } = createRequire(join(folder, 'package.json'))
  const load = name => import(pathToFileURL(resolve(name)).href)
  const { betterAuth } = await load('better-auth')
  const { organization } = await load('better-auth/plugins/organization')
  const { apiKey } = await load('@better-auth/api-key')
  const names = [
    'user',
    'session',
    'account',
    'verification',
    'apikey',
    'organization',
    'member',
    'invitation',
  ]
  const tables = Object.fromEntries(names.map(name => [name, []]))
  let client
  const adapter = async () => {
    if (uri === undefined) return (await load('@better-auth/memory-adapter')).memoryAdapter(tables)
    const { MongoClient } = await load('mongodb')
    client = new MongoClient(uri)
    return (await load('@better-auth/mongo-adapter')).mongodbAdapter(client.db(dbName))
  }
  const more = { enableMetadata: true, rateLimit: { enabled: false } }
  const auth = betterAuth({
    baseURL: 'http://localhost:3000',
    secret: 'a-secret-for-the-test-alone-1f0e3dad99908345f7439f8ffabdffc4',
    database: await adapter(),
    logger: { disabled: true },
    telemetry: { enabled: false },
    rateLimit: { enabled: false },
    plugins: [
      organization(),
      apiKey([
        { configId: 'default', ...more },
        { configId: TEAMS, references: 'organization', ...more },
      ]),
    ],
  })
  return { auth, tables, close: async () => client?.close() }
}
