/** Keys that the real better-auth has made go on working here. */
import { type ImportReport, importFile, importRows, type RowFailure } from 'sidekey/import'
import { mongooseStore } from 'sidekey/mongoose'
import { testKeys } from '../support/keys.js'
import { openDatabase } from '../support/mongo/database.js'
import { betterAuthKeys, type Made } from './better-auth.js'

const OWNER = '65f0c0ffee65f0c0ffee65f0'
/** And its `configId` `teams` has `references: 'organization'`. */
const ORGANIZATION = '65f0c0ffee65f0c0ffee65f1'
const ORGANIZATION_CONFIGS = ['teams']
const USERS = { user: () => ({ id: OWNER }) }
const IMPORTED = [{ source: 'better-auth', prefix: 'ba_', length: 67 }]

let made: Made
beforeAll(async () => {
  made = await betterAuthKeys()
}, 120_000)

const TIMES = new Set(['createdAt', 'updatedAt', 'expiresAt', 'lastRequest', 'lastRefillAt'])
const sqlTime = (value: unknown) => (value === null ? null : String(value).replace('T', ' ').replace('Z', ''))

const asFile = async function* (text: string) {
  yield Buffer.from(text)
}

async function imported(text: string) {
  const keys = testKeys({ ...USERS, imported: IMPORTED })
  const failures: RowFailure[] = []
  const report = await importFile(keys, asFile(text), {
    from: 'better-auth',
    organizationConfigs: ORGANIZATION_CONFIGS,
    onFailed: one => failures.push(one),
  })
  expect(failures).toEqual([])
  return { keys, report }
}

