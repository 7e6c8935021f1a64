/** Keys as JSON Lines, with what they can be checked by elsewhere only where that is asked for. */
import type { SidekeyError } from 'sidekey'
import { type ExportOptions, exportKeys } from 'sidekey/import'
import { testKeys } from '../support/keys.js'
import { overEveryStore } from '../support/stores.js'
import { betterAuthAnswers } from './better-auth.js'
import { importText } from './support.js'

const IMPORTED = [{ source: 'old', prefix: 'old_' }] as const
const OLD = 'old_0123456789abcdefghij'

async function linesOf(lines: AsyncIterable<string>): Promise<Record<string, unknown>[]> {
  const found: Record<string, unknown>[] = []
  for await (const line of lines) {
    expect(line.endsWith('\n')).toBe(true)
    found.push(JSON.parse(line))
  }
  return found
}

/** As docs/moving/better-auth.md has it. */
function betterAuthRow(line: Record<string, unknown>) {
  const { id, name, owner, hash, enabled, permissions, expiresAt, createdAt } = line as {
    [field: string]: unknown
    permissions: string[]
    owner: { id: string }
  } // as exportKeys writes it
  const actions: Record<string, string[]> = {}
  for (const permission of permissions) {
    const [resource = '', action = ''] = permission.split(':')
    actions[resource] = [...(actions[resource] ?? []), action]
  }
  return {
    id,
    configId: 'default',
    name,
    referenceId: owner.id,
    key: String(hash).replace('$sha256$', ''),
    enabled,
    permissions: JSON.stringify(actions),
    expiresAt,
    createdAt,
    updatedAt: createdAt,
    rateLimitEnabled: false,
    requestCount: 0,
    remaining: null,
    refillAmount: null,
    refillInterval: null,
    metadata: null,
  }
}

overEveryStore('The export', store => {
  it('has every key that is not deleted, in as many lines, newest first, and no hash', async () => {
    const keys = testKeys({ store: store(), imported: IMPORTED })
    await keys.import([{ source: 'old', token: OLD, owner: { id: 'bob' }, createdAt: '2020-01-01' }])
    const made = await keys.create({ name: 'new', owner: { id: 'alice' }, permissions: ['reports:read'] })
    const gone = await keys.create({ name: 'gone', owner: { id: 'alice' } })
    await keys.delete(gone.apiKey.id)
    const lines = await linesOf(exportKeys(keys))
    expect(lines).toMatchObject([
      {
        id: made.apiKey.id,
        owner: { type: 'user', id: 'alice' },
        permissions: ['reports:read'],
        imported: null,
      },
      { imported: { source: 'old', id: null }, createdAt: '2020-01-01T00:00:00.000Z' },
    ])
    expect(JSON.stringify(lines)).not.toMatch(/hash|\$sha/)
    expect(await linesOf(exportKeys(keys, { owner: { id: 'alice' } }))).toHaveLength(1)
    expect(await linesOf(exportKeys(keys, { status: ['deleted'] }))).toMatchObject([{ name: 'gone' }])
  })

  it('has all of many', async () => {
    const keys = testKeys({ store: store(), imported: IMPORTED })
    const rows = Array.from({ length: 1_100 }, (_, i) => ({
      source: 'old',
      token: `${OLD}${i}`,
      owner: { id: 'bob' },
    }))
    await keys.import(rows)
    const ids = (await linesOf(exportKeys(keys))).map(({ id }) => id)
    expect(new Set(ids).size).toBe(1_100)
  })
})

describe('an export with hashes', () => {
  it('has what a better-auth lets the tokens in by: a way back', async () => {
    const keys = testKeys()
    const made = await keys.create({ name: 'new', owner: { id: 'alice' }, permissions: ['reports:read'] })
    const { token } = await keys.rotate(made.apiKey.id, { grace: '1h' })
    const off = await keys.create({ name: 'off', owner: { id: 'bob' } })
    await keys.update(off.apiKey.id, { enabled: false })
    const rows = (await linesOf(exportKeys(keys, { hashes: true }))).map(betterAuthRow)
    const answers = await betterAuthAnswers(rows, [
      { key: token },
      { key: token, permissions: { reports: ['read'] } },
      { key: token, permissions: { reports: ['write'] } },
      { key: made.token },
      { key: off.token },
    ])
    expect(answers).toEqual([
      { valid: true, code: null, referenceId: 'alice' },
      { valid: true, code: null, referenceId: 'alice' },
      { valid: false, code: 'KEY_NOT_FOUND', referenceId: null },
      // A row has one hash: the token before the rotation is none of its.
      { valid: false, code: 'INVALID_API_KEY', referenceId: null },
      { valid: false, code: 'KEY_DISABLED', referenceId: null },
    ])
    // And it comes in again by the row.
    const again = testKeys({ imported: [{ source: 'better-auth', length: [40, 80] }] })
    expect(await importText(again, JSON.stringify(rows), { from: 'better-auth' })).toMatchObject({
      imported: 2,
    })
  }, 120_000)

  it('stops when it is told to', async () => {
    const keys = testKeys()
    for (let i = 0; i < 3; i++) await keys.create({ name: 'k', owner: { id: 'alice' } })
    const stopping = new AbortController()
    let seen = 0
    for await (const _ of exportKeys(keys, { signal: stopping.signal })) {
      seen++
      stopping.abort()
    }
    expect(seen).toBe(1)
  })
})

describe('An export of what is mistaken', () => {
  it.each<[string, unknown, string]>([
    ['a status that there is not', { status: 'frobnicated' }, 'status'],
    ['one among others', { status: ['active', 'frobnicated'] }, 'status'],
    ['no status', { status: [] }, 'status'],
    ['an empty tag', { tag: '' }, 'tag'],
    ['an owner without an id', { owner: {} }, 'owner.id'],
    ['hashes by a word', { hashes: 'no' }, 'hashes'],
    ['a filter that there is not', { statuses: ['active'] }, 'statuses'],
  ])('is refused before a line is read: %s', (_, options, path) => {
    try {
      exportKeys(testKeys(), options as ExportOptions) // what no type would let by
    } catch (error) {
      expect(error).toMatchObject({ code: 'INVALID_INPUT' })
      return expect((error as SidekeyError).errors?.[0]?.path).toMatch(new RegExp(`^${path}`))
    }
    throw new Error('it was not refused')
  })
})
