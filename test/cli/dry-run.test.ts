/** A dry run answers as the act would: what it lets by is done, and what the act would refuse it refuses, by the same exit code. */
import { join } from 'node:path'
import type { ApiKey } from 'sidekey'
import { BUILT, type Folder, json, openFolder, run } from './support.js'

/** The store is kept by the process in which the test's runs are, so that what one run makes the next one finds. */
const CONFIG = `import { apiKeys, memoryStore } from '${BUILT}'
globalThis.storeOfDryRuns ??= memoryStore()
export const keys = apiKeys({
  prefix: 'acme_test',
  store: globalThis.storeOfDryRuns,
  permissions: ['reports:read'],
  grants: () => ['*'],
  kinds: { secret: {}, strict: { maxExpiresIn: '30d', requiredRestrictions: ['ips'] } },
  maxKeysPerOwner: 2,
})
`

let folder: Folder
beforeAll(() => {
  folder = openFolder()
  folder.write('sidekey.config.mjs', CONFIG)
  folder.write('taken', 'by another')
})
afterAll(() => folder.remove())

const cli = (...args: string[]) => run(args, { cwd: folder.path })

let owners = 0
async function made(owner = `owner-${++owners}`, ...options: string[]): Promise<ApiKey> {
  const ended = await cli('create', 'CI', '--owner', owner, '--json', ...options)
  if (ended.code !== 0) throw new Error(ended.stderr)
  return json<{ apiKey: ApiKey }>(ended).apiKey
}

/** Keys, and what they have become before the run. */
const STATES = {
  living: async () => (await made()).id,
  strict: async () =>
    (await made(undefined, '--kind', 'strict', '--ip', '10.0.0.1', '--expires-in', '7d')).id,
  revoked: async () => {
    const { id } = await made()
    await cli('revoke', id, '--yes')
    return id
  },
  deleted: async () => {
    const { id } = await made()
    await cli('delete', id)
    return id
  },
  'deleted, and its place taken': async () => {
    const { id, owner } = await made()
    await cli('delete', id)
    for (let i = 0; i < 2; i++) await made(owner.id)
    return id
  },
  absent: async () => '0'.repeat(16),
} as const
type State = keyof typeof STATES

const LONG = 'x'.repeat(501)

