/** The commands over a real database, one after the other as an operator gives them. */
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { ApiKey, AuditEvent } from 'sidekey'
import { databaseWithUri, type Folder, json, openFolder, run } from './support.js'

jest.setTimeout(60_000)

let database: Awaited<ReturnType<typeof databaseWithUri>>
let folder: Folder
beforeAll(async () => {
  database = await databaseWithUri()
  folder = openFolder()
})
afterAll(async () => {
  folder.remove()
  await database.drop()
})

const cli = (args: readonly string[], input = '') =>
  run(args, { cwd: folder.path, env: { MONGODB_URI: database.address }, input })

interface Made {
  readonly apiKey: ApiKey
  readonly token: string
}

async function made(name: string, ...options: string[]): Promise<Made> {
  const ended = await cli(['create', name, '--prefix', 'acme_test', '--owner', 'alice', '--json', ...options])
  expect(ended).toMatchObject({ code: 0 })
  return json<Made & Record<string, unknown>>(ended)
}

describe('over a database alone', () => {
  it('makes a key as it is told, and its token verifies', async () => {
    const { apiKey, token } = await made(
      'CI',
      ...[
        '--permission',
        'reports:read',
        '--permission',
        'reports:write',
        '--tag',
        'ci',
        '--ip',
        '10.0.0.0/8',
      ],
      ...['--limit', 'requests=5/1m', '--expires-in', '90d', '--metadata', '{"team":"billing"}'],
    )
    expect(apiKey).toMatchObject({
      name: 'CI',
      owner: { type: 'user', id: 'alice' },
      permissions: ['reports:read', 'reports:write'],
      tags: ['ci'],
      restrictions: { ips: ['10.0.0.0/8'], origins: [] },
      limits: { requests: { points: 5, per: '1m' } },
      metadata: { team: 'billing' },
    })
    const accepted = await cli(
      ['verify', '--json', '--ip', '10.1.2.3', '--permission', 'reports:read'],
      token,
    )
    expect(accepted.code).toBe(0)
    expect(json(accepted)).toMatchObject({ ok: true, apiKey: { id: apiKey.id } })
    const refused = await cli(['verify', '--ip', '192.0.2.1'], token)
    expect(refused).toMatchObject({ code: 1, stdout: 'refused: IP_NOT_ALLOWED\n' })
  })

  it('shows, changes, lists, looks up and tells of a key', async () => {
    const { apiKey, token } = await made('one to change')
    expect(json(await cli(['show', apiKey.id, '--json']))).toMatchObject({ id: apiKey.id })
    const updated = await cli(['update', apiKey.id, '--name', 'changed', '--disable', '--json'])
    expect(json(updated)).toMatchObject({ name: 'changed', status: 'disabled', version: 2 })
    expect(
      json(await cli(['update', apiKey.id, '--enable', '--clear', 'description', '--json'])),
    ).toMatchObject({
      status: 'active',
    })
    const listed = json<{ data: ApiKey[]; nextCursor: null }>(await cli(['list', '--q', 'chang', '--json']))
    expect(listed.data.map(({ name }) => name)).toEqual(['changed'])
    expect(json(await cli(['lookup', '--json'], token))).toMatchObject({ id: apiKey.id })
    const { data } = json<{ data: AuditEvent[] }>(await cli(['events', apiKey.id, '--json']))
    expect(data.map(({ action }) => action).sort()).toEqual(['create', 'disable', 'enable', 'update'])
    expect(data[0]?.userAgent).toMatch(/^sidekey CLI \(.+@.+\)$/)
  })

  it('gives a new token: the old one ends at once where it is told so', async () => {
    const { apiKey, token } = await made('to rotate')
    const rotated = await cli(['rotate', apiKey.id, '--grace', '0s', '--yes', '--json'])
    const next = json<Made & Record<string, unknown>>(rotated)
    expect(next.token).not.toBe(token)
    expect((await cli(['verify'], token)).stdout).toBe('refused: KEY_INVALID\n')
    expect((await cli(['verify'], next.token)).code).toBe(0)
  })

  it('writes a token into a file that only its owner can read, and shows it nowhere', async () => {
    const file = join(folder.path, 'token')
    const ended = await cli([
      'create',
      'to a file',
      '--prefix',
      'acme_test',
      '--owner',
      'bob',
      '--token-file',
      file,
    ])
    expect(ended.code).toBe(0)
    const token = readFileSync(file, 'utf8').trim()
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(ended.stdout + ended.stderr).not.toContain(token)
    expect((await cli(['verify', '--token-file', file])).code).toBe(0)
    // It is there: no second token is written over it, and no key made in vain.
    const again = await cli([
      'create',
      'in vain',
      '--prefix',
      'acme_test',
      '--owner',
      'bob',
      '--token-file',
      file,
    ])
    expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining('is there already') })
    expect(json<{ data: [] }>(await cli(['list', '--q', 'in vain', '--json'])).data).toEqual([])
    expect(readFileSync(file, 'utf8').trim()).toBe(token)
  })

  it('revokes by filter, and counts use', async () => {
    const keys = [await made('r1', '--tag', 'leaver'), await made('r2', '--tag', 'leaver')]
    const dry = json<{ keys: ApiKey[] }>(await cli(['revoke', '--tag', 'leaver', '--dry-run', '--json']))
    expect(dry.keys.map(({ id }) => id).sort()).toEqual(keys.map(({ apiKey }) => apiKey.id).sort())
    const [first] = keys
    if (first === undefined) throw new Error('made above')
    expect((await cli(['verify'], first.token)).code).toBe(0)
    expect(json(await cli(['revoke', '--tag', 'leaver', '--reason', 'has left', '--yes', '--json']))).toEqual(
      {
        revoked: 2,
      },
    )
    expect((await cli(['verify'], first.token)).stdout).toBe('refused: KEY_REVOKED\n')
    expect(json(await cli(['show', first.apiKey.id, '--json']))).toMatchObject({
      revoked: { reason: 'has left' },
    })
    const usage = json<{ data: { outcomes: Record<string, number> }[] }>(
      await cli(['usage', first.apiKey.id, '--json']),
    )
    expect(usage.data.at(-1)?.outcomes).toEqual({ accepted: 1, KEY_REVOKED: 1 })
  })

  it('deletes, restores, and purges for good', async () => {
    const { apiKey } = await made('to delete')
    expect((await cli(['delete', apiKey.id])).code).toBe(0)
    expect(await cli(['show', apiKey.id])).toMatchObject({ code: 4 })
    expect((await cli(['restore', apiKey.id])).code).toBe(0)
    expect((await cli(['show', apiKey.id])).code).toBe(0)
    expect((await cli(['delete', apiKey.id, '--purge', '--yes'])).code).toBe(0)
    expect((await cli(['restore', apiKey.id])).code).toBe(4)
  })

  it('lists all pages as one answer', async () => {
    for (const name of ['a', 'b', 'c', 'd']) await made(name)
    const { data, nextCursor } = json<{ data: ApiKey[]; nextCursor: null }>(
      await cli(['list', '--all', '--json']),
    )
    const first = json<{ data: ApiKey[]; nextCursor: string }>(await cli(['list', '--limit', '3', '--json']))
    expect(nextCursor).toBeNull()
    expect(data.slice(0, 3)).toEqual(first.data)
    const next = json<{ data: ApiKey[] }>(
      await cli(['list', '--limit', '3', '--cursor', first.nextCursor, '--json']),
    )
    expect(data.slice(3, 6)).toEqual(next.data)
  })

  it('never hashes anew, nor purges, by rules that are not the app’s', async () => {
    const { apiKey, token } = await made('hashed by the app')
    const keys = database.connection.collection<{ _id: string }>('sidekey_keys')
    const { bcryptHash } = await import('../../src/key/bcrypt.js')
    const hash = await bcryptHash(token.slice(-49), 10)
    await keys.updateOne({ _id: apiKey.id }, { $set: { hash } })
    const longAgo = new Date(Date.now() - 400 * 86_400_000)
    const { apiKey: deleted } = await made('deleted long ago')
    await cli(['delete', deleted.id])
    await keys.updateOne({ _id: deleted.id }, { $set: { 'deleted.at': longAgo } })
    expect((await cli(['verify'], token)).code).toBe(0)
    await cli(['list'])
    expect(await keys.findOne({ _id: apiKey.id })).toMatchObject({ hash })
    expect(await keys.findOne({ _id: deleted.id })).not.toBeNull()
  })
})

