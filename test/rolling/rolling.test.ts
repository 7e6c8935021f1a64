/** A rolling upgrade: processes of this version and of a later one work side by side over one store. */
import { openDatabase, type TestDatabase } from '../support/mongo/database.js'
import { LATER_VERSION } from './later-version.js'
import { buildVersion, type Running, type Version } from './versions.js'

jest.setTimeout(60_000)

const owner = { type: 'user', id: 'alice' }
const made = { name: 'k', owner, permissions: ['reports:read'] }

let versions: readonly Version[]
let database: TestDatabase
let now: Running
let later: Running

beforeAll(async () => {
  versions = await Promise.all([buildVersion([]), buildVersion(LATER_VERSION)])
})
afterAll(() => versions.map(version => version.remove()))

beforeEach(async () => {
  database = await openDatabase()
  await startBoth()
})
afterEach(async () => {
  await Promise.all([now.end(), later.end()])
  await database.drop()
})

async function startBoth(): Promise<void> {
  const order = { uri: database.uri, database: database.name }
  const [one, other] = await Promise.all(versions.map(version => version.start(order)))
  if (one === undefined || other === undefined) throw new Error('two were started')
  now = one
  later = other
}

const document = (id: string, collection = 'sidekey_keys') =>
  database.connection.collection<{ _id: string }>(collection).findOne({ _id: id })
const MORE = { region: 'eu', policy: { v: 2 } }

it('each verifies what the other has made, and refuses at once what the other has revoked', async () => {
  for (const [one, other] of [
    [now, later],
    [later, now],
  ] as const) {
    const { apiKey, token } = await one.call('create', made)
    for (let i = 0; i < 3; i++) expect(await other.call('verify', token)).toMatchObject({ ok: true })
    const { token: next } = await other.call('rotate', apiKey.id, { grace: '1h' })
    expect(await one.call('verify', next)).toMatchObject({ ok: true })
    await one.call('revoke', apiKey.id)
    // From the other's memory, whose lease and whose entries of changes have another form.
    expect(await other.call('verify', next)).toMatchObject({ ok: false, code: 'KEY_REVOKED' })
    expect(await other.call('verify', token)).toMatchObject({ ok: false, code: 'KEY_REVOKED' })
  }
  const leases = await database.connection.collection('sidekey_leases').find().toArray()
  expect(leases.map(({ protocol }) => protocol ?? 1).sort()).toEqual([1, 2])
})

it('what a later version has put into a record outlives every change by this one', async () => {
  const { apiKey } = await later.call('create', { ...made, credits: { balance: 5 } })
  const { id } = apiKey
  const changes: readonly (readonly [string, ...unknown[]])[] = [
    ['update', id, { name: 'renamed', tags: ['x'], restrictions: { ips: ['10.0.0.0/8'] } }],
    ['update', id, { enabled: false }],
    ['update', id, { enabled: true }],
    ['rotate', id, { grace: '1h' }],
    ['transfer', id, { type: 'user', id: 'bob' }],
    ['delete', id],
    ['restore', id],
    ['credits.add', id, 10],
    ['revoke', id],
  ]
  for (const [method, ...args] of changes) {
    await now.call(method, ...args)
    expect([method, await document(id)]).toEqual([method, expect.objectContaining(MORE)])
  }
  expect(await document(id, 'sidekey_credits')).toMatchObject({ balance: 15, currency: 'eur' })
})

it('a taken credit and a claimed slot leave the rest of their documents as it is', async () => {
  const { apiKey, token } = await later.call('create', { ...made, credits: { balance: 5 } })
  expect(await now.call('verify', token, { cost: 2 })).toMatchObject({ ok: true })
  expect(await document(apiKey.id, 'sidekey_credits')).toMatchObject({ balance: 3, currency: 'eur' })
  const mine = await now.call('create', made)
  const { slots } = (await document('user:alice', 'sidekey_owners')) as unknown as {
    slots: readonly { keyId: string; since?: string }[]
  }
  expect(slots.map(({ keyId, since }) => [keyId, since])).toEqual([
    [apiKey.id, 'later'],
    [mine.apiKey.id, undefined],
  ])
})

it('tells the audit of what a later version has left in a record, as that has written it', async () => {
  const { apiKey } = await later.call('create', made)
  await later.call('delete', apiKey.id)
  await later.call('die')
  await expect(later.call('restore', apiKey.id)).rejects.toThrow('ENDED')
  expect(await document(apiKey.id)).toMatchObject({ outbox: [{ action: 'unseal', session: 's-1' }], ...MORE })
  await now.call('update', apiKey.id, { name: 'renamed' })
  const { data } = await now.call('audit', { keyId: apiKey.id })
  expect(data.map(({ action }: { action: string }) => action)).toEqual([
    'update',
    'unseal',
    'delete',
    'create',
  ])
  const { id } = data.find(({ action }: { action: string }) => action === 'unseal')
  expect(await document(id, 'sidekey_audit')).toMatchObject({ action: 'unseal', session: 's-1' })
  expect(await document(apiKey.id)).toMatchObject({ outbox: [], name: 'renamed', ...MORE })
})

it('sums up outcomes that it does not know, and refuses a hash that it cannot check, which stays', async () => {
  const { apiKey, token } = await later.call('create', made)
  const hour = Math.floor(Date.now() / 3_600_000)
  await database.connection.collection<{ _id: string }>('sidekey_usage').insertOne({
    ...{
      _id: `${apiKey.id}:${hour}:later`,
      keyId: apiKey.id,
      owner: 'user:alice',
      organizationId: null,
      hour,
    },
    ...{ counts: { OUT_OF_REGION: 3 }, expireAt: new Date('9000-01-01') },
  })
  const { data } = await now.call('usage', { keyId: apiKey.id })
  expect(data.at(-1)).toMatchObject({ total: 3, outcomes: { OUT_OF_REGION: 3 } })

  const hash = '$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA'
  const keys = database.connection.collection<{ _id: string }>('sidekey_keys')
  await keys.updateOne({ _id: apiKey.id }, { $set: { hash } })
  expect(await now.call('verify', token)).toMatchObject({ ok: false, code: 'KEY_INVALID' })
  await now.call('update', apiKey.id, { name: 'renamed' })
  expect(await document(apiKey.id)).toMatchObject({ hash, name: 'renamed' })
})
