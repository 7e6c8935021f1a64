/** The oldest mongoose that is promised: the app's own copy makes the models, whichever it is. */
import { randomUUID } from 'node:crypto'
import type { Connection } from 'mongoose'
import { storeContract } from 'sidekey/store-contract'
import { serverUri } from '../support/mongo/database.js'
import { emptiedDatabase } from '../support/mongo/emptied.js'

// Its types declare the module `mongoose`, which is there once already.
const mongoose8 = require('mongoose8') as typeof import('mongoose')

const emptied = emptiedDatabase(async () => {
  const dbName = `sidekey_${randomUUID().slice(0, 8)}`
  const connection = await mongoose8.createConnection(serverUri(), { dbName }).asPromise()
  return connection as Connection
})
afterAll(() => emptied.drop())

storeContract('mongooseStore over mongoose 8.9', () => emptied.open())
