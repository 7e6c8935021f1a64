/**
 * Tokens that were found where they should not be: told to the audit and to who listens for `leaked`, and, where that is asked,
 * ended everywhere. Safe to repeat: a report that comes again, from whoever has kept it, changes nothing and tells nothing.
 *
 * Only the token that was found is ended. Where it has been rotated away, its key goes on with the new one.
 */
import { hash } from 'node:crypto'
import { SidekeyError } from '../errors.js'
import type { AuditEvent } from '../key/audit-event.js'
import { type ApiKey, type StoredKey, toApiKey } from '../key/record.js'
import { redact } from '../key/redact.js'
import { firstIdAt } from '../key/token.js'
import type { Alias } from '../store/store.js'
import type { CallContext } from './access.js'
import { auditEvent } from './audit.js'
import { changeKey } from './change.js'
import type { Deps } from './deps.js'
import type { Emitter } from './events.js'
import type { Keep } from './retention.js'
import { revokedBy } from './revoke.js'

/** A token that was found. */
export interface Leak {
  readonly token: string
  /** Where: an address, or a file and line. */
  readonly place: string
}

/** `revoke`: a key whose own token was found is ended at once; `report`: it is told, and nothing else. */
export type LeakPolicy = 'revoke' | 'report'

/** What became of it; the key is `null` where the token is no key's. */
export interface LeakOutcome {
  readonly apiKey: ApiKey | null
  /**
   * `revoked`: the key is, by this or before. `ended`: the token had been rotated away, and ends now at the latest.
   * `reported`: the key goes on. `unknown`: it is no key's.
   */
  readonly did: 'revoked' | 'ended' | 'reported' | 'unknown'
}

export type ReportLeaks = (
  context: CallContext,
  leaks: readonly Leak[],
  policyOf: (kind: string) => LeakPolicy,
) => Promise<readonly LeakOutcome[]>

/** A report of the same token and place is the same for so long. */
const REMEMBERED_MS = 365 * 86_400_000
/** Of a place so much is told. */
const LONGEST_PLACE = 400
const BATCH = 200

export function createLeaks(deps: Deps, { keep, emitter }: { keep: Keep; emitter: Emitter }): ReportLeaks {
  return async (context, leaks, policyOf) => {
    const outcomes: { readonly leak: Leak; key: StoredKey | null; did: LeakOutcome['did'] }[] = []
    const bulk = deps.outbox.inBulk()
    let changed: StoredKey[] = []
    const tell = async () => {
      if (changed.length > 0) await bulk.add(changed)
      changed = []
    }
    try {
      for (const leak of leaks) {
        const found = await deps.verifier.ownerOf(leak.token)
        if (found === null) {
          outcomes.push({ leak, key: null, did: 'unknown' })
          continue
        }
        const { key, hash } = found
        if (policyOf(key.kind) === 'report') {
          outcomes.push({ leak, key, did: 'reported' })
          continue
        }
        const next = await ended(deps, context, key, hash, leak)
        if (next === null) {
          outcomes.push({ leak, key: null, did: 'unknown' })
          continue
        }
        // Also where it was revoked before: whoever did may not have told all.
        if (next !== key || next.outbox.length > 0) changed.push(next)
        if (changed.length >= BATCH) await tell()
        outcomes.push({ leak, key: next, did: next.revoked === null ? 'ended' : 'revoked' })
      }
    } finally {
      // Also where it stops half-way: what has been ended is ended everywhere.
      await tell()
      await bulk.end()
    }
    for (const { leak, key } of outcomes) if (key !== null) await announce(context, leak, key)
    return outcomes.map(({ key, did }) => ({ apiKey: key && toApiKey(key, deps.now()), did }))
  }

  /** Tells the audit, once a token and place, over all processes. */
  async function announce(context: CallContext, { token, place }: Leak, key: StoredKey): Promise<void> {
    const digest = hash('sha256', JSON.stringify([token, place]), 'base64url')
    const now = deps.now()
    const claim: Alias = {
      id: `leak:${digest}`,
      keyId: key.id,
      digest,
      at: new Date(now),
      expireAt: new Date(now + REMEMBERED_MS),
    }
    const { at } = await deps.store.claimAlias(claim)
    const { id: keyId, owner, organizationId } = key
    const facts = {
      action: 'leak',
      keyId,
      owner,
      organizationId,
      reason: `found: ${toldPlace({ token, place })}`,
    } as const
    // By the claim that was first: one who died after it is followed by another, with the same event. It sorts behind the end
    // of the key, which came before.
    const event: AuditEvent = {
      ...auditEvent(context, facts, at.getTime()),
      id: firstIdAt(at.getTime() + 1) + digest.replace(/[-_]/g, '').slice(0, 8),
    }
    const [added] = await deps.store.appendEvents([keep(event)])
    if (added !== undefined) emitter.told(event, key)
  }
}

/** The token has been rotated away since it was found. */
const ROTATED = new Error('rotated meanwhile')

/** The key with this token ended: revoked, or without the token that had been rotated away. `null`: it is gone for good. */
async function ended(
  deps: Deps,
  context: CallContext,
  found: StoredKey,
  leaked: string,
  { token, place }: Leak,
): Promise<StoredKey | null> {
  const isOwn = found.hash === leaked
  const decide = async (key: StoredKey): Promise<StoredKey> => {
    // It may have been rotated, or hashed anew, since it was found.
    const now = await deps.verifier.hashOf(token, key)
    if (!isOwn) return withoutToken(key, now, deps.now())
    if (now !== key.hash) throw ROTATED
    return revokedBy(deps, context, key, `leaked: ${toldPlace({ token, place })}`)
  }
  try {
    return await changeKey(deps, context, isOwn ? 'revoke' : 'rotate', found.id, decide, { reach: 'left' })
  } catch (error) {
    if (error === ROTATED) return ended(deps, context, found, '', { token, place })
    if (error instanceof SidekeyError && error.code === 'NOT_FOUND') return null
    throw error
  }
}

function withoutToken(key: StoredKey, hash: string | null, now: number): StoredKey {
  const lives = key.previous.some(one => one.hash === hash && one.until.getTime() > now)
  if (!lives) return key
  const until = new Date(now)
  return { ...key, previous: key.previous.map(one => (one.hash === hash ? { hash, until } : one)) }
}

/** What comes from outside goes into a log that people read: in one line, and without the token, whoever has made it: it is ASCII. */
function toldPlace({ token, place }: Leak): string {
  const plain = place.replace(/[\p{Cc}\p{Cs}\u2028\u2029]/gu, '')
  const masked = redact(plain)
    .replaceAll(token, '[redacted]')
    .replaceAll(encodeURIComponent(token), '[redacted]')
  return [...masked].slice(0, LONGEST_PLACE).join('')
}
