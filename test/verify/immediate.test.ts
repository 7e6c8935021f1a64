import { mongooseStore } from 'sidekey/mongoose'
import { alice, type TestKeys, testKeys } from '../support/keys.js'
import { openDatabase } from '../support/mongo/database.js'

describe('a change by one process', () => {
  it.each([
    ['revoke', (keys: TestKeys, id: string) => keys.revoke(id), 'KEY_REVOKED'],
    ['disable', (keys: TestKeys, id: string) => keys.update(id, { enabled: false }), 'KEY_DISABLED'],
    ['delete', (keys: TestKeys, id: string) => keys.delete(id), 'KEY_INVALID'],
    ['rotate at once', (keys: TestKeys, id: string) => keys.rotate(id, { grace: '0s' }), 'KEY_INVALID'],
  ] as const)(
    'is seen by the next verification of another, over a connection of its own: %s',
    async (_, change, code) => {
      const here = await openDatabase()
      const there = await openDatabase({ dbName: here.name })
      try {
        const mine = testKeys({ store: mongooseStore(here.connection) })
        const theirs = testKeys({ store: mongooseStore(there.connection) })
        const { apiKey, token } = await mine.as(alice).create({ name: 'k' })
        expect(await theirs.verify(token)).toMatchObject({ ok: true })
        await change(mine, apiKey.id)
        expect(await theirs.verify(token)).toMatchObject({ code })
      } finally {
        await there.connection.close()
        await here.drop()
      }
    },
  )
})
