/** A key made by a key is verified within it: it dies, narrows and ends with it. */
import { memoryStore, type RestrictionsInput } from 'sidekey'
import { type TestKeys, testKeys } from '../support/keys.js'
import { accepted, childOf, edit, keyFor, outcome } from './support.js'

const PERMISSIONS = ['api-keys:create', 'reports:*'] as const

async function family(input: { resources?: readonly string[]; restrictions?: RestrictionsInput } = {}) {
  const store = memoryStore()
  const keys = testKeys({ store })
  const parent = await keyFor(keys, { permissions: PERMISSIONS, ...input })
  const child = await childOf(keys, parent.token, { permissions: ['reports:*'] })
  return { store, keys, parent, child }
}

describe('a key made by a key', () => {
  it('is accepted as its own, with what it was given', async () => {
    const { keys, parent, child } = await family()
    const answer = accepted(await keys.verify(child.token, { permissions: 'reports:write' }))
    expect(answer.apiKey).toMatchObject({ id: child.apiKey.id, parentId: parent.apiKey.id })
    expect(answer.permissions).toEqual(['reports:*'])
  })

  const ENDS: readonly (readonly [string, string, (keys: TestKeys, id: string) => Promise<unknown>])[] = [
    ['revoked', 'KEY_REVOKED', (keys, id) => keys.revoke(id)],
    ['disabled', 'KEY_DISABLED', (keys, id) => keys.update(id, { enabled: false })],
    ['deleted', 'KEY_REVOKED', (keys, id) => keys.delete(id)],
    ['purged', 'KEY_REVOKED', (keys, id) => keys.purge(id)],
    ['given to another owner', 'KEY_REVOKED', (keys, id) => keys.transfer(id, { id: 'bob' })],
    [
      'given to an organisation of the same name',
      'KEY_REVOKED',
      (keys, id) => keys.transfer(id, { type: 'organization', id: 'alice' }),
    ],
    [
      'moved to another organisation',
      'KEY_REVOKED',
      (keys, id) => keys.update(id, { organizationId: 'acme' }),
    ],
    [
      'not valid until later',
      'KEY_NOT_YET_VALID',
      (keys, id) => keys.update(id, { notBefore: new Date(Date.now() + 3_600_000) }),
    ],
  ]

  it.each(ENDS)('ends where the key that made it is %s (%s)', async (_, code, end) => {
    const { keys, parent, child } = await family()
    await end(keys, parent.apiKey.id)
    expect(outcome(await keys.verify(child.token))).toBe(code)
    expect(outcome(await keys.verify(child.token, { permissions: 'reports:read' }))).toBe(code)
  })

  it('expires with the key that made it, though its own record says later', async () => {
    const { store, keys, parent, child } = await family()
    await edit(store, parent.apiKey.id, { expiresAt: new Date(Date.now() - 1) })
    expect(child.apiKey.expiresAt).toBeNull()
    expect(outcome(await keys.verify(child.token))).toBe('KEY_EXPIRED')
  })

  it('works again where the key that made it is switched on again', async () => {
    const { keys, parent, child } = await family()
    await keys.update(parent.apiKey.id, { enabled: false })
    await keys.update(parent.apiKey.id, { enabled: true })
    expect(outcome(await keys.verify(child.token))).toBe('ok')
    await keys.delete(parent.apiKey.id)
    await keys.restore(parent.apiKey.id)
    expect(outcome(await keys.verify(child.token))).toBe('ok')
  })

  it('outlives a new token of the key that made it', async () => {
    const { keys, parent, child } = await family()
    await keys.rotate(parent.apiKey.id, { grace: '0s' })
    expect(outcome(await keys.verify(parent.token))).toBe('KEY_INVALID')
    expect(outcome(await keys.verify(child.token))).toBe('ok')
  })

  it('leaves the key that made it alone when it ends', async () => {
    const { keys, parent, child } = await family()
    await keys.revoke(child.apiKey.id)
    expect(outcome(await keys.verify(child.token))).toBe('KEY_REVOKED')
    expect(outcome(await keys.verify(parent.token))).toBe('ok')
  })

  it('narrows with the key that made it, and widens no further than it was given', async () => {
    const { keys, parent, child } = await family()
    await keys.update(parent.apiKey.id, { permissions: ['reports:read'] })
    expect(accepted(await keys.verify(child.token)).permissions).toEqual(['reports:read'])
    expect(outcome(await keys.verify(child.token, { permissions: 'reports:write' }))).toBe(
      'INSUFFICIENT_PERMISSIONS',
    )
    await keys.update(parent.apiKey.id, { permissions: ['*'] })
    expect(accepted(await keys.verify(child.token)).permissions).toEqual(['reports:*'])
  })

  it('need not have the permission of the key that made it, only its own', async () => {
    const { keys, parent } = await family()
    const narrow = await childOf(keys, parent.token, { permissions: ['reports:read'] })
    expect(outcome(await keys.verify(narrow.token, { permissions: 'reports:write' }))).toBe(
      'INSUFFICIENT_PERMISSIONS',
    )
    expect(outcome(await keys.verify(narrow.token, { permissions: 'reports:read' }))).toBe('ok')
  })

  it('is switched off and narrowed with its owner', async () => {
    let granted: readonly string[] | null = ['*']
    const keys = testKeys({ cache: { ownersFor: '0s' }, grants: () => granted })
    const parent = await keyFor(keys, { permissions: PERMISSIONS })
    const child = await childOf(keys, parent.token, { permissions: ['reports:*'] })
    granted = ['reports:read']
    expect(accepted(await keys.verify(child.token)).permissions).toEqual(['reports:read'])
    granted = null
    expect(outcome(await keys.verify(child.token))).toBe('OWNER_INACTIVE')
  })

  it('is bound by the address and origin rules of the key that made it, also by later ones', async () => {
    const { keys, parent, child } = await family()
    expect(outcome(await keys.verify(child.token, { ip: '198.51.100.1' }))).toBe('ok')
    await keys.update(parent.apiKey.id, {
      restrictions: { ips: ['192.0.2.0/24'], origins: ['https://app.example.com'] },
    })
    expect(child.apiKey.restrictions).toEqual({ ips: [], origins: [] })
    const origin = 'https://app.example.com'
    expect(outcome(await keys.verify(child.token, { ip: '192.0.2.9', origin }))).toBe('ok')
    expect(outcome(await keys.verify(child.token, { ip: '198.51.100.1', origin }))).toBe('IP_NOT_ALLOWED')
    expect(outcome(await keys.verify(child.token, { origin }))).toBe('IP_NOT_ALLOWED')
    expect(outcome(await keys.verify(child.token, { ip: '192.0.2.9' }))).toBe('ORIGIN_NOT_ALLOWED')
  })

  it('is bound by its own rules beside those', async () => {
    const { keys, parent } = await family({ restrictions: { ips: ['192.0.2.0/24'] } })
    const child = await childOf(keys, parent.token, { restrictions: { ips: ['192.0.2.1'] } })
    expect(outcome(await keys.verify(child.token, { ip: '192.0.2.1' }))).toBe('ok')
    expect(outcome(await keys.verify(child.token, { ip: '192.0.2.2' }))).toBe('IP_NOT_ALLOWED')
    expect(outcome(await keys.verify(parent.token, { ip: '192.0.2.2' }))).toBe('ok')
  })

  it('is narrowed to resources with the key that made it', async () => {
    const { store, keys, parent, child } = await family()
    const ask = async (resource: string) =>
      outcome(await keys.verify(child.token, { permissions: 'reports:read', resource }))
    expect(await ask('project:42')).toBe('ok')

    await keys.update(parent.apiKey.id, { resources: ['project:42'] })
    expect(await ask('project:42')).toBe('ok')
    expect(await ask('project:43')).toBe('INSUFFICIENT_PERMISSIONS')
    expect(outcome(await keys.verify(child.token, { permissions: 'reports:read' }))).toBe(
      'INSUFFICIENT_PERMISSIONS',
    )

    await edit(store, child.apiKey.id, { resources: ['project:*'] })
    expect(accepted(await keys.verify(child.token)).resources).toEqual(['project:42'])
    await edit(store, child.apiKey.id, { resources: ['project:43'] })
    expect(accepted(await keys.verify(child.token)).resources).toEqual([])
    expect(await ask('project:42')).toBe('INSUFFICIENT_PERMISSIONS')
    expect(await ask('project:43')).toBe('INSUFFICIENT_PERMISSIONS')
  })

  it('answers for itself first: its own state comes before that of the key that made it', async () => {
    const { keys, parent, child } = await family()
    await keys.update(child.apiKey.id, { enabled: false })
    await keys.revoke(parent.apiKey.id)
    expect(outcome(await keys.verify(child.token))).toBe('KEY_DISABLED')
  })

  it('is asked of its own address before permissions are asked of anybody', async () => {
    const { keys, parent } = await family()
    const child = await childOf(keys, parent.token, { restrictions: { ips: ['192.0.2.1'] } })
    const request = { permissions: 'exports:run', ip: '198.51.100.1' } as const
    expect(outcome(await keys.verify(parent.token, request))).toBe('INSUFFICIENT_PERMISSIONS')
    expect(outcome(await keys.verify(child.token, request))).toBe('IP_NOT_ALLOWED')
  })

  it('must be of the kind that is asked for', async () => {
    const { keys, child } = await family()
    expect(outcome(await keys.verify(child.token, { kind: 'secret' }))).toBe('ok')
    expect(outcome(await keys.verify(child.token, { kind: 'other' }))).toBe('KEY_INVALID')
  })

  it('must be made by one of that kind, too, whatever somebody has written into the database', async () => {
    const store = memoryStore()
    const keys = testKeys({ store, kinds: { secret: {}, other: {} } })
    const parent = await keyFor(keys, { permissions: PERMISSIONS })
    const child = await childOf(keys, parent.token, { permissions: ['reports:*'] })
    await edit(store, parent.apiKey.id, { kind: 'other' })
    expect(outcome(await keys.verify(child.token, { kind: 'secret' }))).toBe('KEY_INVALID')
    expect(outcome(await keys.verify(child.token, { kind: ['secret', 'other'] }))).toBe('ok')
    expect(outcome(await keys.verify(child.token))).toBe('ok')
  })
})

it('a key whose parent is gone for good asks the store no more than another', async () => {
  const store = memoryStore()
  let finds = 0
  const find = (id: string) => {
    finds++
    return store.find(id)
  }
  const keys = testKeys({ store: { ...store, find } })
  const parent = await keyFor(keys, { permissions: PERMISSIONS })
  const child = await childOf(keys, parent.token, { permissions: ['reports:*'] })
  accepted(await keys.verify(child.token))
  await keys.purge(parent.apiKey.id)
  expect(outcome(await keys.verify(child.token))).toBe('KEY_REVOKED')
  const before = finds
  for (let i = 0; i < 50; i++) expect(outcome(await keys.verify(child.token))).toBe('KEY_REVOKED')
  expect(finds).toBe(before)
})
