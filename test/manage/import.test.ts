/** `keys.import`: tokens that are out there go on working, whatever happens on the way. */
import { createHash } from 'node:crypto'
import bcrypt from 'bcrypt'
import { type ImportRecord, type ImportResult, memoryStore, type Store } from 'sidekey'
import { alice, quiet, refusal, refusalCode, type TestPermission, testKeys } from '../support/keys.js'
import { overEveryStore } from '../support/stores.js'

type Row = ImportRecord<TestPermission>

const IMPORTED = [
  { source: 'sanctum', separator: '|', covers: 'secret' },
  { source: 'ba', prefix: 'ba_' },
  { source: 'ba512', prefix: 'bb_', hash: 'sha512' },
  { source: 'slow', separator: '.', hash: 'bcrypt', length: 40 },
] as const

const SECRET = 'iYx2kq0ZtVwLr5bNcGhQe8uJmPoXs1Da'
const tokenOf = (id: number | string) => `${id}|${SECRET}${id}`
const hex = (text: string, algorithm = 'sha256') => createHash(algorithm).update(text).digest('hex')
const row = (id: number | string, more: Partial<Row> = {}): Row => ({
  source: 'sanctum',
  id: String(id),
  hash: { algorithm: 'sha256', value: hex(`${SECRET}${id}`) },
  owner: { id: 'alice' },
  permissions: ['reports:read'],
  ...more,
})
const keysOver = (store: Store, more: Parameters<typeof testKeys>[0] = {}) =>
  testKeys({ store, imported: IMPORTED, ...more })
const nothing: ImportResult = { imported: 0, skipped: 0, failed: [] }

