/** Refusals that are easily forgotten are in the audit too. */
import { actingBy, alice, bob, mallory, refusalCode, refusedFields, root, testKeys } from '../support/keys.js'

const told = async (keys: ReturnType<typeof testKeys>, actorId: string) =>
  (await keys.audit({ actorId, refused: true })).data
    .map(({ action, refused, keyId, owner }) => [action, refused, keyId, owner?.id ?? null])
    .reverse()

it('tells of whoever reaches for more than their owner may', async () => {
  const keys = testKeys({ grants: () => ['reports:read', 'api-keys:create'] })
  expect(await refusedFields(keys.as(bob).create({ name: 'x', permissions: ['reports:*'] }))).toEqual([
    'permissions.0',
  ])
  const { apiKey } = await keys.as(bob).create({ name: 'x', permissions: ['reports:read'] })
  await refusedFields(keys.as(bob).update(apiKey.id, { permissions: ['*'] }))
  expect(await told(keys, 'bob')).toEqual([
    ['create', 'INVALID_INPUT', null, 'bob'],
    ['update', 'INVALID_INPUT', apiKey.id, 'bob'],
  ])
})

it('tells of a transfer that was refused as a matter of the present owner', async () => {
  const keys = testKeys()
  const { apiKey } = await keys.create({ name: 'k', owner: { type: 'service', id: 'cron' } })
  expect(await refusalCode(keys.as(root).transfer(apiKey.id, { id: 'mallory' }))).toBe('FORBIDDEN')
  expect(await told(keys, 'root')).toEqual([['transfer', 'FORBIDDEN', apiKey.id, 'cron']])
})

it('tells the owner of a key what it has reached for', async () => {
  const keys = testKeys()
  const { token } = await keys.as(alice).create({ name: 'k', permissions: ['reports:read'] })
  const byKey = await actingBy(keys, token)
  expect(await refusalCode(byKey.create({ name: 'child' }))).toBe('FORBIDDEN')
  expect(await told(keys, 'alice')).toEqual([['create', 'FORBIDDEN', null, 'alice']])
  expect((await keys.as(alice).audit({ refused: true })).data).toHaveLength(1)
})

it('tells of each key in a bulk revoke of others’ keys, once, however many passes there are', async () => {
  const keys = testKeys()
  const { apiKey } = await keys.as(alice).create({ name: 'k' })
  const own = await keys.as(mallory).create({ name: 'own' })
  await keys.as(mallory).revokeAll({ ids: [apiKey.id, own.apiKey.id] })
  await keys.close()
  const { data } = await keys.audit({ actorId: 'mallory', refused: true })
  expect(data.map(({ action, keyId, count }) => [action, keyId, count])).toEqual([['revoke', apiKey.id, 1]])
})
