/** What lists, counts and the audit leave out: what the caller may not do or see, without a refusal. */
import type { Action } from 'sidekey'
import { actingBy, alice, bob, carol, root, type TestUser, testKeys } from '../support/keys.js'

const ACME = { organizationId: 'acme' }

describe('a preview of a bulk revoke', () => {
  it('counts what the caller may end', async () => {
    const keys = testKeys()
    const permissions = ['api-keys:*'] as const
    const { token } = await keys.as(alice).create({ name: 'in acme', ...ACME, permissions })
    await keys.as(bob).create({ name: "bob's", ...ACME })
    const counted = async (face: Pick<typeof keys, 'previewRevoke'>) => (await face.previewRevoke(ACME)).keys
    expect(await counted(keys)).toBe(2)
    expect(await counted(keys.as(root))).toBe(2)
    expect(await counted(keys.as(carol))).toBe(2)
    expect(await counted(keys.as(alice))).toBe(1)
    expect(await counted(await actingBy(keys, token))).toBe(1)
  })

  it('asks the app about ending, not about reading', async () => {
    const allow: Action[] = ['revoke']
    const keys = testKeys({ authorize: (_, action) => (allow.includes(action) ? 'allow' : 'deny') })
    await keys.create({ name: 'k', owner: { id: 'alice' } })
    const counted = async () => (await keys.as(alice).previewRevoke({ owner: { id: 'alice' } })).keys
    expect(await counted()).toBe(1)
    allow[0] = 'read'
    expect(await counted()).toBe(0)
    expect((await keys.as(alice).list()).data).toHaveLength(1)
  })

  it('leaves out what needs a fresh login first', async () => {
    const keys = testKeys({ authorize: () => 'reauthenticate' })
    await keys.create({ name: 'k', owner: { id: 'alice' } })
    expect((await keys.as(alice).previewRevoke({ owner: { id: 'alice' } })).keys).toBe(0)
    expect((await keys.previewRevoke({ owner: { id: 'alice' } })).keys).toBe(1)
  })
})

describe('the audit of a key that is there', () => {
  it('is for whoever may audit it, whether or not they may read it', async () => {
    const allow: Action[] = ['audit']
    const keys = testKeys({ authorize: (_, action) => (allow.includes(action) ? 'allow' : 'deny') })
    await keys.create({ name: 'k', owner: { id: 'alice' } })
    const seen = async () => (await keys.as(alice).audit()).data.length
    expect(await seen()).toBe(1)
    allow[0] = 'read'
    expect(await seen()).toBe(0)
    expect((await keys.audit()).data).toHaveLength(1)
  })
})

describe('the audit of a key that is gone', () => {
  it('is for server code, admins and its owner, and not for a key of its owner', async () => {
    const keys = testKeys()
    const { token } = await keys.as(alice).create({ name: 'acting', permissions: ['api-keys:*'] })
    const face = await actingBy(keys, token)
    const child = (await face.create({ name: 'child' })).apiKey
    const seenBy = async (who: Pick<typeof keys, 'audit'>) =>
      (await who.audit({ owner: { id: 'alice' } })).data.some(({ keyId }) => keyId === child.id)
    expect(await seenBy(face)).toBe(true)
    await keys.purge(child.id)
    expect(await seenBy(face)).toBe(false)
    for (const who of [keys, keys.as(root), keys.as(alice)]) expect(await seenBy(who)).toBe(true)
  })

  it("of an organisation is for those who may audit that organisation's keys", async () => {
    const keys = testKeys()
    const { id } = (await keys.create({ name: 'k', owner: { type: 'organization', id: 'acme' } })).apiKey
    await keys.purge(id)
    const seenBy = async (user: TestUser) =>
      (await keys.as(user).audit(ACME)).data.map(({ action }) => action).reverse()
    expect(await seenBy(carol)).toEqual(['create', 'purge'])
    expect(await seenBy(root)).toEqual(['create', 'purge'])
    expect(await seenBy(bob)).toEqual([])
  })
})
