/** A key is never more than it was given, nor more than its owner is now. */
import { apiKeys, memoryStore, type Owner, type Requirement } from 'sidekey'
import { type TestPermission, testKeys } from '../support/keys.js'
import { accepted, edit, keyFor, outcome } from './support.js'

/** Keys whose owner's grants can be changed at any time. */
function keysOfOwner(granted: readonly string[] | null) {
  let now = granted
  const keys = testKeys({ grants: () => now, cache: { ownersFor: '0s' } })
  return {
    keys,
    grant(next: readonly string[] | null) {
      now = next
    },
  }
}

describe('the permissions of a key', () => {
  it('are what it was given, where its owner may do everything', async () => {
    const { keys } = keysOfOwner(['*'])
    const { token } = await keyFor(keys, { permissions: ['reports:read', 'exports:*'] })
    const answer = accepted(await keys.verify(token))
    expect(answer.permissions).toEqual(['reports:read', 'exports:*'])
    expect(answer.owner).toEqual({ type: 'user', id: 'alice' })
    expect(answer.resources).toBeNull()
  })

  it.each([
    [['reports:*'], ['*:read'], ['reports:read']],
    [['*'], ['reports:read', 'exports:run'], ['reports:read', 'exports:run']],
    [['reports:write'], ['reports:read'], []],
    [['reports:read'], [], []],
  ] as const)('%j, within grants %j, are %j', async (given, granted, expected) => {
    const { keys } = keysOfOwner(granted)
    const { token } = await keyFor(keys, { permissions: given })
    expect(accepted(await keys.verify(token)).permissions).toEqual(expected)
  })

  it('are cut anew where the app changes the very list that it handed out', async () => {
    const list = ['reports:read', 'exports:run']
    const keys = testKeys({ grants: () => list, cache: { ownersFor: '0s' } })
    const { token } = await keyFor(keys, { permissions: ['reports:*', 'exports:*'] })
    expect(accepted(await keys.verify(token)).permissions).toEqual(['reports:read', 'exports:run'])
    list[1] = 'reports:write'
    expect(accepted(await keys.verify(token)).permissions).toEqual(['reports:read', 'reports:write'])
    list.length = 0
    expect(accepted(await keys.verify(token)).permissions).toEqual([])
  })

  it('are nothing where grants answers what it must not, and that is told, once', async () => {
    for (const answer of [undefined, '*', new Set(['*']), [1], {}]) {
      const warnings: unknown[] = []
      const logger = { warn: (details: object) => warnings.push(details), error: () => {} }
      const keys = testKeys({ grants: () => answer as never, logger }) // as a careless app would
      const { token } = await keyFor(keys)
      for (let i = 0; i < 3; i++) expect(outcome(await keys.verify(token))).toBe('OWNER_INACTIVE')
      expect(warnings).toEqual([{ option: 'grants', help: 'docs/warnings.md#malformed-answer' }])
    }
  })

  it('are nothing where it was given nothing, whatever its owner may do', async () => {
    const { keys } = keysOfOwner(['*'])
    const { token } = await keyFor(keys)
    expect(accepted(await keys.verify(token)).permissions).toEqual([])
    expect(outcome(await keys.verify(token, { permissions: 'reports:read' }))).toBe(
      'INSUFFICIENT_PERMISSIONS',
    )
  })

  it('are narrowed at once when the owner is demoted, and widened again to what it was given', async () => {
    const { keys, grant } = keysOfOwner(['*'])
    const { token } = await keyFor(keys, { permissions: ['reports:*'] })
    expect(outcome(await keys.verify(token, { permissions: 'reports:write' }))).toBe('ok')

    grant(['reports:read'])
    expect(outcome(await keys.verify(token, { permissions: 'reports:write' }))).toBe(
      'INSUFFICIENT_PERMISSIONS',
    )
    const answer = accepted(await keys.verify(token, { permissions: 'reports:read' }))
    expect(answer.permissions).toEqual(['reports:read'])
    expect(answer.apiKey.permissions).toEqual(['reports:*'])

    grant(['*'])
    expect(accepted(await keys.verify(token)).permissions).toEqual(['reports:*'])
  })

  it('that are asked for in a nested requirement must be met by key and owner both', async () => {
    const { keys } = keysOfOwner(['reports:*'])
    const { token } = await keyFor(keys, { permissions: ['reports:read', 'exports:run'] })
    const ask = async (permissions: Requirement<TestPermission>) =>
      outcome(await keys.verify(token, { permissions }))
    expect(await ask({ any: ['exports:run', 'reports:read'] })).toBe('ok')
    expect(await ask({ all: ['reports:read', { any: ['exports:run', 'reports:write'] }] })).toBe(
      'INSUFFICIENT_PERMISSIONS',
    )
    expect(await ask(['reports:read'])).toBe('ok')
    expect(await ask(['reports:read', 'exports:run'])).toBe('INSUFFICIENT_PERMISSIONS')
  })
})

