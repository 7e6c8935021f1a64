import { memoryStore } from 'sidekey'
import { alice, testKeys } from '../support/keys.js'

it('purges a key only once it has stopped working, and never one that came back meanwhile', async () => {
  const store = memoryStore()
  const seen: string[] = []
  let comesBack = true
  const keys = testKeys({
    store: {
      ...store,
      async remove(id, ifVersion) {
        const key = await store.find(id)
        seen.push(key?.deleted === null ? 'living' : 'deleted')
        if (comesBack) {
          comesBack = false
          await keys.restore(id)
        }
        return store.remove(id, ifVersion)
      },
    },
  })
  const { apiKey, token } = await keys.as(alice).create({ name: 'k' })
  await keys.purge(apiKey.id)
  expect(seen).toEqual(['deleted', 'deleted'])
  expect(await store.find(apiKey.id)).toBeNull()
  expect(await keys.verify(token)).toMatchObject({ code: 'KEY_INVALID' })
})
