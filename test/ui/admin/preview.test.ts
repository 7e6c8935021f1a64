import { countsOf, readPreview } from '../../../ui/views/admin/preview.js'
import { carol, root, testKeys } from '../../support/keys.js'
import { clientOf } from './client.js'

const signal = new AbortController().signal
const owner = { id: 'alice' }

describe('the preview of an offboarding', () => {
  it('counts by status what would end, deleted keys too, and what has ended already', async () => {
    const keys = testKeys()
    const make = async (more = {}) => (await keys.create({ owner, name: 'a key', ...more })).apiKey.id
    await make()
    await make({ notBefore: new Date(Date.now() + 60_000) })
    await keys.update(await make(), { enabled: false })
    await keys.revoke(await make())
    await keys.delete(await make())
    const revokedThenDeleted = await make()
    await keys.revoke(revokedThenDeleted)
    await keys.delete(revokedThenDeleted)
    await keys.create({ owner: { id: 'bob' }, name: "somebody else's" })

    const preview = await readPreview(clientOf(keys, root).client, { owner }, signal)
    expect(countsOf(preview)).toEqual([
      { status: 'active', count: 1, isLeast: false },
      { status: 'disabled', count: 1, isLeast: false },
      { status: 'scheduled', count: 1, isLeast: false },
      { status: 'deleted', count: 1, isLeast: false },
      { status: 'revoked', count: 1, isLeast: false },
    ])
    const { revoked } = await keys.revokeAll({ owner })
    expect(preview.ending).toHaveLength(revoked)
  })

  it('stays within the organisation of whoever looks', async () => {
    const keys = testKeys()
    await keys.create({ owner, name: 'at acme', organizationId: 'acme' })
    await keys.create({ owner, name: 'elsewhere' })
    const scope = { owner, organizationId: 'acme' }
    const { ending } = await readPreview(clientOf(keys, carol).client, scope, signal)
    expect(ending.map(({ name }) => name)).toEqual(['at acme'])
  })

  it('counts all keys, of whatever kind, and reads no more than anybody would look at', async () => {
    const keys = testKeys({ kinds: { secret: {}, publishable: { prefix: 'acme_pk' } } })
    for (let i = 0; i < 5; i++) {
      const kind = i === 0 ? 'publishable' : 'secret'
      await keys.create({ owner, name: `key ${i}`, kind })
    }
    const { client } = clientOf(keys, root)
    const preview = await readPreview(client, { owner }, signal, 3)
    expect(preview.ending).toHaveLength(3)
    expect(preview.counts).toEqual({
      keys: 5,
      byStatus: { active: 5 },
      byKind: { secret: 4, publishable: 1 },
    })
    expect(countsOf(preview)).toEqual([{ status: 'active', count: 5, isLeast: false }])
  })

  it('counts none that the viewer may see, but not revoke', async () => {
    const keys = testKeys({
      authorize: (_actor, action, key) => (action === 'revoke' && key.name === 'kept' ? 'deny' : undefined),
    })
    for (const name of ['kept', 'ended']) await keys.create({ owner, name, organizationId: 'acme' })
    const { counts } = await readPreview(
      clientOf(keys, carol).client,
      { owner, organizationId: 'acme' },
      signal,
    )
    expect(counts).toMatchObject({ keys: 1 })
  })
})
