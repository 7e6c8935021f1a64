import {
  type Accepted,
  type ApiKeys,
  type ApiKeysOptions,
  apiKeys,
  type KeyManagement,
  memoryStore,
  type Owner,
  SidekeyError,
} from 'sidekey'
import { internalsOf } from '../../src/internals.js'
import { markByKey } from '../../src/manage/caller.js'

export const CATALOGUE = ['reports:read', 'reports:write', 'exports:run'] as const
export type TestPermission = (typeof CATALOGUE)[number]
export type TestKeys = ApiKeys<TestPermission>

/** The app's own users, as its login would set `req.user`. */
export interface TestUser {
  readonly id: string
  readonly role?: 'admin'
  readonly impersonate?: boolean
  readonly memberships?: readonly { readonly id: string; readonly role: string }[]
}

export const alice: TestUser = { id: 'alice', memberships: [{ id: 'acme', role: 'member' }] }
export const bob: TestUser = { id: 'bob', memberships: [{ id: 'acme', role: 'member' }] }
export const carol: TestUser = { id: 'carol', memberships: [{ id: 'acme', role: 'admin' }] }
/** A stranger: no organisation in common with the others. */
export const mallory: TestUser = { id: 'mallory', memberships: [{ id: 'evil', role: 'owner' }] }
export const root: TestUser = { id: 'root', role: 'admin' }
/** An admin who may act as users. */
export const deputy: TestUser = { id: 'deputy', role: 'admin', impersonate: true }
export const USERS: readonly TestUser[] = [alice, bob, carol, mallory, root, deputy]

export const quiet = { warn: () => {}, error: () => {} }

export function userOf(owner: Owner): TestUser | null {
  return USERS.find(user => user.id === owner.id) ?? null
}

/** A cache takes its room at first use: by default more than a test that makes hundreds of `apiKeys()` has time for. */
export const SMALL_CACHE = { records: 1_000, owners: 1_000 }

/** What a file has opened goes with it: its rounds and sweeps would go on beside the next file's tests. */
const opened: { close(): Promise<void> }[] = []
/** Some have a store that never answers. */
const PATIENCE_MS = 1_000
const { setTimeout: realTimeout } = globalThis
if (typeof afterAll === 'function') {
  afterAll(async () => {
    const closed = Promise.allSettled(opened.splice(0).map(keys => keys.close()))
    await Promise.race([closed, new Promise(resolve => realTimeout(resolve, PATIENCE_MS).unref())])
  })
}

/** `apiKeys()` for the users above: everyone may do everything, unless `overrides` say otherwise. */
export function testKeys(
  overrides: Partial<ApiKeysOptions<TestPermission, TestUser>> = {},
): ApiKeys<TestPermission> {
  const keys = apiKeys<TestPermission, TestUser>({
    prefix: 'acme_test',
    store: memoryStore(),
    permissions: CATALOGUE,
    actor: user => ({
      id: user.id,
      admin: user.role === 'admin',
      impersonate: user.impersonate,
      organizations: user.memberships,
    }),
    user: userOf,
    grants: () => ['*'],
    logger: quiet,
    ...overrides,
    cache: overrides.cache === false ? false : { ...SMALL_CACHE, ...overrides.cache },
  })
  opened.push(keys)
  return keys
}

/** The error that a promise rejects with, which must be sidekey's. */
export async function refusal(promise: Promise<unknown>): Promise<SidekeyError> {
  try {
    await promise
  } catch (error) {
    if (error instanceof SidekeyError) return error
    throw error
  }
  throw new Error('expected a SidekeyError, but the promise resolved')
}

/** The code of that error. */
export async function refusalCode(promise: Promise<unknown>): Promise<string> {
  return (await refusal(promise)).code
}

/** The paths of the fields that that error names. */
export async function refusedFields(promise: Promise<unknown>): Promise<string[]> {
  const { code, errors = [] } = await refusal(promise)
  if (code !== 'INVALID_INPUT') throw new Error(`expected INVALID_INPUT, got ${code}`)
  return errors.map(({ path }) => path)
}

/** A token with another last character: its checksum does not hold. */
export function mistyped(token: string): string {
  return token.slice(0, -1) + (token.endsWith('0') ? '1' : '0')
}

/** The management face of whoever holds this token, as a router would have it. */
export async function actingBy(keys: TestKeys, token: string): Promise<KeyManagement<TestPermission>> {
  const verification = await keys.verify(token, { ip: '10.0.0.1', origin: 'https://app.example.com' })
  if (!verification.ok) throw new Error(verification.code)
  // A user is there too, as in a request made with a key: it must not count.
  return keys.as(alice, requestBy(keys, token, verification))
}

/** A request that was made with a key, as an adapter marks it. */
export function requestBy(keys: TestKeys, token: string, key: Accepted): object {
  const request = {}
  markByKey(request, {
    config: internalsOf(keys).config,
    key,
    token,
    user: null,
    counted: false,

    charged: null,
  })
  return request
}