describe('keys of better-auth', () => {
  it('are let in by the tokens that it has handed out, as a dump of its table has them', async () => {
    for (const text of [
      JSON.stringify(made.rows, null, 2),
      made.rows.map(row => JSON.stringify(row)).join('\n'),
    ]) {
      const { keys, report } = await imported(text)
      expect(report).toEqual({
        rows: 9,
        imported: 9,
        skipped: 0,
        failed: 0,
        done: true,
      } satisfies ImportReport)
      for (const [name, token] of Object.entries(made.tokens)) {
        const verification = await keys.verify(token)
        if (name === 'off') expect(verification).toMatchObject({ ok: false, code: 'KEY_DISABLED' })
        else if (name === 'ofTeam') {
          const owner = { type: 'organization', id: ORGANIZATION }
          expect(verification).toMatchObject({ ok: true, owner, apiKey: { organizationId: ORGANIZATION } })
        } else expect(verification).toMatchObject({ ok: true, owner: { type: 'user', id: OWNER } })
      }
    }
  })

  it('are a user’s, where it is not said which are of organisations', async () => {
    const keys = testKeys({ ...USERS, imported: IMPORTED })
    await importRows(keys, made.rows, { from: 'better-auth' })
    expect(await keys.lookup(made.tokens.ofTeam)).toMatchObject({ owner: { type: 'user', id: ORGANIZATION } })
  })

  it('have their permissions, name, start and times', async () => {
    const { keys } = await imported(JSON.stringify(made.rows))
    const { permitted, plain } = made.tokens
    expect(await keys.verify(permitted, { permissions: ['reports:write', 'exports:run'] })).toMatchObject({
      ok: true,
    })
    expect(await keys.verify(plain, { permissions: 'reports:read' })).toMatchObject({
      code: 'INSUFFICIENT_PERMISSIONS',
    })
    const row = made.rows.find(({ name }) => name === 'plain')
    const key = await keys.lookup(plain)
    expect(key).toMatchObject({
      name: 'plain',
      start: row?.start,
      imported: { source: 'better-auth', id: made.ids.plain },
      permissions: [],
      status: 'active',
    })
    expect(key?.createdAt.toISOString()).toBe(row?.createdAt)
    const ending = await keys.lookup(made.tokens.ending)
    expect(ending?.expiresAt?.toISOString()).toBe(made.rows.find(({ name }) => name === 'ending')?.expiresAt)
    expect(await keys.lookup(made.tokens.described)).toMatchObject({
      metadata: { team: 'data', nested: { a: [1, null] } },
    })
  })

  it.each<[string, (name: string, value: unknown) => unknown]>([
    [
      'SQLite',
      (name, value) =>
        typeof value === 'boolean' ? Number(value) : TIMES.has(name) ? sqlTime(value) : value,
    ],
    [
      'PostgreSQL',
      (name, value) => (TIMES.has(name) && value !== null ? String(value).replace('Z', '+00:00') : value),
    ],
    [
      'milliseconds',
      (name, value) => (TIMES.has(name) && value !== null ? Date.parse(String(value)) : value),
    ],
    [
      'mongoexport',
      (name, value) =>
        name === 'referenceId'
          ? { $oid: value }
          : TIMES.has(name) && value !== null
            ? { $date: value }
            : value,
    ],
  ])('are the same, however the dump writes them: %s', async (_, write) => {
    const rows = made.rows.map(row =>
      Object.fromEntries(Object.entries(row).map(([name, value]) => [name, write(name, value)])),
    )
    const { keys, report } = await imported(JSON.stringify(rows))
    expect(report).toMatchObject({ imported: 9 })
    const row = made.rows.find(({ name }) => name === 'ending')
    expect(await keys.lookup(made.tokens.ending)).toMatchObject({
      owner: { type: 'user', id: OWNER },
      enabled: true,
      createdAt: new Date(String(row?.createdAt)),
      expiresAt: new Date(String(row?.expiresAt)),
    })
    expect(await keys.verify(made.tokens.off)).toMatchObject({ code: 'KEY_DISABLED' })
  })

  it('are held to their limits, and pay from what remained', async () => {
    const { keys } = await imported(JSON.stringify(made.rows))
    const verify = (name: keyof Made['tokens'], times: number) =>
      Array.from({ length: times }).reduce<Promise<string[]>>(async before => {
        const found = await before
        const verification = await keys.verify(made.tokens[name])
        return [...found, verification.ok ? 'ok' : verification.code]
      }, Promise.resolve([]))
    expect(await verify('limited', 4)).toEqual(['ok', 'ok', 'ok', 'RATE_LIMITED'])
    expect(await verify('counted', 3)).toEqual(['ok', 'ok', 'CREDITS_EXHAUSTED'])
    expect((await keys.lookup(made.tokens.refilled))?.credits).toMatchObject({
      balance: 5,
      refill: { amount: 100, every: '1d', max: 100 },
    })
  })

  it('come out of its own collection in MongoDB, where they lie beside ours', async () => {
    const database = await openDatabase()
    try {
      const { tokens } = await betterAuthKeys(database)
      const keys = testKeys({ ...USERS, imported: IMPORTED, store: mongooseStore(database.connection) })
      const rows = database.connection.collection('apikey').find()
      const report = await importRows(keys, rows, { from: 'better-auth' })
      expect(report).toMatchObject({ imported: 9, failed: 0, done: true })
      expect(await keys.verify(tokens.permitted, { permissions: 'reports:read' })).toMatchObject({
        ok: true,
        owner: { id: OWNER },
        apiKey: { start: tokens.permitted.slice(0, 6) },
      })
      // Again: nothing is made twice.
      const again = await importRows(keys, database.connection.collection('apikey').find(), {
        from: 'better-auth',
      })
      expect(again).toMatchObject({ imported: 0, skipped: 9, failed: 0 })
      expect((await keys.list()).data).toHaveLength(9)
    } finally {
      await database.drop()
    }
  }, 60_000)

  it('are nobody’s without the option: their tokens are refused at once', async () => {
    const keys = testKeys()
    expect(await keys.verify(made.tokens.plain)).toMatchObject({ ok: false, code: 'KEY_INVALID' })
    await expect(importRows(keys, made.rows, { from: 'better-auth' })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      errors: [{ path: 'source' }],
    })
  })
})
