/** Which reads are linearizable, and before which servers. */
import mongoose, { type Connection } from 'mongoose'
import { mongooseStore } from 'sidekey/mongoose'
import { aKey, EVERYTHING } from '../../src/store/contract-data.js'
import { isUnsupported, readOptionsFor } from '../../src/store/mongoose/latest.js'
import type { SharedChanges, Store } from '../../src/store/store.js'
import { refusalCode } from '../support/keys.js'
import { openDatabase, serverUri, type TestDatabase } from '../support/mongo/database.js'
import {
  type Document,
  type Rewrite,
  type RewritingProxy,
  rewritingProxy,
} from '../support/rewriting-proxy.js'

const REPLICA_SET = { setName: 'rs0', hosts: ['db:27017'] }
const ROUTER = { msg: 'isdbgrid' }
const LINEARIZABLE = { level: 'linearizable' }

let proxy: RewritingProxy
let database: TestDatabase
let warnings: string[]

/** The server, telling of itself what such a server tells. */
function as(kind: Document, otherwise: Rewrite = () => null): Rewrite {
  return (reply, command) =>
    'isWritablePrimary' in reply || 'ismaster' in reply ? { ...reply, ...kind } : otherwise(reply, command)
}

/** A server that answers linearizable reads with this error. */
function refusing(code: number, errmsg: string): Rewrite {
  return (_reply, { readConcern }) => (readConcern === undefined ? null : { ok: 0, code, errmsg })
}

async function openStore(
  rewrite: Rewrite,
  linearizable?: boolean,
): Promise<Store & { changes: SharedChanges }> {
  proxy.rewrite = rewrite
  database = await openDatabase({ monitorCommands: true, retryWrites: false }, proxy.uri)
  const store = mongooseStore(database.connection, {
    timeoutMs: 4000,
    ...(linearizable !== undefined && { linearizable }),
  })
  await store.ready()
  return store as Store & { changes: SharedChanges } // the mongoose store's are shared
}

/** What the connection's finds say of how they are read, while `work` runs. */
async function readsDuring(work: () => Promise<unknown>, connection: Connection = database.connection) {
  const sent: Document[] = []
  const listener = ({ commandName, command }: { commandName: string; command: object }) => {
    if (commandName === 'find') sent.push({ ...command })
  }
  const client = connection.getClient()
  client.on('commandStarted', listener)
  await work()
  client.off('commandStarted', listener)
  return sent.map(({ readConcern, maxTimeMS }) => ({ readConcern, maxTimeMS }))
}

const PLAIN = { readConcern: undefined, maxTimeMS: undefined }
const CONFIRMED = { readConcern: LINEARIZABLE, maxTimeMS: 4000 }

async function readAll({ changes, find }: Store & { changes: SharedChanges }): Promise<void> {
  await find(aKey().id)
  await changes.read(5)
  await changes.tags()
  await changes.leases()
}