describe('a dry run', () => {
  it('changes nothing, and refuses what could not be done', async () => {
    const { id } = (await made('to stay as it is')).apiKey
    const before = json<{ data: ApiKey[] }>(await cli(['list', '--all', '--json'])).data
    for (const args of [
      ['create', 'x', '--owner', 'alice'],
      ['update', id, '--name', 'y'],
      ['rotate', id],
      ['revoke', id],
      ['revoke', '--owner', 'alice'],
      ['delete', id],
      ['delete', id, '--purge'],
    ]) {
      expect(await cli([...args, '--dry-run'])).toMatchObject({ code: 0 })
    }
    const deleted = (await made('to stay deleted')).apiKey.id
    await cli(['delete', deleted])
    const dry = await cli(['restore', deleted, '--dry-run', '--json'])
    expect(json(dry)).toEqual({
      dryRun: true,
      apiKey: { id: deleted, name: 'to stay deleted' },
      restored: true,
    })
    expect((await cli(['show', deleted])).code).toBe(4)
    expect(json<{ data: ApiKey[] }>(await cli(['list', '--all', '--json'])).data).toEqual(before)
    expect(await cli(['create', 'x', '--owner', 'alice', '--expires-in', '90', '--dry-run'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('expiresIn'),
    })
  })
})

describe('what cannot be undone', () => {
  it.each([
    ['revoke', ['revoke', '--owner', 'alice']],
    ['rotate', ['rotate']],
    ['delete --purge', ['delete', '--purge']],
  ])('%s is not done where nobody can be asked', async (_, args) => {
    const { apiKey } = await made('to keep')
    const asked = args[0] === 'revoke' ? args : [args[0] ?? '', apiKey.id, ...args.slice(1)]
    expect(await cli(asked)).toMatchObject({ code: 7, stderr: expect.stringContaining('--yes') })
    expect(json(await cli(['show', apiKey.id, '--json']))).toMatchObject({ status: 'active', version: 1 })
  })
})

describe('the exit code', () => {
  it.each([
    ['an unknown option', ['list', '--frobnicate'], 2],
    ['an id that is none', ['show', 'x'], 2],
    ['input that is refused', ['list', '--status', 'asleep'], 2],
    ['an export by a status that there is not', ['export', '--status', 'asleep'], 2],
    ['an export by a tag that has come out empty', ['export', '--tag', ''], 2],
    ['nothing to change', ['update', '0000000000000000'], 2],
    ['a key that is not there', ['show', '0000000000000000'], 4],
    ['neither ids nor filters', ['revoke', '--yes'], 2],
    ['no keys to revoke', ['revoke', '--tag', 'nobody', '--yes'], 0],
    [
      'a type of owner without an owner',
      ['revoke', '--tag', 'x', '--owner-type', 'organization', '--yes'],
      2,
    ],
    ['a filter that has come out empty', ['revoke', '--owner', '', '--yes'], 2],
    ['a kind that has come out empty', ['revoke', '--kind', '', '--tag', 'x', '--yes'], 2],
    ['an organisation that has come out empty', ['revoke', '--organization', '', '--yes'], 2],
    ['a tag that has come out empty', ['revoke', '--tag', '', '--yes'], 2],
    ['help', ['--help'], 0],
  ])('of %s', async (_, args, code) => {
    expect((await cli(args)).code).toBe(code)
  })

  it('of a change to a key that is revoked, or at another version, is 5', async () => {
    const { apiKey } = await made('r')
    expect((await cli(['update', apiKey.id, '--name', 'x', '--if-version', '7'])).code).toBe(5)
    await cli(['revoke', apiKey.id, '--yes'])
    const late = await cli(['update', apiKey.id, '--name', 'x', '--json'])
    expect(late.code).toBe(5)
    expect(JSON.parse(late.stderr)).toMatchObject({ error: { code: 'ALREADY_REVOKED', exit: 5 } })
  })
})