describe('the owner of a key', () => {
  it('who is switched off takes the key along, and brings it back', async () => {
    const { keys, grant } = keysOfOwner(null)
    const { token } = await keyFor(keys, { permissions: ['reports:read'] })
    expect(await keys.verify(token)).toEqual({ ok: false, code: 'OWNER_INACTIVE', status: 401 })
    grant(['*'])
    expect(outcome(await keys.verify(token))).toBe('ok')
  })

  it('who may do nothing still has a key, which may do nothing', async () => {
    const { keys } = keysOfOwner([])
    const { token } = await keyFor(keys, { permissions: ['reports:read'] })
    expect(accepted(await keys.verify(token)).permissions).toEqual([])
  })

  it('is asked about with the organisation of the key, at each verification', async () => {
    const asked: (readonly [Owner, string | null])[] = []
    const keys = testKeys({
      cache: { ownersFor: '0s' },
      grants: (owner, organizationId) => {
        asked.push([owner, organizationId])
        return ['*']
      },
    })
    const inAcme = await keyFor(keys, { organizationId: 'acme' })
    const ofAcme = await keyFor(keys, { owner: { type: 'organization', id: 'acme' } })
    const own = await keyFor(keys)
    for (const { token } of [inAcme, ofAcme, own, own]) await keys.verify(token)
    expect(asked).toEqual([
      [{ type: 'user', id: 'alice' }, 'acme'],
      [{ type: 'organization', id: 'acme' }, 'acme'],
      [{ type: 'user', id: 'alice' }, null],
      [{ type: 'user', id: 'alice' }, null],
    ])
  })

  it('may be told of later: a promise is waited for', async () => {
    const keys = testKeys({ grants: async () => ['reports:read'] })
    const { token } = await keyFor(keys, { permissions: ['*'] })
    expect(accepted(await keys.verify(token)).permissions).toEqual(['reports:read'])
    const off = testKeys({ grants: async () => null })
    expect(outcome(await off.verify((await keyFor(off)).token))).toBe('OWNER_INACTIVE')
  })

  it('may do everything where there is neither a catalogue nor grants', async () => {
    const keys = apiKeys({ prefix: 'acme_test', store: memoryStore() })
    const { token } = await keys.create({ name: 'k', owner: { id: 'alice' }, permissions: ['any:thing'] })
    expect(outcome(await keys.verify(token, { permissions: 'any:thing' }))).toBe('ok')
  })

  it.each([
    ['a forgotten return', undefined],
    ['true', true],
    ['one text', '*'],
    ['an object', { 0: '*', length: 1 }],
    ['a list with something else in it', ['reports:read', 42]],
    ['a set', new Set(['*'])],
  ])('is switched off, never let through, where grants answers %s', async (_, answer) => {
    const grants = (() => answer) as () => readonly string[] // a mistake that only JavaScript lets pass
    const keys = testKeys({ grants })
    const { token } = await keyFor(keys, { permissions: ['reports:read'] })
    expect(outcome(await keys.verify(token, { permissions: 'reports:read' }))).toBe('OWNER_INACTIVE')
  })
})

describe('the roles of a key', () => {
  const roles = { viewer: ['reports:read'], editor: ['reports:*'] } as const

  it('give what the options say, beside its own permissions', async () => {
    const keys = testKeys({ roles })
    const { token } = await keyFor(keys, { roles: ['viewer'], permissions: ['exports:run'] })
    expect(new Set(accepted(await keys.verify(token)).permissions)).toEqual(
      new Set(['reports:read', 'exports:run']),
    )
    expect(outcome(await keys.verify(token, { permissions: 'reports:write' }))).toBe(
      'INSUFFICIENT_PERMISSIONS',
    )
  })

  it('are cut to what the owner may do', async () => {
    const keys = testKeys({ roles, grants: () => ['reports:read'] })
    const { token } = await keyFor(keys, { roles: ['editor'] })
    expect(accepted(await keys.verify(token)).permissions).toEqual(['reports:read'])
  })

  it('follow the options: a role that means less gives less, one that is gone gives nothing', async () => {
    const store = memoryStore()
    const { token } = await keyFor(testKeys({ store, roles }), { roles: ['editor'] })
    const less = testKeys({ store, roles: { editor: ['reports:read'] } })
    expect(accepted(await less.verify(token)).permissions).toEqual(['reports:read'])
    expect(accepted(await testKeys({ store }).verify(token)).permissions).toEqual([])
  })

  it('that are names of a prototype give nothing', async () => {
    const store = memoryStore()
    const keys = testKeys({ store, roles })
    const { apiKey, token } = await keyFor(keys)
    await edit(store, apiKey.id, { roles: ['constructor', '__proto__', 'toString'] })
    expect(accepted(await keys.verify(token)).permissions).toEqual([])
  })
})
