/** A server that refuses, is slow, or has no connection left: calls say so, nothing is half done, and all goes on afterwards. */
import type { Verification } from 'sidekey'
import { mongooseStore } from 'sidekey/mongoose'
import { refusalCode, type TestKeys, testKeys } from '../support/keys.js'
import { openDatabase, serverUri, type TestDatabase } from '../support/mongo/database.js'
import { type Document, type RewritingProxy, rewritingProxy } from '../support/rewriting-proxy.js'
import { eventually } from '../support/verify-store.js'

const owner = { id: 'alice' }
const WRITES = new Set(['insert', 'update', 'findAndModify', 'delete'])
const isWrite = (command: Document) => WRITES.has(Object.keys(command)[0] ?? '')

let proxy: RewritingProxy
let database: TestDatabase
let keys: TestKeys

async function open(
  options: { maxPoolSize?: number; timeoutMs?: number; leaseMs?: number } = {},
): Promise<void> {
  const { maxPoolSize = 20, timeoutMs = 3_000, leaseMs = 400 } = options
  proxy = await rewritingProxy(serverUri(), () => null)
  database = await openDatabase({ maxPoolSize, serverSelectionTimeoutMS: 2_000 }, proxy.uri)
  const store = mongooseStore(database.connection, { timeoutMs })
  await store.ready()
  keys = testKeys({ store, coherence: { pollMs: 50, leaseMs } })
}

afterEach(async () => {
  proxy.intercept = () => null
  proxy.rewrite = () => null
  proxy.delay = () => 0
  await keys.close()
  await database.drop()
  await proxy.close()
})

/** What the protocol has for it: a command that fails, and a command that worked but whose write did not. */
const REFUSALS: Readonly<Record<string, Document>> = {
  'disk full': { ok: 0, code: 14031, codeName: 'OutOfDiskSpace', errmsg: 'No space left on device' },
  'disk full, in the write': {
    ok: 1,
    n: 0,
    writeErrors: [{ index: 0, code: 14031, errmsg: 'No space left on device' }],
  },
  'not primary': { ok: 0, code: 10107, codeName: 'NotWritablePrimary', errmsg: 'not primary' },
  'stepping down': { ok: 0, code: 189, codeName: 'PrimarySteppedDown', errmsg: 'stepped down' },
  'majority not reached': {
    ok: 1,
    n: 1,
    nModified: 1,
    writeConcernError: {
      code: 64,
      codeName: 'WriteConcernFailed',
      errmsg: 'waiting for replication timed out',
    },
  },
}

const codeOf = (answer: Verification) => (answer.ok ? 'ok' : answer.code)

const CHANGES: Readonly<Record<string, (id: string) => Promise<unknown>>> = {
  create: () => keys.create({ name: 'new', owner: { id: 'somebody' } }),
  update: id => keys.update(id, { name: 'renamed' }),
  revoke: id => keys.revoke(id),
  rotate: id => keys.rotate(id),
  delete: id => keys.delete(id),
}

describe.each(Object.entries(REFUSALS))('a server that answers writes with: %s', (_, refusal) => {
  it('has every change reject, nothing done, and a repeat work', async () => {
    await open()
    for (const [name, change] of Object.entries(CHANGES)) {
      const { apiKey, token } = await keys.create({ name: 'as it was', owner })
      proxy.intercept = command => (isWrite(command) ? refusal : null)
      expect([name, await refusalCode(change(apiKey.id))]).toEqual([name, 'STORE_UNAVAILABLE'])
      proxy.intercept = () => null
      expect(await keys.get(apiKey.id)).toMatchObject({ name: 'as it was', version: 1, status: 'active' })
      await eventually(async () => (await keys.verify(token)).ok)
      await change(apiKey.id)
      const told = (await keys.audit({ keyId: apiKey.id })).data.map(({ action }) => action)
      expect(told).toEqual(name === 'create' ? ['create'] : [name, 'create'])
    }
    expect((await keys.list({ owner: { id: 'somebody' } })).data).toHaveLength(1)
  })

  it('has a change reject that was done all the same, and a repeat finish it', async () => {
    await open()
    const { apiKey, token } = await keys.create({ name: 'as it was', owner })
    expect((await keys.verify(token)).ok).toBe(true)
    proxy.rewrite = (_reply, command) => (isWrite(command) ? refusal : null)
    expect(await refusalCode(keys.revoke(apiKey.id))).toBe('STORE_UNAVAILABLE')
    proxy.rewrite = () => null
    await keys.revoke(apiKey.id)
    await eventually(async () => codeOf(await keys.verify(token)) === 'KEY_REVOKED')
    const told = (await keys.audit({ keyId: apiKey.id })).data.map(({ action }) => action)
    expect(told).toEqual(['revoke', 'create'])
  })
})

