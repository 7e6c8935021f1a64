/** Rule 6: what an actor by key may do. Attempts by every operation, and a property over sequences of them. */
import { type ApiKey, type CreateInput, SidekeyError } from 'sidekey'
import {
  actingBy,
  alice,
  refusal,
  refusalCode,
  requestBy,
  type TestKeys,
  type TestPermission,
  testKeys,
} from '../support/keys.js'

type Input = Omit<CreateInput<TestPermission>, 'name'>

async function holder(keys: TestKeys, input: Input = {}) {
  const { apiKey, token } = await keys.as(alice).create({ name: 'acting', ...input })
  return { apiKey, token, face: await actingBy(keys, token) }
}

describe('a key without api-keys permissions', () => {
  it('may look at itself and revoke itself, and nothing else', async () => {
    const keys = testKeys()
    const { apiKey, face, token } = await holder(keys, { permissions: ['reports:*'] })
    const other = (await keys.as(alice).create({ name: 'other' })).apiKey

    expect(await face.get(apiKey.id)).toMatchObject({ id: apiKey.id })
    expect(await face.get(other.id)).toBeNull()
    for (const act of [
      () => face.list(),
      () => face.create({ name: 'child' }),
      () => face.update(apiKey.id, { name: 'x' }),
      () => face.update(other.id, { enabled: false }),
      () => face.rotate(apiKey.id),
      () => face.revoke(other.id),
      () => face.revokeAll({ owner: { id: 'alice' } }),
      () => face.delete(apiKey.id),
      () => face.restore(other.id),
      () => face.purge(apiKey.id),
      () => face.transfer(apiKey.id, { id: 'bob' }),
    ]) {
      expect(await refusalCode(act())).toBe('FORBIDDEN')
    }
    expect(await keys.get(other.id)).toMatchObject({ version: 1, status: 'active' })

    expect(await face.revoke(apiKey.id)).toMatchObject({ status: 'revoked' })
    expect(await keys.verify(token)).toMatchObject({ code: 'KEY_REVOKED' })
  })

  it('answers alike for keys that exist and keys that do not', async () => {
    const keys = testKeys()
    const { face } = await holder(keys)
    const other = (await keys.as(alice).create({ name: 'other' })).apiKey
    const [there, notThere] = await Promise.all([
      refusal(face.rotate(other.id)),
      refusal(face.rotate('0000000000000000')),
    ])
    expect(there.message).toBe(notThere.message)
    expect(there.code).toBe(notThere.code)
  })
})

