/** The option `leaks` of the router: who may report leaked tokens, and what becomes of their keys. */
import { createPublicKey, type KeyObject } from 'node:crypto'
import type { FieldError } from '../errors.js'
import type { LeakPolicy } from '../manage/leaks.js'

/** A public key as GitHub publishes it. */
export interface PublishedKey {
  readonly key_identifier: string
  /** PEM, of an elliptic curve (P-256). */
  readonly key: string
  readonly is_current?: boolean
}

/** The list, or the document that it is published in. */
export type PublishedKeys = readonly PublishedKey[] | { readonly public_keys: readonly PublishedKey[] }

/** Where the router takes reports of leaked tokens: `POST /leaks`, as GitHub's secret scanning sends them. */
export interface LeakOptions {
  /** The published keys, as they were when the app was made. Default: none, `refresh` is asked for them. */
  readonly publicKeys?: PublishedKeys
  /**
   * Gets them anew: asked when a message names a key that is not among them, at most once a minute, and when they are a day
   * old. Default: the list stays as it is.
   */
  readonly refresh?: () => PublishedKeys | Promise<PublishedKeys>
  /**
   * What becomes of a key whose token was found, by kind: `revoke` or `report`. Default: `report` for a kind called
   * `publishable`, whose tokens are no secrets, and `revoke` for every other.
   */
  readonly policy?: Readonly<Record<string, LeakPolicy>>
}

/** The published keys by their names. */
export type KeyList = ReadonlyMap<string, KeyObject>

/** The options, checked. */
export interface LeakSettings {
  readonly publicKeys: KeyList
  readonly refresh: (() => unknown) | null
  policyOf(kind: string): LeakPolicy
}

const TAKES_KEYS =
  'takes the published list: { public_keys: [{ key_identifier, key }] }, with keys of P-256 in PEM'
const NAME = /^[A-Za-z0-9._-]{1,256}$/

/** Reads the option; what is wrong with it is added to `faults`. */
export function leakSettings(options: LeakOptions | undefined, faults: FieldError[]): LeakSettings | null {
  if (options === undefined) return null
  const wrong = (path: string, message: string) => void faults.push({ path, message })
  if (typeof options !== 'object' || options === null) {
    wrong('leaks', 'takes { publicKeys, refresh, policy }')
    return null
  }
  const { publicKeys, refresh, policy = {}, ...unknown } = options
  for (const name of Object.keys(unknown)) wrong(`leaks.${name}`, 'is not a known option')
  if (publicKeys === undefined && refresh === undefined)
    wrong('leaks', 'needs publicKeys or refresh: nobody could report')
  if (refresh !== undefined && typeof refresh !== 'function') wrong('leaks.refresh', 'takes a function')
  const known = publicKeys === undefined ? new Map() : readKeys(publicKeys)
  if (known === null) wrong('leaks.publicKeys', TAKES_KEYS)
  const policies = Object.entries(Object(policy) as Record<string, unknown>)
  for (const [kind, one] of policies) {
    if (one !== 'revoke' && one !== 'report') wrong(`leaks.policy.${kind}`, 'takes "revoke" or "report"')
  }
  const byKind = new Map<string, LeakPolicy>([
    ['publishable', 'report'],
    ...(policies as [string, LeakPolicy][]),
  ])
  return {
    publicKeys: known ?? new Map(),
    refresh: refresh ?? null,
    policyOf: kind => byKind.get(kind) ?? 'revoke',
  }
}

/** The keys of a list; `null` where it is none, is empty, or has a key that is not of P-256. */
export function readKeys(published: unknown): KeyList | null {
  const list: unknown = Array.isArray(published) ? published : Reflect.get(Object(published), 'public_keys')
  if (!Array.isArray(list) || list.length === 0) return null
  const keys = new Map<string, KeyObject>()
  for (const one of list as unknown[]) {
    const name: unknown = Reflect.get(Object(one), 'key_identifier')
    const key = keyIn(Reflect.get(Object(one), 'key'))
    if (typeof name !== 'string' || !NAME.test(name) || key === null) return null
    keys.set(name, key)
  }
  return keys
}

function keyIn(pem: unknown): KeyObject | null {
  if (typeof pem !== 'string' || !pem.includes('PUBLIC KEY')) return null
  try {
    const key = createPublicKey(pem)
    return key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? key : null
  } catch {
    return null
  }
}