overEveryStore('keys.import', store => {
  it('takes keys over, by whatever their tokens are hashed and found', async () => {
    const keys = keysOver(store())
    const slow = `abcd.${'x'.repeat(35)}`
    const rows: Row[] = [
      row(1),
      {
        source: 'ba',
        hash: { algorithm: 'sha256', value: hex('ba_0123456789abcdefghij') },
        owner: { id: 'bob' },
      },
      { source: 'ba', token: 'ba_plain-text-0123456789', owner: { id: 'bob' } },
      { source: 'ba512', hash: `sha512$$${hex('bb_0123456789abcdefghij', 'sha512')}`, owner: { id: 'bob' } },
      { source: 'slow', id: 'abcd', hash: bcrypt.hashSync(slow, 4), owner: { id: 'bob' } },
    ]
    expect(await keys.import(rows)).toEqual({ ...nothing, imported: 5 })
    const tokens = [
      tokenOf(1),
      'ba_0123456789abcdefghij',
      'ba_plain-text-0123456789',
      'bb_0123456789abcdefghij',
      slow,
    ]
    for (const token of tokens) expect(await keys.verify(token)).toMatchObject({ ok: true })
    expect(await keys.verify(tokenOf(1), { permissions: 'reports:read' })).toMatchObject({
      ok: true,
      owner: { type: 'user', id: 'alice' },
      apiKey: { name: 'sanctum 1', start: '1|', imported: { source: 'sanctum', id: '1' }, createdBy: null },
    })
    for (const token of tokens)
      expect(await keys.verify(`${token.slice(0, -1)}!`)).toMatchObject({ code: 'KEY_INVALID' })
  })

  it('takes what the row says: times, status, limits, credits, last use', async () => {
    const keys = keysOver(store())
    const createdAt = new Date('2024-02-03T04:05:06.789Z')
    const result = await keys.import([
      row(1, { name: 'old', createdAt, lastUsedAt: '2025-01-02T03:04:05Z', tags: ['x'], start: '1|iY' }),
      row(2, { enabled: false }),
      row(3, { revoked: true }),
      row(4, { expiresAt: '2025-01-01' }),
      row(5, { credits: { balance: 1 }, limits: { requests: { points: 9, per: '1h' } } }),
    ])
    expect(result).toEqual({ ...nothing, imported: 5 })
    const [old] = (await keys.list({ tag: 'x' })).data
    expect(old).toMatchObject({
      name: 'old',
      start: '1|iY',
      createdAt,
      lastUsedAt: new Date('2025-01-02T03:04:05Z'),
    })
    // Ids sort by age, also of those that are older than this library.
    expect((await keys.list({ status: ['active', 'disabled', 'revoked', 'expired'] })).data.at(-1)?.id).toBe(
      old?.id,
    )
    const codes = await Promise.all([2, 3, 4].map(async id => keys.verify(tokenOf(id))))
    expect(codes).toMatchObject([{ code: 'KEY_DISABLED' }, { code: 'KEY_REVOKED' }, { code: 'KEY_EXPIRED' }])
    expect(await keys.verify(tokenOf(5))).toMatchObject({ ok: true, credits: { balance: 0 } })
    expect(await keys.verify(tokenOf(5))).toMatchObject({ code: 'CREDITS_EXHAUSTED' })
  })

  it('is idempotent: a repeat, and many at once, make one key of a row', async () => {
    const keys = keysOver(store())
    const others = keysOver(store())
    const rows = Array.from({ length: 30 }, (_, i) => row(i))
    const results = await Promise.all([keys, others, keys].map(one => one.import(rows)))
    expect(results.reduce((sum, { imported }) => sum + imported, 0)).toBe(30)
    expect(results.every(({ failed }) => failed.length === 0)).toBe(true)
    expect((await keys.list({ limit: 100 })).data).toHaveLength(30)
    expect(await keys.import(rows)).toEqual({ ...nothing, skipped: 30 })
    for (let i = 0; i < 30; i++) expect(await others.verify(tokenOf(i))).toMatchObject({ ok: true })
  })

  it('tells the audit of each key, as the server’s own act', async () => {
    const keys = keysOver(store())
    const told: unknown[] = []
    keys.on('imported', ({ apiKey, audit }) => told.push([apiKey?.imported?.id, audit.action]))
    await keys.import([row(1), row(2)])
    const { data } = await keys.audit({ action: 'import' })
    expect(data).toHaveLength(2)
    expect(data[0]).toMatchObject({
      actor: { id: null, via: 'server' },
      changes: { imported: { to: { source: 'sanctum' } }, permissions: { to: ['reports:read'] } },
    })
    expect(JSON.stringify(data)).not.toMatch(/\$sha|[0-9a-f]{64}/)
    expect(told.sort()).toEqual([
      ['1', 'import'],
      ['2', 'import'],
    ])
  })

  it('goes on where a process died between the name and the record', async () => {
    const real = store()
    let dies = true
    const dying: Store = {
      ...real,
      insertMany: keys => (dies ? Promise.reject(new Error('killed')) : real.insertMany(keys)),
    }
    const keys = keysOver(dying)
    await expect(keys.import([row(1), row(2)])).rejects.toThrow('killed')
    expect(await keys.verify(tokenOf(1))).toMatchObject({ code: 'KEY_INVALID' })
    dies = false
    const again = keysOver(dying)
    expect(await again.import([row(1), row(2)])).toEqual({ ...nothing, imported: 2 })
    expect(await again.verify(tokenOf(1))).toMatchObject({ ok: true })
    expect((await again.list()).data).toHaveLength(2)
  })

  it('does not bring back what was removed here for good, nor what was revoked or deleted', async () => {
    const keys = keysOver(store())
    await keys.import([row(1), row(2), row(3)])
    const idOf = async (n: number) => (await keys.lookup(tokenOf(n)))?.id ?? ''
    await keys.purge(await idOf(1))
    await keys.revoke(await idOf(2))
    await keys.delete(await idOf(3))
    const again = await keys.import([row(1), row(2), row(3)], { existing: 'overwrite' })
    expect(again).toEqual({
      imported: 0,
      skipped: 2,
      failed: [{ index: 0, reason: 'the key was removed here for good' }],
    })
    const codes = await Promise.all([1, 2, 3].map(n => keys.verify(tokenOf(n))))
    expect(codes).toMatchObject([{ code: 'KEY_INVALID' }, { code: 'KEY_REVOKED' }, { code: 'KEY_INVALID' }])
  })

  it('narrows everywhere before it resolves, where it overwrites', async () => {
    const keys = keysOver(store())
    const elsewhere = keysOver(store())
    await keys.import([row(1), row(2), row(3)])
    const other = { permissions: 'reports:read' } as const
    for (const n of [1, 2, 3]) expect(await elsewhere.verify(tokenOf(n), other)).toMatchObject({ ok: true })
    const result = await keys.import(
      [row(1, { permissions: ['exports:run'] }), row(2, { enabled: false }), row(3)],
      { existing: 'overwrite' },
    )
    expect(result).toEqual({ ...nothing, imported: 2, skipped: 1 })
    expect(await elsewhere.verify(tokenOf(1), other)).toMatchObject({ code: 'INSUFFICIENT_PERMISSIONS' })
    expect(await elsewhere.verify(tokenOf(2), other)).toMatchObject({ code: 'KEY_DISABLED' })
    expect(await elsewhere.verify(tokenOf(3), other)).toMatchObject({ ok: true })
    // Nothing is switched on again.
    await keys.import([row(2, { enabled: true })], { existing: 'overwrite' })
    expect(await elsewhere.verify(tokenOf(2), other)).toMatchObject({ code: 'KEY_DISABLED' })
  })

  it('leaves what a row does not say as it is, and what there is where it only skips', async () => {
    const keys = keysOver(store())
    await keys.import([row(1, { name: 'first', tags: ['old'] })])
    const id = (await keys.lookup(tokenOf(1)))?.id ?? ''
    await keys.update(id, { tags: ['ours'], metadata: { a: 1 } })
    await keys.import([row(1, { name: 'second' })])
    expect(await keys.get(id)).toMatchObject({ name: 'first' })
    await keys.import([row(1, { name: 'second' })], { existing: 'overwrite' })
    expect(await keys.get(id)).toMatchObject({ name: 'second', tags: ['ours'], metadata: { a: 1 } })
  })

  it('gives no owner more keys than allowed where it overwrites, by another owner or a later end', async () => {
    const keys = keysOver(store(), { maxKeysPerOwner: 1 })
    const bob = { owner: { id: 'bob' } }
    await keys.import([row(1), row(2, bob), row(3, { expiresAt: '2025-01-01' })])
    const overwrite = { existing: 'overwrite' } as const
    const rows = [
      row(2, { owner: { id: 'alice' } }),
      row(3, { expiresAt: '2999-01-01' }),
      row(1, { name: 'n' }),
    ]
    expect(await keys.import(rows, overwrite)).toEqual({
      imported: 1,
      skipped: 0,
      failed: [0, 1].map(index => ({ index, reason: expect.stringContaining('1 keys') })),
    })
    expect(await keys.lookup(tokenOf(2))).toMatchObject({ owner: { id: 'bob' } })
    expect(await keys.verify(tokenOf(3))).toMatchObject({ code: 'KEY_EXPIRED' })
    // Once there is room they come, and take it.
    await keys.revoke((await keys.lookup(tokenOf(1)))?.id ?? '')
    expect(await keys.import(rows.slice(0, 1), overwrite)).toMatchObject({ imported: 1, failed: [] })
    expect(await keys.import(rows.slice(1, 2), overwrite)).toMatchObject({ failed: [{ index: 0 }] })
    expect(await keys.import([row(4, bob)])).toMatchObject({ imported: 1 })
  })

  it('writes nothing for a dry run, and tells what it would', async () => {
    const keys = keysOver(store())
    await keys.import([row(1)])
    const rows = [row(1, { name: 'other' }), row(2), row(3, { permissions: ['typo' as 'reports:read'] })]
    expect(await keys.import(rows, { existing: 'overwrite', dryRun: true })).toMatchObject({
      imported: 2,
      skipped: 0,
      failed: [{ index: 2 }],
    })
    expect((await keys.list()).data).toMatchObject([{ name: 'sanctum 1' }])
    expect(await keys.verify(tokenOf(2))).toMatchObject({ code: 'KEY_INVALID' })
  })

  it('answers for a dry run what the act does: rows that come again, other tokens, as many keys as allowed', async () => {
    const keys = keysOver(store(), { maxKeysPerOwner: 3 })
    await keys.create({ name: 'there', owner: { id: 'alice' } })
    const other = { hash: { algorithm: 'sha256', value: hex('another') } } as const
    const token = 'ba_0123456789abcdefghij'
    const rows: Row[] = [
      ...[row(1), row(1), row(1, other), row(2, { revoked: true }), row(3), row(4), row(1)],
      row(5, { owner: { id: 'bob' } }),
      { source: 'ba', token, owner: { id: 'bob' } },
      { source: 'ba', hash: { algorithm: 'sha256', value: hex(token) }, owner: { id: 'carol' } },
    ]
    const dry = await keys.import(rows, { dryRun: true })
    expect(dry).toEqual({
      imported: 5,
      skipped: 3,
      failed: [
        { index: 2, reason: 'id: leads to a key with another token' },
        { index: 5, reason: expect.stringContaining('3 keys') },
      ],
    })
    expect(await keys.import(rows)).toEqual(dry)
    // Of keys that are there too, and where rows change them.
    const again = [row(1, { name: 'n' }), row(1, { name: 'n' }), row(3)]
    for (const existing of ['skip', 'overwrite'] as const) {
      const dryAgain = await keys.import(again, { existing, dryRun: true })
      expect(await keys.import(again, { existing })).toEqual(dryAgain)
    }
  })
})

