/** What a higher rank did, a lower one does not undo: by no path. */
import { alice, carol, refusalCode, root, testKeys } from '../support/keys.js'

describe('a key that was switched off from above', () => {
  it('is not enabled again by its owner, however they try', async () => {
    const keys = testKeys()
    const { apiKey, token } = await keys.as(alice).create({ name: 'k', organizationId: 'acme' })
    await keys.as(root).update(apiKey.id, { enabled: false })
    const owner = keys.as(alice)
    expect(await refusalCode(owner.update(apiKey.id, { enabled: true }))).toBe('FORBIDDEN')
    expect(await refusalCode(owner.update(apiKey.id, { name: 'x', enabled: true }))).toBe('FORBIDDEN')
    // Disabling it again herself must not make it hers to enable.
    await owner.update(apiKey.id, { enabled: false })
    expect(await refusalCode(owner.update(apiKey.id, { enabled: true }))).toBe('FORBIDDEN')
    await owner.delete(apiKey.id)
    expect(await owner.restore(apiKey.id)).toMatchObject({ status: 'disabled' })
    const rotated = await owner.rotate(apiKey.id)
    expect(await keys.verify(rotated.token)).toMatchObject({ code: 'KEY_DISABLED' })
    expect(await keys.verify(token)).toMatchObject({ code: 'KEY_DISABLED' })
    expect(await keys.as(root).update(apiKey.id, { enabled: true })).toMatchObject({ status: 'active' })
  })

  it("is not enabled by the owner, nor by a member, where the organisation's admin disabled it", async () => {
    const keys = testKeys()
    const { id } = (await keys.as(alice).create({ name: 'k', organizationId: 'acme' })).apiKey
    await keys.as(carol).update(id, { enabled: false })
    expect(await refusalCode(keys.as(alice).update(id, { enabled: true }))).toBe('FORBIDDEN')
    expect(await keys.as(root).update(id, { enabled: true })).toMatchObject({ enabled: true })
  })

  it("stays an admin's to enable where the organisation's admin disables it after him", async () => {
    const keys = testKeys()
    const owner = { type: 'organization', id: 'acme' }
    const { id } = (await keys.create({ name: 'k', owner })).apiKey
    await keys.as(root).update(id, { enabled: false })
    await keys.as(carol).update(id, { enabled: false })
    expect(await refusalCode(keys.as(carol).update(id, { enabled: true }))).toBe('FORBIDDEN')
  })

  it('is not restored by its owner where an admin deleted it', async () => {
    const keys = testKeys()
    const { apiKey, token } = await keys.as(alice).create({ name: 'k' })
    await keys.as(alice).delete(apiKey.id)
    await keys.as(root).delete(apiKey.id)
    expect(await refusalCode(keys.as(alice).restore(apiKey.id))).toBe('FORBIDDEN')
    expect(await keys.verify(token)).toMatchObject({ code: 'KEY_INVALID' })
    expect(await keys.as(root).restore(apiKey.id)).toMatchObject({ status: 'active' })
  })

  it('is enabled by its owner where they disabled it themselves, an admin as owner included', async () => {
    const keys = testKeys()
    for (const owner of [alice, root]) {
      const { id } = (await keys.as(owner).create({ name: 'k' })).apiKey
      await keys.as(owner).update(id, { enabled: false })
      expect(await keys.as(owner).update(id, { enabled: true })).toMatchObject({ enabled: true })
    }
  })
})

describe('revocation', () => {
  it('is final: nothing brings a revoked key back, and a second one changes nothing', async () => {
    const keys = testKeys()
    const { apiKey, token } = await keys.as(alice).create({ name: 'k' })
    const first = await keys.as(root).revoke(apiKey.id, { reason: 'leaked' })
    const second = await keys.as(alice).revoke(apiKey.id, { reason: 'another' })
    expect(second).toEqual(first)
    expect(second.revoked).toMatchObject({ by: 'root', reason: 'leaked' })
    for (const act of [
      () => keys.update(apiKey.id, { enabled: true }),
      () => keys.update(apiKey.id, { name: 'x' }),
      () => keys.rotate(apiKey.id),
      () => keys.transfer(apiKey.id, { id: 'bob' }),
    ]) {
      expect(await refusalCode(act())).toBe('ALREADY_REVOKED')
    }
    await keys.delete(apiKey.id)
    expect(await keys.restore(apiKey.id)).toMatchObject({ status: 'revoked' })
    expect(await keys.verify(token)).toMatchObject({ code: 'KEY_REVOKED' })
  })
})