it('verifies from memory while writes are refused, until the lease has lapsed, and says 503 then', async () => {
  await open()
  const { token } = await keys.create({ name: 'a', owner })
  await eventually(async () => (await keys.verify(token)).ok && keys.metrics().leaseAgeMs !== null)
  proxy.intercept = command => (isWrite(command) ? (REFUSALS['not primary'] ?? null) : null)
  expect((await keys.verify(token)).ok).toBe(true)
  // Without a lease each verification reads, which this server still answers.
  await eventually(async () => keys.metrics().leaseAgeMs === null)
  expect(['ok', 'STORE_UNAVAILABLE']).toContain(codeOf(await keys.verify(token)))
  proxy.intercept = () => null
  await eventually(async () => (await keys.verify(token)).ok && keys.metrics().leaseAgeMs !== null)
})

it.each([
  ['has stepped down', () => REFUSALS['stepping down'] ?? null],
  ['breaks the connection', () => 'broken' as const],
])(
  'of a server that %s once: a key is verified all the same, by a read that is asked again',
  async (_, fault) => {
    // The driver looks for the server again after half a second: nobody is to be sent away before.
    await open({ leaseMs: 30_000 })
    const { apiKey, token } = await keys.create({ name: 'a', owner })
    let asked = 0
    proxy.intercept = command => {
      if (command.find !== 'sidekey_keys') return null
      return asked++ === 0 ? fault() : null
    }
    expect(await keys.verify(token)).toMatchObject({ ok: true, apiKey: { id: apiKey.id } })
    expect(asked).toBe(2)
    expect((await keys.get(apiKey.id))?.name).toBe('a')
  },
)

it('of a server that has stepped down and says so each time: says 503, and serves once it is back', async () => {
  await open()
  const { token } = await keys.create({ name: 'a', owner })
  proxy.intercept = command => (command.find === 'sidekey_keys' ? (REFUSALS['stepping down'] ?? null) : null)
  expect(await keys.verify(token)).toMatchObject({ status: 503, retryAfter: 1 })
  proxy.intercept = () => null
  await eventually(async () => (await keys.verify(token)).ok)
})

it('of a store that takes two seconds to answer: revokes, accepts nothing afterwards, and is as fast as before once it is', async () => {
  await open({ timeoutMs: 5_000 }) // the default
  const { apiKey, token } = await keys.create({ name: 'a', owner })
  const kept = await keys.create({ name: 'kept', owner })
  // Found in memory: from then on there is no need to ask.
  await eventually(async () => {
    const { hits } = keys.metrics().cache
    await keys.verify(token)
    await keys.verify(kept.token)
    return keys.metrics().cache.hits === hits + 2
  })
  proxy.delay = command => ('hello' in command || 'ismaster' in command ? 0 : 2_000)
  const began = performance.now()
  const answers: string[] = []
  let revoked = false
  const verifying = (async () => {
    while (!revoked) {
      answers.push(codeOf(await keys.verify(kept.token)))
      await new Promise(setImmediate)
    }
  })()
  await keys.revoke(apiKey.id)
  const answer = await keys.verify(token)
  revoked = true
  expect(answer.ok).toBe(false)
  expect(performance.now() - began).toBeGreaterThan(2_000)
  await verifying
  expect(new Set(answers)).toEqual(new Set(['ok', 'STORE_UNAVAILABLE']))
  proxy.delay = () => 0
  await eventually(async () => (await keys.verify(kept.token)).ok)
  expect(await keys.verify(token)).toMatchObject({ ok: false })
}, 60_000)

it('of a pool with no connection left: bounded in time, 503, and well again once there is one', async () => {
  await open({ maxPoolSize: 2, timeoutMs: 2_000 })
  const { token } = await keys.create({ name: 'a', owner })
  // Whoever has both connections keeps them for longer than all that is asked below may take.
  proxy.delay = command => ('find' in command && command.find === 'slow' ? 8_000 : 0)
  let areBusy = true
  const slow = Promise.all([1, 2].map(() => database.connection.collection('slow').findOne({})))
  void slow.then(() => {
    areBusy = false
  })
  const [created, verified] = await Promise.all([
    refusalCode(keys.create({ name: 'b', owner })),
    keys.verify(token),
  ])
  expect(created).toBe('STORE_UNAVAILABLE')
  expect(verified).toMatchObject({ status: 503, retryAfter: 1 })
  expect(areBusy).toBe(true)
  await slow
  await eventually(async () => (await keys.verify(token)).ok)
  await eventually(() =>
    keys.create({ name: 'c', owner }).then(
      () => true,
      () => false,
    ),
  )
}, 30_000)
