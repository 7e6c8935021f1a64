import { memoryStore } from 'sidekey'
import { mongooseStore } from 'sidekey/mongoose'
import { storeContract } from 'sidekey/store-contract'
import { openDatabase } from '../support/mongo/database.js'

storeContract('memoryStore', async () => ({ store: memoryStore() }))

storeContract('a store that tells nobody of changes', async () => {
  const { changes, ...store } = memoryStore()
  return { store }
})

storeContract('mongooseStore', async () => {
  const database = await openDatabase()
  return { store: mongooseStore(database.connection), close: () => database.drop() }
})
