/** What the tests of verification share: a store that counts, records edited by hand, and keys made by keys. */
import { setImmediate as tick } from 'node:timers/promises'
import { type Accepted, type CreateInput, memoryStore, type Store, type Verification } from 'sidekey'
import type { StoredKey } from '../../src/key/record.js'
import { newToken } from '../../src/key/token.js'
import { requestBy, type TestKeys, type TestPermission } from '../support/keys.js'

export interface WatchedStore extends Store {
  /** The ids that were read, in order. */
  readonly reads: readonly string[]
  /** How each attempt to renew a hash ended. */
  readonly renewals: readonly boolean[]
}

/** A memory store that tells what was asked of it; `beforeRehash` runs between the decision and the write. */
export function watchedStore(beforeRehash: () => Promise<unknown> = async () => {}): WatchedStore {
  const store = memoryStore()
  const reads: string[] = []
  const renewals: boolean[] = []
  return {
    ...store,
    reads,
    renewals,
    find(id) {
      reads.push(id)
      return store.find(id)
    },
    async rehash(id, from, to) {
      await beforeRehash()
      const renewed = await store.rehash(id, from, to)
      renewals.push(renewed)
      return renewed
    },
  }
}

/** The record as the store holds it. */
export async function recordIn(store: Store, id: string): Promise<StoredKey> {
  const key = await store.find(id)
  if (key === null) throw new Error('there is no such record')
  return key
}

/** Changes a record behind the back of management, as somebody with access to the database would. */
export async function edit(store: Store, id: string, patch: Partial<StoredKey>): Promise<void> {
  const key = await recordIn(store, id)
  if (!(await store.replace({ ...key, ...patch, version: key.version + 1 }, key.version)))
    throw new Error('the record has changed meanwhile')
}

/** A key for alice by server code, which may leave the name and the owner out. */
export function keyFor(keys: TestKeys, input: Partial<CreateInput<TestPermission>> = {}) {
  return keys.create({ name: 'key', owner: { id: 'alice' }, ...input })
}

/** A well-formed token with the same id, and a secret of its own. */
export function forged(token: string): string {
  const [prefix, id] = [token.slice(0, -67), token.slice(-66, -50)]
  return newToken(prefix, id).token
}

/** `ok`, or the code of the refusal. */
export function outcome(verification: Verification): string {
  return verification.ok ? 'ok' : verification.code
}

export function accepted(verification: Verification): Accepted {
  if (!verification.ok) throw new Error(`expected an accepted key, got ${verification.code}`)
  return verification
}

/** A key made by the key with this token, as a router would make it. */
export async function childOf(
  keys: TestKeys,
  token: string,
  input: Partial<CreateInput<TestPermission>> = {},
) {
  const parent = accepted(await keys.verify(token, { ip: '192.0.2.1', origin: 'https://app.example.com' }))
  return keys.as(undefined, requestBy(keys, token, parent)).create({ name: 'child', ...input })
}

/** Waits until `condition` holds. */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`never came true: ${condition}`)
    await tick()
  }
}

/** Lets everything run that has been started and waits for no I/O. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 5; i++) await tick()
}
