import { memoryStore } from 'sidekey'
import { storeContract } from 'sidekey/store-contract'
import { openDatabase } from '../support/mongo/database.js'
import { emptiedDatabase } from '../support/mongo/emptied.js'

const emptied = emptiedDatabase(async () => (await openDatabase()).connection)
afterAll(() => emptied.drop())

storeContract('memoryStore', async () => ({ store: memoryStore() }))

storeContract('a store that tells nobody of changes', async () => {
  const { changes, ...store } = memoryStore()
  return { store }
})

storeContract('mongooseStore', () => emptied.open())
