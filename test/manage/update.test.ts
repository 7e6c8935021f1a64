import { alice, refusal, refusalCode, refusedFields, root, testKeys } from '../support/keys.js'
import { overEveryStore } from '../support/stores.js'

describe('update', () => {
  it('changes what is given and nothing else, and counts the version up', async () => {
    const keys = testKeys()
    const before = (await keys.as(alice).create({ name: 'k', tags: ['t'], description: 'd' })).apiKey
    const after = await keys
      .as(alice)
      .update(before.id, { name: 'n', description: null, expiresIn: '1d' }, { ifVersion: 1 })
    expect(after).toMatchObject({ name: 'n', description: null, tags: ['t'], version: 2 })
    expect(after.createdAt).toEqual(before.createdAt)
    const unchanged = await keys.as(alice).update(before.id, {})
    expect(unchanged.version).toBe(2)
  })

  it('is refused where the record has changed since it was read', async () => {
    const keys = testKeys()
    const { id } = (await keys.as(alice).create({ name: 'k' })).apiKey
    await keys.as(alice).update(id, { name: 'a' }, { ifVersion: 1 })
    expect(await refusalCode(keys.as(alice).update(id, { name: 'b' }, { ifVersion: 1 }))).toBe(
      'VERSION_MISMATCH',
    )
    expect(await keys.get(id)).toMatchObject({ name: 'a', version: 2 })
    const odd = keys.update(id, {}, { ifVersion: '1' as never }) // what no type would let by
    expect(await refusedFields(odd)).toEqual(['ifVersion'])
  })

  it.each<[string, unknown]>([
    ['an unknown field', { owner: { id: 'bob' } }],
    ['a hash', { hash: '$sha256$x' }],
    ['a version', { version: 9 }],
    ['a revocation', { revoked: null }],
    ['a kind', { kind: 'secret' }],
    ['a parent', { parentId: null }],
    ['enabled as text', { enabled: 'false' }],
    ['an operator', { $set: { name: 'x' } }],
    ['a name that is a query', { name: { $gt: '' } }],
    ['no object', 'x'],
    ['nothing', undefined],
  ])('refuses %s', async (_what, patch) => {
    const keys = testKeys()
    const { id } = (await keys.as(alice).create({ name: 'k' })).apiKey
    expect(await refusalCode(keys.update(id, patch as never))).toBe('INVALID_INPUT') // as above
    expect(await keys.get(id)).toMatchObject({ version: 1 })
  })

  it.each([{ $gt: '' }, ['0000000000000000'], '', 'short', '0000-000000000000', undefined, null, 7])(
    'refuses %p as an id, in every operation',
    async bad => {
      const keys = testKeys()
      const id = bad as string // what no type would let by
      for (const act of [
        () => keys.get(id),
        () => keys.update(id, {}),
        () => keys.rotate(id),
        () => keys.revoke(id),
        () => keys.delete(id),
        () => keys.restore(id),
        () => keys.purge(id),
        () => keys.transfer(id, { id: 'bob' }),
      ]) {
        const error = await refusal(act())
        expect([error.code, error.errors?.[0]?.path]).toEqual(['INVALID_INPUT', 'id'])
      }
    },
  )

  it("leaves a key's organisation to admins", async () => {
    const keys = testKeys()
    const { id } = (await keys.as(alice).create({ name: 'k' })).apiKey
    expect(await refusalCode(keys.as(alice).update(id, { organizationId: 'acme' }))).toBe('FORBIDDEN')
    expect(await keys.as(root).update(id, { organizationId: 'acme' })).toMatchObject({
      organizationId: 'acme',
    })
    // Else whom an organisation's admin may revoke could slip out of their reach.
    expect(await refusalCode(keys.as(alice).update(id, { organizationId: null }))).toBe('FORBIDDEN')
  })

  it('puts nothing into a key that its owner may not do now', async () => {
    let granted = ['*']
    const keys = testKeys({ grants: () => granted })
    const { id } = (await keys.as(alice).create({ name: 'k', permissions: ['reports:read'] })).apiKey
    granted = ['reports:read']
    const widened = keys.as(alice).update(id, { permissions: ['reports:write'] })
    expect(await refusedFields(widened)).toEqual(['permissions.0'])
    // A demoted owner may still rename.
    expect(await keys.as(alice).update(id, { name: 'n' })).toMatchObject({ name: 'n' })
  })

  it('answers that there is no such key for one that is deleted', async () => {
    const keys = testKeys()
    const { id } = (await keys.as(alice).create({ name: 'k' })).apiKey
    await keys.delete(id)
    expect(await keys.get(id)).toBeNull()
    for (const act of [() => keys.update(id, { name: 'x' }), () => keys.rotate(id), () => keys.revoke(id)]) {
      expect(await refusalCode(act())).toBe('NOT_FOUND')
    }
  })
})

overEveryStore('changes at once', store => {
  it('loses no update of a record that many change', async () => {
    const keys = testKeys({ store: store() })
    const { id } = (await keys.as(alice).create({ name: 'k' })).apiKey
    await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        i % 2 === 0
          ? keys.update(id, { name: `name ${i}` })
          : keys.update(id, { description: `description ${i}` }),
      ),
    )
    const after = await keys.get(id)
    expect(after?.version).toBe(21)
    expect(after?.name).toMatch(/^name/)
    expect(after?.description).toMatch(/^description/)
  })

  it('lets one of many with the same ifVersion through', async () => {
    const keys = testKeys({ store: store() })
    const { id } = (await keys.as(alice).create({ name: 'k' })).apiKey
    const results = await Promise.allSettled(
      Array.from({ length: 10 }, (_, i) => keys.update(id, { name: `n${i}` }, { ifVersion: 1 })),
    )
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  it('never brings a key back that is revoked while others change it', async () => {
    const keys = testKeys({ store: store() })
    const { apiKey, token } = await keys.as(alice).create({ name: 'k' })
    await Promise.allSettled([
      ...Array.from({ length: 8 }, (_, i) => keys.update(apiKey.id, { name: `n${i}`, enabled: true })),
      keys.revoke(apiKey.id),
      keys.rotate(apiKey.id),
    ])
    expect(await keys.verify(token)).toMatchObject({ code: 'KEY_REVOKED' })
  })
})