describe('a row', () => {
  const BAD: readonly (readonly [string, object, string])[] = [
    ['of a source that there is not', row(1, { source: 'nobody' }), 'source: takes an entry'],
    ['without a token or hash', { ...row(1), hash: undefined }, 'hash: takes token or hash'],
    ['with both', row(1, { token: tokenOf(1) }), 'hash: takes token or hash'],
    ['without the id that its token is found by', { ...row(1), id: undefined }, 'id: must be given'],
    ['whose id has the separator in it', row('1|2'), 'id: must not have the separator'],
    ['with another id than its token', { ...row(2), hash: undefined, token: tokenOf(1) }, 'id: is not that'],
    [
      'whose token has another shape',
      { ...row(1), hash: undefined, token: 'no-bar-in-it-0123456789' },
      'token: has not',
    ],
    [
      'whose token is read as one of another source',
      { source: 'ba', token: `ba_7|${SECRET}`, owner: { id: 'a' } },
      'token: is read as one of sanctum',
    ],
    [
      'whose token could be guessed',
      { ...row(1), hash: undefined, token: '1|short' },
      'token: takes at least',
    ],
    [
      'with a hash by which its token is not found',
      { source: 'ba', hash: `$2b$10$${'.'.repeat(53)}`, owner: { id: 'a' } },
      'hash: takes sha256',
    ],
    [
      'with permissions beyond the catalogue',
      row(1, { permissions: ['admin:all' as 'reports:read'] }),
      'permissions.0: is not in',
    ],
    ['with a role that there is not', row(1, { roles: ['root'] }), 'roles.0'],
    ['without an owner', { ...row(1), owner: undefined }, 'owner: takes'],
    [
      'whose owner is a query',
      row(1, { owner: { id: { $gt: '' } as unknown as string } }),
      'owner.id: takes an id',
    ],
    [
      'with metadata that pollutes',
      row(1, { metadata: JSON.parse('{"__proto__":{"admin":true}}') }),
      'metadata: takes no key',
    ],
    ['with a field that there is not', { ...row(1), isAdmin: true }, 'isAdmin: is not a known field'],
    ['from before there were ids', row(1, { createdAt: '1969-12-31' }), 'createdAt: must not be before'],
    ['from the future', row(1, { createdAt: '2999-01-01' }), 'createdAt: must not be'],
    [
      'whose start is the token',
      { ...row(1), hash: undefined, token: tokenOf(1), start: tokenOf(1).slice(0, 30) },
      'start: is too much',
    ],
    ['whose start is longer than any', row(1, { start: 'x'.repeat(33) }), 'start: takes 1 to 32'],
    ['that is no object', 'row' as unknown as Row, 'takes an object'],
    ['that is nothing', null as unknown as Row, 'takes an object'],
    [
      'with a hash over the bound',
      row(1, { hash: `pbkdf2_sha256$99999999$salt$${'A'.repeat(43)}=` }),
      'hash: takes PBKDF2 of at most',
    ],
  ]

  it.each(BAD)('%s is told, holds nothing up, and nothing of it leaks', async (_, bad, reason) => {
    const keys = keysOver(memoryStore())
    const result = await keys.import([row(7), bad as Row, row(8)])
    expect(result).toMatchObject({ imported: 2, skipped: 0 })
    expect(result.failed).toEqual([{ index: 1, reason: expect.stringContaining(reason) }])
    expect(JSON.stringify(result)).not.toMatch(/iYx2kq0|[0-9a-f]{64}/)
    expect(({} as { admin?: boolean }).admin).toBeUndefined()
  })

  it('with the id of another token is told, wherever it stands', async () => {
    const keys = keysOver(memoryStore())
    const hijack = row(1, {
      hash: { algorithm: 'sha256', value: hex('a token of the attacker') },
      owner: { id: 'mallory' },
    })
    const reason = 'id: leads to a key with another token'
    expect(await keys.import([row(1), row(1), hijack])).toEqual({
      imported: 1,
      skipped: 1,
      failed: [{ index: 2, reason }],
    })
    const again = await keys.import([hijack], { existing: 'overwrite' })
    expect(again.failed).toEqual([{ index: 0, reason }])
    expect(await keys.verify('1|a token of the attacker')).toMatchObject({ code: 'KEY_INVALID' })
    expect(await keys.verify(tokenOf(1))).toMatchObject({ ok: true, owner: { id: 'alice' } })
  })

  it('cannot take a token from a key of another source', async () => {
    const keys = testKeys({
      imported: [
        { source: 'one', prefix: 'ba_' },
        { source: 'two', length: [20, 60] },
      ],
    })
    const token = 'ba_0123456789abcdefghij'
    const hash = { algorithm: 'sha256', value: hex(token) } as const
    const { failed } = await keys.import([
      { source: 'one', token, owner: { id: 'alice' } },
      { source: 'two', hash, owner: { id: 'mallory' } },
      { source: 'two', token, owner: { id: 'mallory' } },
    ])
    expect(failed).toEqual([
      { index: 1, reason: 'source: the token is a key of another source here' },
      { index: 2, reason: expect.stringContaining('token: is read as one of one') },
    ])
    expect(await keys.verify(token)).toMatchObject({ owner: { id: 'alice' } })
  })

  it('over the most that an owner may have is told; what has ended takes no place', async () => {
    const keys = keysOver(memoryStore(), { maxKeysPerOwner: 2 })
    const result = await keys.import([row(1, { revoked: true }), row(2), row(3), row(4)])
    expect(result).toMatchObject({
      imported: 3,
      failed: [{ index: 3, reason: expect.stringContaining('2 keys') }],
    })
    // It can be had once there is room.
    await keys.revoke((await keys.lookup(tokenOf(2)))?.id ?? '')
    expect(await keys.import([row(4)])).toMatchObject({ imported: 1 })
  })

  it('is held to its kind', async () => {
    const kinds = { secret: {}, short: { maxExpiresIn: '30d', permissions: ['reports:read'] } } as const
    const keys = keysOver(memoryStore(), { kinds })
    const soon = new Date(Date.now() + 86_400_000)
    const result = await keys.import([
      row(1, { kind: 'short', expiresAt: soon }),
      row(2, { kind: 'short' }),
      row(3, { kind: 'short', expiresAt: '2999-01-01' }),
      row(4, { kind: 'short', expiresAt: soon, permissions: ['*'] }),
    ])
    expect(result).toMatchObject({ imported: 2, failed: [{ index: 2 }, { index: 3 }] })
    expect((await keys.lookup(tokenOf(2)))?.expiresAt?.getTime()).toBeLessThan(Date.now() + 31 * 86_400_000)
  })
})

