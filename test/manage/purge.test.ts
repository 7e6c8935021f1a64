import { memoryStore } from 'sidekey'
import { alice, refusalCode, testKeys } from '../support/keys.js'

it('purges a key only once it has stopped working; from then on nothing brings it back', async () => {
  const store = memoryStore()
  const seen: unknown[] = []
  const keys = testKeys({
    store: {
      ...store,
      async remove(id, ifVersion) {
        seen.push((await store.find(id))?.deleted, await keys.verify(token))
        seen.push(await refusalCode(keys.restore(id)), await refusalCode(keys.update(id, { name: 'x' })))
        return store.remove(id, ifVersion)
      },
    },
  })
  const { apiKey, token } = await keys.as(alice).create({ name: 'k' })
  await keys.purge(apiKey.id)
  expect(seen).toMatchObject([{ forGood: true }, { code: 'KEY_INVALID' }, 'NOT_FOUND', 'NOT_FOUND'])
  expect(await store.find(apiKey.id)).toBeNull()
  expect(await refusalCode(keys.purge(apiKey.id))).toBe('NOT_FOUND')
})
