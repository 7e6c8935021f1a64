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

  it('reads no more keys than anybody would look at, and says so', async () => {
    const keys = testKeys()
    for (let i = 0; i < 5; i++) await keys.create({ owner, name: `key ${i}` })
    const { client } = clientOf(keys, root)
    const preview = await readPreview(client, { owner }, signal, 3)
    expect(preview).toMatchObject({ isPart: true })
    expect(countsOf(preview)).toEqual([{ status: 'active', count: 3, isLeast: true }])
    expect(await readPreview(client, { owner }, signal, 5)).toMatchObject({ isPart: false })
  })
})
