/** Keys outlive releases: what each version has stored works in this one, for ever. */
import { type ApiKeys, type AuditEvent, apiKeys, memoryStore, type Store } from 'sidekey'
import { mongooseStore } from 'sidekey/mongoose'
import { type AliasDocument, fromAliasDocument } from '../../src/store/mongoose/aliases.js'
import { type KeyDocument, ownerOf, readKey } from '../../src/store/mongoose/documents.js'
import { type EventDocument, fromEventDocument } from '../../src/store/mongoose/events.js'
import type { UsageDocument } from '../../src/store/mongoose/usage.js'
import { openDatabase } from '../support/mongo/database.js'
import { type Golden, type GoldenToken, goldenVersions, readGolden } from './fixture.js'
import { goldenOptions } from './settings.js'

interface Loaded {
  readonly store: Store
  close(): Promise<void>
}

const STORES: Readonly<Record<string, (golden: Golden) => Promise<Loaded>>> = {
  mongooseStore: intoMongo,
  memoryStore: intoMemory,
}
/** The hashes of kinds, as these options want them: none of an earlier pepper, or of another system. */
const RENEWED: Readonly<Record<string, RegExp>> = {
  plain: /^\$sha256\$[\w-]{43}$/,
  publishable: /^\$sha256\$[\w-]{43}$/,
  peppered: /^\$hmac-sha256\$k=CYnft6EQ\$/,
  slow: /^\$2b\$10\$/,
}
const CASES = goldenVersions().flatMap(version => Object.keys(STORES).map(name => [version, name] as const))
const FAR = new Date('9000-01-01')

it('there is a fixture of the present version', () => {
  const { version } = jest.requireActual<{ version: string }>('../../package.json')
  expect(goldenVersions()).toContain(version)
})

describe.each(CASES)('what %s has stored, in %s', (version, storeName) => {
  const golden = readGolden(version)
  const { tokens, documents } = golden
  const accepted = tokens.filter(({ code }) => code === null)
  let loaded: Loaded
  let keys: ApiKeys

  beforeEach(async () => {
    loaded = await (STORES[storeName] ?? intoMemory)(golden)
    // A minute after it was made: grace periods run, and nothing is swept away.
    jest.useFakeTimers({ doNotFake: EVERYTHING_BUT_DATE, now: golden.at.getTime() + 60_000 })
    keys = apiKeys(goldenOptions(loaded.store))
  })
  afterEach(async () => {
    await keys.close()
    jest.useRealTimers()
    await loaded.close()
  })

  it('verifies as it did, before and after its hashes are renewed', async () => {
    for (const time of ['first', 'second'] as const) {
      for (const token of tokens) expect([time, await outcome(keys, token)]).toEqual([time, expected(token)])
      await keys.close()
      keys = apiKeys(goldenOptions(loaded.store))
    }
    for (const { keyId } of accepted) await renewed(loaded.store, keyId)
  })

  it('is listed, all of it, with what is kept beside', async () => {
    const everything = (documents.sidekey_keys ?? []).map(({ _id }) => _id).sort()
    expect((await allKeys(keys)).map(({ id }) => id)).toEqual(everything.reverse())
    const full = await keys.list({ q: 'all fields' })
    expect(full.data).toEqual([
      expect.objectContaining({
        description: 'has all of them',
        organizationId: 'acme',
        roles: ['reader'],
        resources: ['project:42'],
        metadata: { team: 'a', nested: { list: [1, 'two', null] } },
        tags: ['ci', 'eu'],
        expiresAt: new Date('2999-01-01T00:00:00Z'),
        limits: { minute: { points: 60, per: '1m' }, day: { points: 1000, per: '1d' } },
        lastUsedAt: expect.any(Date),
      }),
    ])
    const { data } = await keys.usage({ from: '2026-01-01', by: 'month' })
    expect(data.reduce((sum, { outcomes }) => sum + (outcomes.accepted ?? 0), 0)).toBe(accepted.length)
  })

  it('has its audit, and what the audit had not been told yet is told', async () => {
    const ids = (documents.sidekey_audit ?? []).map(({ _id }) => _id)
    const told = await allEvents(keys)
    expect(told.map(({ id }) => id)).toEqual(expect.arrayContaining(ids))
    expect(told).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ action: 'revoke', reason: 'leaked', refused: null }),
        expect.objectContaining({ action: 'transfer', owner: { type: 'user', id: 'bob' } }),
        expect.objectContaining({ refused: 'NOT_FOUND', actor: { id: 'mallory', via: 'session' } }),
      ]),
    )
    // By the next change of the key, or a sweep.
    const untold = (documents.sidekey_keys ?? []).find(({ outbox }) => outbox.length > 0)
    await keys.update(untold?._id, { name: 'told' })
    const { data } = await keys.audit({ keyId: untold?._id })
    expect(data.map(({ changes }) => changes)).toContainEqual({
      description: { from: null, to: 'not told to the audit' },
    })
  })

  it('has its balances', async () => {
    for (const { keyId, balance, refills } of tokens.filter(one => one.balance !== undefined)) {
      const { credits } = (await keys.get(keyId)) ?? {}
      if (refills) expect(credits?.balance).toBeGreaterThanOrEqual(balance ?? 0)
      else expect(credits?.balance).toBe(balance)
    }
  })

  it('is rotated, and revoked in the end', async () => {
    for (const one of accepted.filter(({ name }) => !name.includes('rotated'))) {
      const { token } = await keys.rotate(one.keyId, { grace: '1h' })
      expect(await outcome(keys, { ...one, token })).toEqual(expected(one))
      expect([one.name, await outcome(keys, one)]).toEqual([one.name, expected(one)])
      await keys.revoke(one.keyId)
      expect(await outcome(keys, one)).toMatchObject({ code: 'KEY_REVOKED' })
    }
  })

  it('knows its idempotent call again, a purged key never, and a deleted one is restored', async () => {
    const named = { name: 'idempotent', owner: { id: 'alice' }, permissions: ['reports:read'] }
    const repeated = await keys.create(named, { idempotencyKey: 'golden-1' })
    expect(repeated).toEqual({ apiKey: expect.objectContaining({ name: 'idempotent' }), replayed: true })
    const of = (name: string) => tokens.find(token => token.name === name)?.keyId ?? ''
    expect(await keys.get(of('purged'))).toBeNull()
    expect(await keys.restore(of('deleted'))).toMatchObject({ status: 'active' })
  })
})

