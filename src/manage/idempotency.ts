/**
 * Repeatable creation. An idempotency key leads, by an alias that is claimed before the record is written, to the one id
 * under which all its repeats write: of however many, in whatever processes, one record comes of it. Aliases are remembered
 * for a day. (The IETF's draft-ietf-httpapi-idempotency-key-header, less its answer: a token is shown once.)
 */
import { hash } from 'node:crypto'
import { SidekeyError } from '../errors.js'
import { type StoredKey, sameOwner } from '../key/record.js'
import type { Alias } from '../store/store.js'
import { type CallContext, mayRead } from './access.js'
import type { Caller } from './actor.js'
import type { Deps } from './deps.js'

const REMEMBERED_MS = 86_400_000
/** A creation that has not come by then is given up, and a repeat goes on with it. */
const UNDER_WAY_MS = 30_000

/** What became of a claim: this call creates under `keyId`, or a record is there already. */
export type Claim =
  | { readonly is: 'first'; readonly keyId: string; readonly release: () => Promise<void> }
  | { readonly is: 'repeat'; readonly key: StoredKey }

/**
 * Claims an idempotency key for this caller and input.
 * @param keyId the id for the record, if this is the first
 * @throws SidekeyError `IDEMPOTENCY_MISMATCH`, `IDEMPOTENCY_IN_PROGRESS`; `CONFLICT` where the record is gone, or is no longer
 * the caller's to see.
 */
export async function claimIdempotency(
  deps: Deps,
  context: CallContext,
  idempotencyKey: string,
  input: unknown,
  keyId: string,
): Promise<Claim> {
  const now = deps.now()
  const id = aliasId(context.caller, idempotencyKey)
  const digest = digestOf(input)
  const wanted: Alias = { id, keyId, digest, at: new Date(now), expireAt: new Date(now + REMEMBERED_MS) }
  const alias = await deps.store.claimAlias(wanted)
  if (alias.digest !== digest) {
    throw new SidekeyError('IDEMPOTENCY_MISMATCH', 'This idempotency key was used for another request.')
  }
  const release = async () => {
    // Later it may be another's, who goes on with it.
    if (deps.now() - alias.at.getTime() < UNDER_WAY_MS) await deps.store.releaseAlias(id, alias.keyId)
  }
  if (alias.keyId === keyId) return { is: 'first', keyId, release }
  const key = await deps.store.find(alias.keyId)
  if (key !== null) return repeatOf(deps, context, key)
  if ((await deps.store.events({ keyId: alias.keyId, limit: 1 })).length > 0) {
    // It was made only after it was looked for, or removed for good: the audit remembers it. It must not come to life again.
    const made = await deps.store.find(alias.keyId)
    if (made === null) throw gone()
    return repeatOf(deps, context, made)
  }
  if (now - alias.at.getTime() < UNDER_WAY_MS) throw underWay()
  return { is: 'first', keyId: alias.keyId, release }
}

/** What the record of an earlier request answers to a repeat. */
export async function repeatOf(
  deps: Deps,
  context: CallContext,
  key: StoredKey,
): Promise<Extract<Claim, { is: 'repeat' }>> {
  const may = isChildOf(context.caller, key) || (await mayRead(deps, context, key))
  if (key.deleted !== null || !may) throw gone()
  return { is: 'repeat', key }
}

/** A key that may make others, but not read them, is shown what it has made: the first answer has shown it too. */
function isChildOf(caller: Caller, { parentId, owner }: StoredKey): boolean {
  return caller.via === 'key' && parentId === caller.keyId && sameOwner(owner, caller.key.owner)
}

function gone(): SidekeyError {
  return new SidekeyError('CONFLICT', 'The key that this idempotency key has made is no longer there.')
}

function underWay(): SidekeyError {
  return new SidekeyError('IDEMPOTENCY_IN_PROGRESS', 'The same request is under way; ask again.', {
    retryAfter: 1,
  })
}

/** Idempotency keys belong to their actor: to a user, to a key, or to the app's own code. */
function aliasId(caller: Caller, idempotencyKey: string): string {
  const whose = [caller.via, caller.id, caller.via === 'key' ? caller.keyId : null]
  return `idempotency:${hash('sha256', JSON.stringify([...whose, idempotencyKey]), 'base64url')}`
}

function digestOf(input: unknown): string {
  return hash('sha256', JSON.stringify(sorted(JSON.parse(JSON.stringify(input)))), 'base64url')
}

/** JSON with its keys in order: the same input is the same text. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort()
      .map(([name, one]) => [name, sorted(one)]),
  )
}