describe('from a server', () => {
  beforeEach(async () => {
    proxy = await rewritingProxy(serverUri(), () => null)
    warnings = []
    jest.spyOn(process, 'emitWarning').mockImplementation(warning => void warnings.push(String(warning)))
  })
  afterEach(async () => {
    jest.restoreAllMocks()
    await database.drop()
    await proxy.close()
  })

  it('reads plainly from a server that is alone', async () => {
    const store = await openStore(() => null)
    expect(await readsDuring(() => readAll(store))).toEqual([PLAIN, PLAIN, PLAIN, PLAIN])
  })

  it.each([
    ['a replica set', REPLICA_SET],
    ['a sharded cluster', ROUTER],
  ])(
    'reads records, changes and leases linearizably from %s, within a bound of time',
    async (_what, kind) => {
      const store = await openStore(as(kind))
      expect(await readsDuring(() => readAll(store))).toEqual([CONFIRMED, CONFIRMED, CONFIRMED, CONFIRMED])
      expect(await readsDuring(() => store.list(EVERYTHING))).toEqual([PLAIN])
    },
  )

  it('asks what the server is once, not with each read', async () => {
    const store = await openStore(as(REPLICA_SET))
    const names: string[] = []
    database.connection.getClient().on('commandStarted', ({ commandName }) => names.push(commandName))
    await readAll(store)
    expect(names).toEqual(['find', 'find', 'find', 'find'])
  })

  it('finds what was written, by each of these reads', async () => {
    const store = await openStore(as(REPLICA_SET))
    const key = aKey()
    await store.insert(key)
    await store.changes.publish({ tag: 't', keyIds: [key.id], owners: [] })
    await store.changes.insertLease({ id: 'node', tag: 't', beat: 0, leaseMs: 2000 })
    expect((await store.find(key.id))?.id).toBe(key.id)
    expect((await store.changes.read(1)).recent.map(({ tag }) => tag)).toEqual(['t'])
    expect(await store.changes.tags()).toEqual(['t'])
    expect((await store.changes.leases()).map(({ id }) => id)).toEqual(['node'])
  })

  it('reads plainly from a replica set where it is told to', async () => {
    const store = await openStore(as(REPLICA_SET), false)
    expect(await readsDuring(() => readAll(store))).toEqual([PLAIN, PLAIN, PLAIN, PLAIN])
    expect(warnings).toEqual([])
  })

  it('finds out anew what there is when the connection is opened again', async () => {
    const connection = await mongoose.createConnection(serverUri(), { monitorCommands: true }).asPromise()
    const store = mongooseStore(connection)
    expect(await readsDuring(() => store.find(aKey().id), connection)).toEqual([PLAIN])
    await connection.close()
    proxy.rewrite = as(REPLICA_SET)
    database = await openDatabase({}, proxy.uri) // for the others' sake: it is dropped
    await connection.openUri(proxy.uri, { monitorCommands: true })
    expect(await readsDuring(() => store.find(aKey().id), connection)).toEqual([
      { readConcern: LINEARIZABLE, maxTimeMS: 5000 },
    ])
    await connection.close()
  })

  it.each([
    [115, "'Linearizable' read concern is not supported"],
    [303, 'Feature not supported: readConcern'],
    [9, 'Specified readConcern level linearizable is not valid'],
  ])('reads plainly, and warns once, where the server has no such reads (%i)', async (code, errmsg) => {
    const store = await openStore(as(REPLICA_SET, refusing(code, errmsg)))
    const key = aKey()
    await store.insert(key)
    expect((await store.find(key.id))?.id).toBe(key.id)
    expect(await readsDuring(() => readAll(store))).toEqual([PLAIN, PLAIN, PLAIN, PLAIN])
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toContain('linearizable: false')
  })

  it('reads plainly without a warning where the server turns out to be alone', async () => {
    const refusal = refusing(123, 'node needs to be a replica set member to use read concern')
    const store = await openStore(as(REPLICA_SET, refusal))
    expect(await store.find(aKey().id)).toBeNull()
    expect(warnings).toEqual([])
  })

  it.each([
    [187, 'Failed to confirm that read was linearizable.'],
    [50, 'operation exceeded time limit'],
    [2, 'unknown operator: $x'],
  ])('does not read plainly where a read cannot be confirmed now (%i)', async (code, errmsg) => {
    const store = await openStore(as(REPLICA_SET, refusing(code, errmsg)))
    expect(await refusalCode(store.find(aKey().id))).toBe('STORE_UNAVAILABLE')
    proxy.rewrite = as(REPLICA_SET)
    expect(await readsDuring(() => store.find(aKey().id))).toEqual([CONFIRMED])
    expect(warnings).toEqual([])
  })
})

it('tries linearizable reads where a server knows no hello', () => {
  expect(readOptionsFor(null, 1000).readConcern).toEqual(LINEARIZABLE)
  expect(readOptionsFor({}, 1000).readConcern).toBeUndefined()
})

it('takes no error that is not the server’s for its having no such reads', () => {
  expect(isUnsupported(new Error('readConcern'))).toBe(false)
  expect(isUnsupported({ code: 115 })).toBe(false)
  expect(isUnsupported(undefined)).toBe(false)
})