describe('an import that overwrites', () => {
  it('says how long a key may go unused, from then on, and no longer than its kind lets it', async () => {
    const kinds = { secret: {}, short: { expiresAfterIdle: '30d' } } as const
    const keys = keysOver(memoryStore(), { kinds })
    await keys.import([row(1), row(2, { kind: 'short' })])
    const overwrite = { existing: 'overwrite' } as const
    expect(await keys.import([row(1, { expiresAfterIdle: '7d' })], overwrite)).toMatchObject({ imported: 1 })
    const narrowed = await keys.lookup(tokenOf(1))
    expect(narrowed?.expiresAfterIdle).toBe('7d')
    expect(narrowed?.idleExpiresAt?.getTime()).toBeGreaterThan(Date.now() + 6.9 * 86_400_000)
    // What leaves it out, or says the same, changes nothing about it.
    await keys.import([row(1, { name: 'n' }), row(1, { expiresAfterIdle: '7d' })], overwrite)
    expect(await keys.lookup(tokenOf(1))).toMatchObject({ expiresAfterIdle: '7d', version: 3 })
    const wider = await keys.import([row(2, { expiresAfterIdle: '31d' })], overwrite)
    expect(wider).toMatchObject({ imported: 0, failed: [{ index: 0 }] })
  })

  it('holds a key to its own kind, whatever the row leaves out', async () => {
    const kinds = { secret: {}, short: { maxExpiresIn: '30d', permissions: ['reports:read'] } } as const
    const keys = keysOver(memoryStore(), { kinds })
    await keys.import([row(1, { kind: 'short' })])
    for (const wider of [{ permissions: ['*'] }, { expiresAt: '2999-01-01' }] as Partial<Row>[]) {
      const result = await keys.import([row(1, wider)], { existing: 'overwrite' })
      expect(result).toMatchObject({ imported: 0, failed: [{ index: 0 }] })
    }
    expect(await keys.lookup(tokenOf(1))).toMatchObject({
      kind: 'short',
      permissions: ['reports:read'],
      version: 1,
    })
  })
})

