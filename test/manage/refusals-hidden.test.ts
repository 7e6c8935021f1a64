/** Whoever is refused learns nothing of what there is; the audit does. */
import type { KeyManagement } from 'sidekey'
import { alice, mallory, refusal, root, type TestPermission, testKeys } from '../support/keys.js'

describe('a key that is hidden and one that is not there', () => {
  type Face = KeyManagement<TestPermission>
  const acts: Readonly<Record<string, (face: Face, id: string) => Promise<unknown>>> = {
    get: (face, id) => face.get(id),
    update: (face, id) => face.update(id, { name: 'x' }),
    'update at a version': (face, id) => face.update(id, { name: 'x' }, { ifVersion: 7 }),
    disable: (face, id) => face.update(id, { enabled: false }),
    rotate: (face, id) => face.rotate(id),
    revoke: (face, id) => face.revoke(id, { ifVersion: 7 }),
    delete: (face, id) => face.delete(id),
    restore: (face, id) => face.restore(id),
    purge: (face, id) => face.purge(id),
    transfer: (face, id) => face.transfer(id, { id: 'mallory' }),
    audit: (face, id) => face.audit({ keyId: id }),
    'revoke of many': async (face, id) => {
      // It tells which of the ids that it was given it has passed over.
      const { revoked, passedOver } = await face.revokeAll({ ids: [id] })
      expect(passedOver).toEqual([id])
      return revoked
    },
    'preview of many': (face, id) => face.previewRevoke({ ids: [id] }),
  }
  const outcomeOf = (promise: Promise<unknown>) =>
    promise.then(
      value => ({ value }),
      error => ({ error: { ...error, message: error.message, name: error.name } }),
    )

  it.each(Object.entries(acts))('are one to whoever may not see it: %s', async (_name, act) => {
    const keys = testKeys()
    const { apiKey } = await keys.as(alice).create({ name: 'hidden' })
    const other = await keys.as(alice).create({ name: 'hidden, and deleted' })
    await keys.as(alice).delete(other.apiKey.id)
    const face = keys.as(mallory)
    const absent = await outcomeOf(act(face, '0'.repeat(16)))
    expect(await outcomeOf(act(face, apiKey.id))).toEqual(absent)
    expect(await outcomeOf(act(face, other.apiKey.id))).toEqual(absent)
    expect((await face.audit()).data).toEqual([])
    expect((await face.audit({ actorId: 'mallory' })).data).toEqual([])
  })

  it('are told apart to those who may know: by the owner and by admins', async () => {
    const keys = testKeys()
    const { apiKey } = await keys.as(alice).create({ name: 'hidden' })
    await refusal(keys.as(mallory).revoke(apiKey.id))
    await refusal(keys.as(mallory).revoke('0'.repeat(16)))
    for (const face of [keys.as(alice), keys.as(root)]) {
      const { data } = await face.audit({ keyId: apiKey.id, refused: true })
      expect(data.map(({ actor, keyId }) => [actor.id, keyId])).toEqual([['mallory', apiKey.id]])
    }
    expect((await keys.audit({ refused: true })).data).toHaveLength(1)
  })
})
