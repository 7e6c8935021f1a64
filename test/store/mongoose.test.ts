import mongoose from 'mongoose'
import { mongooseStore } from 'sidekey/mongoose'
import { internalsOf } from '../../src/internals.js'
import { alice, testKeys } from '../support/keys.js'
import { openDatabase, type TestDatabase } from '../support/mongo/database.js'

let database: TestDatabase

beforeEach(async () => {
  database = await openDatabase({ monitorCommands: true })
})
afterEach(async () => {
  await database.drop()
})

/** The commands that the connection sends while `work` runs. */
async function commandsDuring(work: () => Promise<unknown>) {
  const sent: { name: string; command: Record<string, unknown> }[] = []
  const listener = (event: { commandName: string; command: object }) =>
    sent.push({ name: event.commandName, command: { ...event.command } })
  const client = database.connection.getClient()
  client.on('commandStarted', listener)
  await work()
  client.off('commandStarted', listener)
  return sent
}

async function openKeys() {
  const store = mongooseStore(database.connection)
  await store.ready()
  return testKeys({ store })
}

it('reads a record with exactly one command, and verifies from memory after that', async () => {
  const keys = await openKeys()
  const { token } = await keys.as(alice).create({ name: 'k', permissions: ['reports:read'] })
  const verify = async () => {
    expect(await keys.verify(token, { permissions: 'reports:read' })).toMatchObject({ ok: true })
  }
  // Not those of a sweep, which comes by whenever its time has come: it asks for no key by its id.
  const isOfKey = ({ name, command }: { readonly name: string; readonly command: Record<string, unknown> }) =>
    command[name] === 'sidekey_keys' &&
    !(name === 'find' && !JSON.stringify(command.filter).startsWith('{"_id":"'))
  const ofKeys = (sent: Awaited<ReturnType<typeof commandsDuring>>) =>
    sent.filter(isOfKey).map(({ name }) => name)
  expect(ofKeys(await commandsDuring(verify))).toEqual(['find'])
  const unknown = await commandsDuring(() => keys.verify(token.replace(/.$/, 'x')))
  expect(ofKeys(unknown)).toEqual([]) // a mistyped token never leaves the process
  const { changes } = internalsOf(keys).config.store
  if (changes?.kind !== 'shared') throw new Error('this store has shared changes')
  // Once it has a lease, what it reads is kept.
  while ((await changes.leases()).length === 0) await verify()
  let asked = ['find']
  while (asked.length > 0) asked = ofKeys(await commandsDuring(verify))
  expect(ofKeys(await commandsDuring(verify))).toEqual([])
  await keys.close()
})

it('reads the primary and writes durably, whatever the app prefers', async () => {
  const secondary = await openDatabase({
    monitorCommands: true,
    readPreference: 'secondaryPreferred',
    w: 1,
  })
  const app = database
  database = secondary
  try {
    const keys = await openKeys()
    const sent = await commandsDuring(async () => {
      const { apiKey, token } = await keys.as(alice).create({ name: 'k' })
      await keys.verify(token)
      await keys.revoke(apiKey.id)
      await keys.list()
    })
    const reads = sent.filter(({ name }) => name === 'find')
    // What is taken out of an outbox is in the audit already: it need not be on disk.
    const isHousekeeping = (command: object) => JSON.stringify(command).includes('$pull')
    const writes = sent.filter(
      ({ name, command }) => (name === 'insert' || name === 'update') && !isHousekeeping(command),
    )
    expect(reads.length).toBeGreaterThan(1)
    for (const { command } of reads) {
      expect(command.$readPreference ?? { mode: 'primary' }).not.toMatchObject({ mode: 'secondaryPreferred' })
    }
    const collections = writes.map(({ name, command }) => command[name])
    // The record and the event, for each of two changes; what the second tells other processes; and a lease.
    const expected = ['keys', 'audit', 'keys', 'audit', 'changes', 'leases'].map(name => `sidekey_${name}`)
    for (const name of expected) expect(collections).toContain(name)
    expect(collections.filter(name => name === 'sidekey_keys')).toHaveLength(2)
    expect(collections.filter(name => name === 'sidekey_audit')).toHaveLength(2)
    for (const { command } of writes) expect(command.writeConcern).toEqual({ w: 'majority', j: true })
  } finally {
    database = app
    await secondary.drop()
  }
})

