/**
 * Writes the golden fixtures of the present version: `npm run golden`. Those of a version that has been released are never
 * written again: whatever comes later must read them as they are.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import mongoose from 'mongoose'
import { mongooseStore } from 'sidekey/mongoose'
import { FOLDER, writeGolden } from '../../test/golden/fixture.js'
import { tellStory } from '../../test/golden/story.js'
import { startServer } from '../../test/support/mongo/server.js'

/** Leases are gone once a process ends; counters of limits last no longer than a window. */
const NOT_KEPT: ReadonlySet<string> = new Set(['sidekey_leases', 'sidekey_limits'])

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string } // npm's own file
const isUnreleased = readFileSync('CHANGELOG.md', 'utf8').includes(`\n## ${version} - unreleased\n`)
if (!isUnreleased && existsSync(join(FOLDER, version))) {
  console.error(`${version} has been released, as CHANGELOG.md says: its golden fixtures stay as they are.`)
  process.exit(1)
}

const server = await startServer(`sidekey-golden-${process.pid}`)
try {
  const dbName = `sidekey_golden_${process.pid}`
  const connection = await mongoose.createConnection(server.uri, { dbName }).asPromise()
  const store = mongooseStore(connection)
  await store.ready()
  const tokens = await tellStory(store)
  const documents: Record<string, mongoose.mongo.Document[]> = {}
  for (const { collectionName } of (await connection.db?.collections()) ?? []) {
    if (NOT_KEPT.has(collectionName)) continue
    documents[collectionName] = await connection.collection(collectionName).find().sort({ _id: 1 }).toArray()
  }
  const file = writeGolden({ version, at: new Date(), tokens, documents })
  console.log(`${file}: ${tokens.length} tokens of ${server.described}`)
  await store.close()
  await connection.dropDatabase()
  await connection.close()
} finally {
  await server.stop()
}
