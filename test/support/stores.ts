import { memoryStore, type Store } from 'sidekey'
import { mongooseStore } from 'sidekey/mongoose'
import { openDatabase } from './mongo/database.js'

export interface OpenStore {
  readonly store: Store
  close(): Promise<void>
}

/** The stores that this package has, each opened fresh and empty. */
export const STORES: readonly { readonly name: string; readonly open: () => Promise<OpenStore> }[] = [
  { name: 'memoryStore', open: async () => ({ store: memoryStore(), close: async () => {} }) },
  {
    name: 'mongooseStore',
    open: async () => {
      const database = await openDatabase()
      const store = mongooseStore(database.connection)
      await store.ready()
      return {
        store,
        close: async () => {
          await store.close()
          await database.drop()
        },
      }
    },
  },
]

/** Declares the same tests for every store: `store()` is a fresh one in each test. */
export function overEveryStore(title: string, body: (store: () => Store) => void): void {
  describe.each(STORES)(`${title} ($name)`, ({ open }) => {
    let opened: OpenStore | undefined
    beforeEach(async () => {
      opened = await open()
    })
    afterEach(async () => {
      await opened?.close()
      opened = undefined
    })
    body(() => {
      if (opened === undefined) throw new Error('a store is there only within a test')
      return opened.store
    })
  })
}
