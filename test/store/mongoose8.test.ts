/** The oldest mongoose that is promised: the app's own copy makes the models, whichever it is. */
import { randomUUID } from 'node:crypto'
import type { Connection } from 'mongoose'
import { mongooseStore } from 'sidekey/mongoose'
import { storeContract } from 'sidekey/store-contract'
import { serverUri } from '../support/mongo/database.js'

// Its types declare the module `mongoose`, which is there once already.
const mongoose8 = require('mongoose8') as typeof import('mongoose')

storeContract('mongooseStore over mongoose 8.9', async () => {
  const dbName = `sidekey_${randomUUID().slice(0, 8)}`
  const connection = await mongoose8.createConnection(serverUri(), { dbName }).asPromise()
  const store = mongooseStore(connection as Connection)
  return {
    store,
    close: async () => {
      await connection.dropDatabase()
      await connection.close()
    },
  }
})