describe('a dry run', () => {
  it.each<[what: string, State, args: readonly string[], code: number]>([
    ['a new name', 'living', ['update', 'ID', '--name', 'y'], 0],
    ['a change at its version', 'living', ['update', 'ID', '--name', 'y', '--if-version', '1'], 0],
    ['a change at another version', 'living', ['update', 'ID', '--name', 'y', '--if-version', '9'], 5],
    ['an end that has passed', 'living', ['update', 'ID', '--expires-at', '2001-01-01T00:00:00Z'], 2],
    ['an end that is no time', 'living', ['update', 'ID', '--expires-at', 'soon'], 2],
    ['a permission that there is not', 'living', ['update', 'ID', '--permission', 'reports:eat'], 2],
    ['a longer life than its kind has', 'strict', ['update', 'ID', '--expires-in', '400d'], 2],
    ['a change of a revoked key', 'revoked', ['update', 'ID', '--name', 'y'], 5],
    ['a change of a deleted key', 'deleted', ['update', 'ID', '--name', 'y'], 4],
    ['a change of no key', 'absent', ['update', 'ID', '--name', 'y'], 4],

    ['a new token', 'living', ['rotate', 'ID'], 0],
    ['a new token, and a time that is none', 'living', ['rotate', 'ID', '--grace', 'banana'], 2],
    ['a new token, and a time that is too long', 'living', ['rotate', 'ID', '--grace', '400d'], 2],
    ['a new token at another version', 'living', ['rotate', 'ID', '--if-version', '9'], 5],
    ['a new token into a file of another', 'living', ['rotate', 'ID', '--token-file', 'taken'], 2],
    ['a new token for a revoked key', 'revoked', ['rotate', 'ID'], 5],
    ['a new token for a deleted key', 'deleted', ['rotate', 'ID'], 4],

    ['an end', 'living', ['revoke', 'ID'], 0],
    ['an end for too long a reason', 'living', ['revoke', 'ID', '--reason', LONG], 2],
    ['an end of many for too long a reason', 'living', ['revoke', '--owner', 'zoe', '--reason', LONG], 2],
    ['an end of a revoked key', 'revoked', ['revoke', 'ID'], 0],
    ['an end of a deleted key', 'deleted', ['revoke', 'ID'], 4],

    ['a deletion', 'living', ['delete', 'ID'], 0],
    ['a deletion of no key', 'absent', ['delete', 'ID'], 4],
    ['a deletion for good', 'deleted', ['delete', 'ID', '--purge'], 0],
    ['a return', 'deleted', ['restore', 'ID'], 0],
    ['a return of what is not deleted', 'living', ['restore', 'ID'], 0],
    ['a return where there is no place', 'deleted, and its place taken', ['restore', 'ID'], 5],
    ['a return of no key', 'absent', ['restore', 'ID'], 4],
  ])('of %s (%s) ends as the act does', async (_what, state, args, code) => {
    const id = await STATES[state]()
    const asked = args.map(arg => (arg === 'ID' ? id : arg))
    const before = await everything()
    expect(await cli(...asked, '--dry-run')).toMatchObject({ code })
    expect(await everything()).toEqual(before)
    const leave = ['rotate', 'revoke', 'delete'].includes(args[0] ?? '') ? ['--yes'] : []
    expect(await cli(...asked, ...leave)).toMatchObject({ code })
  })

  it.each<[what: string, options: readonly string[], code: number]>([
    ['as it is', [], 0],
    ['within its kind', ['--kind', 'strict', '--ip', '10.0.0.1', '--expires-in', '30d'], 0],
    ['that lives too long', ['--kind', 'strict', '--ip', '10.0.0.1', '--expires-in', '400d'], 2],
    ['without what its kind needs', ['--kind', 'strict', '--expires-in', '30d'], 2],
    ['of a kind that there is not', ['--kind', 'none'], 2],
    ['that has ended', ['--expires-at', '2001-01-01T00:00:00Z'], 2],
    ['into a file of another', ['--token-file', 'taken'], 2],
    ['into a file in no folder', ['--token-file', join('nowhere', 'token')], 2],
  ])('of a new key %s ends as the act does', async (_what, options, code) => {
    const asked = ['create', 'new', '--owner', `owner-${++owners}`, ...options]
    const before = await everything()
    expect(await cli(...asked, '--dry-run')).toMatchObject({ code })
    expect(await everything()).toEqual(before)
    expect(await cli(...asked)).toMatchObject({ code })
  })

  it('of one key more than an owner may have is refused, and takes no place', async () => {
    for (let i = 0; i < 3; i++) {
      expect(await cli('create', 'x', '--owner', 'full', '--dry-run')).toMatchObject({ code: 0 })
    }
    for (let i = 0; i < 2; i++) await made('full')
    const asked = ['create', 'x', '--owner', 'full']
    expect(await cli(...asked, '--dry-run')).toMatchObject({ code: 5 })
    expect(await cli(...asked)).toMatchObject({ code: 5 })
  })

  it('says where nothing would be done', async () => {
    const [living, revoked] = [await STATES.living(), await STATES.revoked()]
    expect((await cli('restore', living, '--dry-run')).stdout).toContain('is not deleted')
    expect(json(await cli('restore', living, '--dry-run', '--json'))).toMatchObject({ restored: false })
    expect((await cli('revoke', revoked, '--dry-run')).stdout).toContain('is revoked already')
    expect(json(await cli('revoke', revoked, '--dry-run', '--json'))).toEqual({ dryRun: true, keys: [] })
    const both = await cli('revoke', living, revoked, '--dry-run', '--json')
    expect(json<{ keys: ApiKey[] }>(both).keys.map(({ id }) => id)).toEqual([living])
    expect((await cli('revoke', living, revoked, '--yes')).stdout).toContain('Revoked: 1.')
  })
})

/** All that the store has, by id and version. */
async function everything(): Promise<readonly string[]> {
  const statuses = ['active', 'disabled', 'revoked', 'expired', 'scheduled', 'deleted']
  const args = statuses.flatMap(status => ['--status', status])
  const { data } = json<{ data: ApiKey[] }>(await cli('list', '--all', '--json', ...args))
  return data.map(({ id, version, status }) => `${id} ${version} ${status}`)
}