const EVERYTHING_BUT_DATE: FakeableAPI[] = [
  'hrtime',
  'nextTick',
  'performance',
  'queueMicrotask',
  'setImmediate',
  'clearImmediate',
  'setInterval',
  'clearInterval',
  'setTimeout',
  'clearTimeout',
]
type FakeableAPI =
  NonNullable<Parameters<typeof jest.useFakeTimers>[0]> extends infer C
    ? C extends { doNotFake?: (infer A)[] }
      ? A
      : never
    : never

async function outcome(keys: ApiKeys, { token, ip, origin }: GoldenToken) {
  const verified = await keys.verify(token, { ...(ip && { ip }), ...(origin && { origin }) })
  if (!verified.ok) return { code: verified.code }
  return {
    code: null,
    keyId: verified.apiKey.id,
    owner: verified.owner.id,
    permissions: verified.permissions,
  }
}

/** Resolves once the hash is as new ones are: it is written beside the answer. The test's own time bounds the wait. */
async function renewed(store: Store, id: string): Promise<void> {
  for (;;) {
    const key = await store.find(id)
    if (RENEWED[key?.kind ?? '']?.test(key?.hash ?? '')) return
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

function expected({ code, keyId, owner, permissions }: GoldenToken) {
  return code === null ? { code, keyId, owner, permissions } : { code }
}

async function allKeys(keys: ApiKeys) {
  const status = ['active', 'disabled', 'revoked', 'expired', 'scheduled', 'deleted'] as const
  const { data, nextCursor } = await keys.list({ limit: 100, status })
  expect(nextCursor).toBeNull()
  return data
}

async function allEvents(keys: ApiKeys): Promise<readonly AuditEvent[]> {
  const { data, nextCursor } = await keys.audit({ limit: 100 })
  expect(nextCursor).toBeNull()
  return data
}

async function intoMongo({ documents }: Golden): Promise<Loaded> {
  const database = await openDatabase()
  const store = mongooseStore(database.connection)
  await store.ready()
  for (const [name, all] of Object.entries(documents)) {
    // What ends by the server's clock, which nobody turns back, would be gone under the test some day.
    const lasting = all.map(one =>
      'expireAt' in one && one.expireAt !== null ? { ...one, expireAt: FAR } : one,
    )
    await database.connection.collection(name).insertMany(lasting as { _id: never }[])
  }
  return {
    store,
    async close() {
      await store.close()
      await database.drop()
    },
  }
}

/** The same records by the contract of stores; balances and places of owners have no form there in which they could be put. */
async function intoMemory({ documents, at, tokens }: Golden): Promise<Loaded> {
  const store = memoryStore()
  const of = <D>(collection: string) => (documents[collection] ?? []) as unknown as readonly D[] // as the store wrote it
  for (const document of of<KeyDocument>('sidekey_keys')) {
    const key = readKey(document)
    await store.insert(key)
    const { balance } = tokens.find(({ keyId, balance }) => keyId === key.id && balance !== undefined) ?? {}
    if (key.credits !== null) await store.credits.open(key.id, balance ?? 0, key.credits, at)
  }
  await store.appendEvents(
    of<EventDocument>('sidekey_audit').map(event => ({ ...fromEventDocument(event), expireAt: null })),
  )
  for (const alias of of<AliasDocument>('sidekey_aliases')) await store.claimAlias(fromAliasDocument(alias))
  await store.addUsage(
    of<UsageDocument>('sidekey_usage').map(({ owner, ...rest }) => ({ ...rest, owner: ownerOf(owner) })),
  )
  await store.recordUses(
    of<{ _id: string; at: Date }>('sidekey_last_uses').map(({ _id, at }) => ({ keyId: _id, at })),
  )
  return { store, close: () => store.close() }
}