describe('a key with api-keys permissions', () => {
  const manager: Input = { permissions: ['api-keys:*', 'reports:*'], expiresIn: '90d' }

  it('makes keys within itself, which are its children', async () => {
    const keys = testKeys()
    const { apiKey, face } = await holder(keys, { ...manager, restrictions: { ips: ['10.0.0.0/8'] } })
    const child = (await face.create({ name: 'child', permissions: ['reports:read'] })).apiKey
    expect(child.parentId).toBe(apiKey.id)
    expect(child.owner).toEqual({ type: 'user', id: 'alice' })
    // What is left open is taken over from the parent, never wider.
    expect(child.expiresAt).toEqual(apiKey.expiresAt)
    expect(child.restrictions.ips).toEqual(['10.0.0.0/8'])
  })

  it.each<[string, Input, string]>([
    ['permissions', { permissions: ['exports:run'] }, 'permissions'],
    ['everything', { permissions: ['*'] }, 'permissions'],
    ['a later expiry', { expiresIn: '91d' }, 'expiresAt'],
    ['another owner', { owner: { id: 'bob' } }, 'owner'],
    ['an organisation', { organizationId: 'acme' }, 'organizationId'],
  ])('makes none with %s beyond its own', async (_what, input, field) => {
    const keys = testKeys()
    const { face } = await holder(keys, manager)
    const error = await refusal(face.create({ name: 'child', ...input }))
    expect(error.code).toBe('FORBIDDEN')
    expect(error.errors?.map(({ path }) => path)).toContain(field)
    expect((await keys.list()).data).toHaveLength(1)
  })

  it('makes none that may be used from more places or on more things', async () => {
    const keys = testKeys()
    const restricted: Input = {
      ...manager,
      restrictions: { ips: ['10.0.0.0/8'], origins: ['https://app.example.com'] },
      resources: ['project:1'],
    }
    const { face } = await holder(keys, restricted)
    const wider: Input[] = [
      { restrictions: {} },
      { restrictions: { ips: ['0.0.0.0/0'], origins: ['https://app.example.com'] } },
      { restrictions: { ips: ['10.0.0.0/8'], origins: ['https://*.example.com'] } },
      { resources: ['project:*'] },
      { resources: [] },
    ]
    for (const input of wider) {
      expect(await refusalCode(face.create({ name: 'child', ...input }))).toBe('FORBIDDEN')
    }
  })

  it('makes none of another kind', async () => {
    const keys = testKeys({ kinds: { secret: {}, publishable: { prefix: 'acme_pub' } } })
    const { face } = await holder(keys, manager)
    expect(await refusalCode(face.create({ name: 'child', kind: 'publishable' }))).toBe('FORBIDDEN')
  })

  it('widens nothing: neither itself, nor a child, nor a weaker key', async () => {
    const keys = testKeys()
    const { apiKey, face } = await holder(keys, manager)
    const child = (await face.create({ name: 'child', permissions: ['reports:read'] })).apiKey
    const weaker = (await keys.as(alice).create({ name: 'weaker', expiresIn: '1d' })).apiKey
    for (const { id } of [apiKey, child, weaker]) {
      for (const patch of [
        { permissions: ['exports:run'] as const },
        { permissions: ['*'] as const },
        { expiresIn: '100d' },
        { expiresAt: null },
        { organizationId: 'acme' },
      ]) {
        expect(await refusalCode(face.update(id, patch))).toBe('FORBIDDEN')
      }
    }
    expect(await face.update(child.id, { permissions: ['reports:write'] })).toMatchObject({ version: 2 })
  })

  it('does nothing to a key that is more than itself in any way, and does not see it', async () => {
    const keys = testKeys()
    const { face } = await holder(keys, manager)
    const stronger = [
      { permissions: ['exports:run'] as const },
      { expiresIn: '91d' },
      {}, // it never expires
      { expiresIn: '1d', organizationId: 'acme' },
    ]
    for (const input of stronger) {
      const { id } = (await keys.as(alice).create({ name: 'stronger', ...input })).apiKey
      expect(await face.get(id)).toBeNull()
      for (const act of [
        () => face.update(id, { name: 'x' }),
        () => face.revoke(id),
        () => face.rotate(id),
        () => face.delete(id),
      ]) {
        expect(await refusalCode(act())).toBe('NOT_FOUND')
      }
    }
    expect((await face.list()).data.map(key => key.name)).toEqual(['acting'])
    expect(await face.revokeAll({ owner: { id: 'alice' } })).toEqual({ revoked: 1 }) // itself alone
  })

  it("comes by no token of a weaker key that is not its child's", async () => {
    const keys = testKeys()
    const { face } = await holder(keys, manager)
    const weaker = (await keys.as(alice).create({ name: 'weaker', expiresIn: '1d' })).apiKey
    expect(await refusalCode(face.rotate(weaker.id))).toBe('FORBIDDEN')
    const child = (await face.create({ name: 'child' })).apiKey
    expect((await face.rotate(child.id)).apiKey.parentId).toBe(child.parentId)
  })

  it('gives itself a new token', async () => {
    const keys = testKeys()
    const { apiKey, face, token } = await holder(keys, manager)
    const rotated = await face.rotate(apiKey.id, { grace: '0s' })
    expect(rotated.apiKey.id).toBe(apiKey.id)
    expect(await keys.verify(token)).toMatchObject({ ok: false })
    expect(await keys.verify(rotated.token)).toMatchObject({ ok: true })
  })

  it("reaches no other owner's keys, whatever the query", async () => {
    const keys = testKeys()
    const { face } = await holder(keys, manager)
    const theirs = await keys.create({ name: 'theirs', owner: { id: 'bob' }, expiresIn: '1d' })
    expect(await face.get(theirs.apiKey.id)).toBeNull()
    expect(await face.lookup(theirs.token)).toBeNull()
    expect(await refusalCode(face.list({ all: true }))).toBe('FORBIDDEN')
    expect(await refusalCode(face.list({ owner: { id: 'bob' } }))).toBe('FORBIDDEN')
    expect(await refusalCode(face.revokeAll({ owner: { id: 'bob' } }))).toBe('FORBIDDEN')
    const ids = [theirs.apiKey.id]
    expect(await face.revokeAll({ ids })).toEqual({ revoked: 0, passedOver: ids })
    expect((await face.list({ organizationId: 'acme' })).data).toEqual([])
  })

  it('is no admin, even where its owner is one', async () => {
    const keys = testKeys({ actor: user => ({ id: user.id, admin: true, impersonate: true }) })
    const { face } = await holder(keys, { permissions: ['*'] })
    const theirs = (await keys.create({ name: 'theirs', owner: { id: 'bob' } })).apiKey
    expect(await refusalCode(face.revoke(theirs.id))).toBe('NOT_FOUND')
    expect(await refusalCode(face.list({ all: true }))).toBe('FORBIDDEN')
    expect(await refusalCode(face.purge(theirs.id))).toBe('FORBIDDEN')
  })

  it('needs the very permission', async () => {
    const keys = testKeys()
    const { face } = await holder(keys, { permissions: ['api-keys:read', 'api-keys:revoke'] })
    const other = (await keys.as(alice).create({ name: 'other' })).apiKey
    expect(await face.get(other.id)).not.toBeNull()
    expect(await refusalCode(face.update(other.id, { name: 'x' }))).toBe('FORBIDDEN')
    expect(await refusalCode(face.create({ name: 'x' }))).toBe('FORBIDDEN')
    expect(await face.revoke(other.id)).toMatchObject({ status: 'revoked' })
  })

  it('enables only what a key disabled', async () => {
    const keys = testKeys()
    const { face } = await holder(keys, manager)
    const { id } = (await face.create({ name: 'child' })).apiKey
    expect(await face.update(id, { enabled: true })).toMatchObject({ enabled: true })
    await face.update(id, { enabled: false })
    expect(await face.update(id, { enabled: true })).toMatchObject({ enabled: true })
    await keys.as(alice).update(id, { enabled: false })
    expect(await refusalCode(face.update(id, { enabled: true }))).toBe('FORBIDDEN')
  })

  it('is let no further by authorize', async () => {
    const keys = testKeys({ authorize: () => 'allow' })
    const { face } = await holder(keys, { permissions: ['reports:read'] })
    const other = (await keys.as(alice).create({ name: 'other' })).apiKey
    expect(await refusalCode(face.create({ name: 'child' }))).toBe('FORBIDDEN')
    expect(await face.get(other.id)).toBeNull()
  })
})