describe('a name without a record', () => {
  it('of an import that was broken off long ago is given up for another token, also where it has been asked for', async () => {
    const store = memoryStore()
    const keys = keysOver(store)
    const claim = { id: 'token-id:sanctum:1', keyId: 'abcdefghabcdefgh', digest: 'other', expireAt: null }
    await store.claimAlias({ ...claim, at: new Date() })
    expect(await keys.verify(tokenOf(1))).toMatchObject({ code: 'KEY_INVALID' })
    expect((await keys.import([row(1)])).failed).toHaveLength(1)
    await store.releaseAlias(claim.id, claim.keyId)
    await store.claimAlias({ ...claim, at: new Date(Date.now() - 120_000) })
    expect(await keys.import([row(1)])).toEqual({ ...nothing, imported: 1 })
    const other = keysOver(store)
    expect(await other.verify(tokenOf(1))).toMatchObject({ ok: true })
  })
})

describe('the import', () => {
  it('is for server code alone: no user and no key has it', () => {
    expect(keysOver(memoryStore()).as(alice)).not.toHaveProperty('import')
  })

  it('takes rows as they come, and refuses what are none', async () => {
    const keys = keysOver(memoryStore())
    async function* many() {
      for (let i = 0; i < 1_001; i++) yield row(i)
    }
    expect(await keys.import(many())).toEqual({ ...nothing, imported: 1_001 })
    for (const none of [undefined, null, 42, 'rows', {}]) {
      const { code, message } = await refusal(keys.import(none as unknown as Row[]))
      expect({ code, message }).toEqual({
        code: 'INVALID_INPUT',
        message: 'records: takes a list of records, all there or still to come',
      })
    }
    expect(await refusalCode(keys.import([], { existing: 'replace' as 'skip' }))).toBe('INVALID_INPUT')
    expect(await keys.import([])).toEqual(nothing)
  })

  it('stops where the store goes away half-way, and a repeat goes on', async () => {
    const real = memoryStore()
    let batches = 0
    const away: Store = {
      ...real,
      async claimAliases(aliases) {
        if (++batches === 2) throw Object.assign(new Error(), { code: 'x' })
        return real.claimAliases(aliases)
      },
    }
    const keys = testKeys({ store: away, imported: IMPORTED, logger: quiet })
    const rows = Array.from({ length: 450 }, (_, i) => row(i))
    await expect(keys.import(rows)).rejects.toThrow()
    expect(await keys.import(rows)).toEqual({ ...nothing, imported: 250, skipped: 200 })
  })

  it('says what it takes, and never the token', async () => {
    const keys = keysOver(memoryStore())
    const error = await refusal(keys.import(tokenOf(1) as unknown as Row[]))
    expect(error.message).not.toContain(SECRET)
  })
})
