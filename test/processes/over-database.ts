/** What tests of processes over one database have in common: a program, a database, and `keys` of the test's own over it. */
import { mongooseStore } from 'sidekey/mongoose'
import { type TestKeys, testKeys } from '../support/keys.js'
import { openDatabase, type TestDatabase } from '../support/mongo/database.js'
import { build, type Program } from './run.js'

export interface OverDatabase {
  readonly program: Program
  readonly database: TestDatabase
  readonly keys: TestKeys
  /** How often a key was accepted, as the usage tells. */
  accepted(keyId: string): Promise<number>
}

/** Declares them for a file; they are there within its tests. `name`: of the program, as `build` takes it. */
export function overDatabase(name: string): OverDatabase {
  let program: Program
  let database: TestDatabase
  let keys: TestKeys
  beforeAll(async () => {
    program = build(name)
    database = await openDatabase()
    keys = testKeys({ store: mongooseStore(database.connection) })
    await keys.ready()
  })
  afterAll(async () => {
    await keys.close()
    await database.drop()
    program.remove()
  })
  return {
    get program() {
      return program
    },
    get database() {
      return database
    },
    get keys() {
      return keys
    },
    async accepted(keyId) {
      const { data } = await keys.usage({ keyId, by: 'day' })
      return data.reduce((sum, { outcomes }) => sum + (outcomes.accepted ?? 0), 0)
    },
  }
}