describe('a key that was made by a key', () => {
  it('makes none itself, and manages none but itself', async () => {
    const keys = testKeys()
    const { face } = await holder(keys, { permissions: ['api-keys:*'] })
    const child = await face.create({ name: 'child', permissions: ['api-keys:*'] })
    const sibling = await face.create({ name: 'sibling' })
    const own = await actingBy(keys, child.token)
    expect(await refusalCode(own.create({ name: 'grandchild' }))).toBe('FORBIDDEN')
    expect(await refusalCode(own.revoke(sibling.apiKey.id))).toBe('FORBIDDEN')
    expect(await own.revoke(child.apiKey.id)).toMatchObject({ status: 'revoked' })
  })

  it('goes to no other owner', async () => {
    const keys = testKeys()
    const { face } = await holder(keys, { permissions: ['api-keys:*'] })
    const child: ApiKey = (await face.create({ name: 'child' })).apiKey
    expect(await refusalCode(keys.transfer(child.id, { id: 'bob' }))).toBe('INVALID_INPUT')
  })
})

it('gives a key of one keys object nothing on another', async () => {
  const [here, elsewhere] = [testKeys(), testKeys()]
  const { token } = await elsewhere.as(alice).create({ name: 'k', permissions: ['*'] })
  const verification = await elsewhere.verify(token)
  if (!verification.ok) throw new Error(verification.code)
  const request = requestBy(elsewhere, token, verification)
  await expect(here.as(alice, request).list()).rejects.toThrow(SidekeyError)
})
