/** What happens to keys while the audit cannot be told, though the keys can be written. */
import { memoryStore, SidekeyError, type Store } from 'sidekey'
import { alice, refusalCode, testKeys } from '../support/keys.js'

function open() {
  const memory = memoryStore()
  const audit = { away: true }
  const appendEvents: Store['appendEvents'] = events =>
    audit.away
      ? Promise.reject(new SidekeyError('STORE_UNAVAILABLE', 'The audit is away.'))
      : memory.appendEvents(events)
  const store = { ...memory, appendEvents }
  return { store, audit, keys: testKeys({ store }) }
}

it('changes a key all the same, until a hundred events of it wait', async () => {
  const { store, audit, keys } = open()
  const { apiKey } = await keys.as(alice).create({ name: 'k0' })
  for (let i = 1; i < 100; i++) await keys.as(alice).update(apiKey.id, { name: `k${i}` })
  expect(await refusalCode(keys.as(alice).update(apiKey.id, { name: 'k100' }))).toBe('STORE_UNAVAILABLE')
  expect((await store.find(apiKey.id))?.outbox).toHaveLength(100)

  audit.away = false
  await keys.as(alice).update(apiKey.id, { name: 'k100' })
  expect((await store.find(apiKey.id))?.outbox).toEqual([])
  expect((await keys.audit({ keyId: apiKey.id, action: 'update', limit: 100 })).data).toHaveLength(100)
})

it('ends a key whatever waits: disable, delete and revoke are never refused for it', async () => {
  const { keys } = open()
  const { apiKey, token } = await keys.as(alice).create({ name: 'k0' })
  for (let i = 1; i < 100; i++) await keys.as(alice).update(apiKey.id, { name: `k${i}` })
  await keys.as(alice).update(apiKey.id, { enabled: false })
  expect(await keys.verify(token)).toMatchObject({ code: 'KEY_DISABLED' })
  await keys.as(alice).revoke(apiKey.id)
  expect(await keys.verify(token)).toMatchObject({ code: 'KEY_REVOKED' })
  await keys.as(alice).delete(apiKey.id)
  expect(await keys.verify(token)).toMatchObject({ code: 'KEY_INVALID' })
})