it("uses the app's own copy of mongoose, and none of its plugins, nor its strictness", async () => {
  const app = new mongoose.Mongoose()
  let ran = 0
  app.plugin(schema => {
    schema.pre('save', () => void ran++)
    schema.pre('findOne', () => void ran++)
    schema.add({ tenant: { type: String, required: true } })
  })
  await app.connect(database.uri, { dbName: database.name })
  try {
    const keys = testKeys({ store: mongooseStore(app.connection) })
    const { token } = await keys.as(alice).create({ name: 'k' })
    expect(await keys.verify(token)).toMatchObject({ ok: true })
    expect(ran).toBe(0)
    expect(app.connection.modelNames()).toContain('sidekey_keys')
  } finally {
    await app.disconnect()
  }
})

it("works when it is made before the app's connection is opened", async () => {
  const connection = mongoose.createConnection()
  const keys = testKeys({ store: mongooseStore(connection) })
  const created = keys.as(alice).create({ name: 'k' })
  await connection.openUri(database.uri, { dbName: database.name })
  const { token } = await created
  expect(await keys.verify(token)).toMatchObject({ ok: true })
  await connection.close()
})

it("leaves the app's connection open when it is closed", async () => {
  const keys = await openKeys()
  await keys.close()
  expect(database.connection.readyState).toBe(1)
  await database.connection.collection('app').insertOne({ still: 'here' })
})

it('keeps its collections under the given prefix, and their documents plain to read', async () => {
  const store = mongooseStore(database.connection, { collectionPrefix: 'acme_keys_' })
  await store.ready()
  const keys = testKeys({ store, maxKeysPerOwner: 5 })
  const { apiKey, token } = await keys.as(alice).create({ name: 'k', permissions: ['reports:read'] })
  const names = (await database.connection.listCollections()).map(({ name }) => name)
  expect(names.sort()).toEqual(
    ['aliases', 'audit', 'credits', 'keys', 'limits', 'owners', 'usage'].map(name => `acme_keys_${name}`),
  )
  const document = await database.connection
    .collection<{ _id: string }>('acme_keys_keys')
    .findOne({ _id: apiKey.id })
  expect(document).toMatchObject({ owner: 'user:alice', state: 'live', permissions: ['reports:read'] })
  expect(JSON.stringify(document)).not.toContain(token.slice(-49))
})

it('keeps fields that a newer version has added', async () => {
  const keys = await openKeys()
  const { id } = (await keys.as(alice).create({ name: 'k' })).apiKey
  const collection = database.connection.collection<{ _id: string }>('sidekey_keys')
  await collection.updateOne({ _id: id }, { $set: { future: { a: 1 } } })
  await keys.update(id, { name: 'n' })
  expect(await collection.findOne({ _id: id })).toMatchObject({ name: 'n', future: { a: 1 } })
})

it('shares a connection between two stores, as two keys objects of one app do', async () => {
  const stores = [mongooseStore(database.connection), mongooseStore(database.connection)]
  const [a, b] = stores.map(store => testKeys({ store }))
  if (a === undefined || b === undefined) throw new Error('two were made')
  const { token } = await a.as(alice).create({ name: 'k' })
  expect(await b.verify(token)).toMatchObject({ ok: true })
})

it.each<[string, () => unknown, string]>([
  ['no connection', () => mongooseStore(undefined as never), 'connection'],
  ['mongoose itself', () => mongooseStore(mongoose as never), 'connection'],
  [
    'a prefix that is no name',
    () => mongooseStore(mongoose.connection, { collectionPrefix: '$x' }),
    'collectionPrefix',
  ],
  ['a time without bound', () => mongooseStore(mongoose.connection, { timeoutMs: Infinity }), 'timeoutMs'],
  [
    'a word for yes',
    () => mongooseStore(mongoose.connection, { linearizable: 'yes' as never }),
    'linearizable',
  ],
  ['an unknown option', () => mongooseStore(mongoose.connection, { prefix: 'x' } as never), 'prefix'],
])('fails at once for %s, naming it', (_what, make, path) => {
  expect(make).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(path) }),
  )
})

it('lists also where an index is not there yet', async () => {
  const keys = await openKeys()
  const { apiKey } = await keys.as(alice).create({ name: 'k' })
  await database.connection.collection('sidekey_keys').dropIndexes()
  await database.connection.collection('sidekey_audit').dropIndexes()
  expect((await keys.as(alice).list()).data.map(({ id }) => id)).toEqual([apiKey.id])
  expect((await keys.audit({ keyId: apiKey.id })).data).toHaveLength(1)
})
