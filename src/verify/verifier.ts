/**
 * The pipeline of a verification: a token that memory knows is found by its digest, and decided at once; any other is
 * parsed, its checksum looked at, its record read, and compared with by hash in constant time. Both go on to admit.ts.
 *
 * Wrong secrets and unknown ids go one way, whether or not the id is in memory: a comparison with what memory has or with
 * a decoy, a place at the gate, a read, a comparison.
 */
import { hash as digestOf } from 'node:crypto'
import type { Clock } from '../clock.js'
import { SidekeyError } from '../errors.js'
import { type HashSettings, hashToken, isOutdated } from '../key/hash.js'
import { readonlyDate } from '../key/readonly-date.js'
import type { StoredKey } from '../key/record.js'
import { isTokenLength, type ParsedToken, parseToken } from '../key/token.js'
import type { Config } from '../options.js'
import { andThen, type Soon } from '../soon.js'
import { createAdmission, type Moment } from './admit.js'
import { away, type Knowledge } from './knowledge.js'
import { createMatcher, livingHashes, type Presented } from './matching.js'
import { createMissGate } from './miss-gate.js'
import { isOneOf } from './permit.js'
import type { Proofs } from './proofs.js'
import { checkVerifyRequest, refused, type Verification, type VerifyRequest } from './verification.js'

/** Where a verification gets what it needs. */
export interface VerifierSources {
  readonly config: Config
  readonly clock: Clock
  readonly knowledge: Knowledge
  readonly proofs: Proofs
  /** Reads a record by id. */
  readonly find: (id: string) => Promise<StoredKey | null>
  /** Puts a newer hash in place of `from`; runs beside the request. */
  readonly rehash: (id: string, from: string, to: string) => Promise<unknown>
  /** Is told of each key that was accepted, and when (ms). */
  readonly accepted: (keyId: string, at: number) => void
}

export interface Verifier {
  /**
   * The whole pipeline; a promise only where something has to be waited for. Never throws for a bad token.
   * @throws SidekeyError `INVALID_INPUT` for a malformed request.
   */
  verify(token: unknown, request?: VerifyRequest): Soon<Verification>
  /** The record that a token belongs to, whatever its status; `null` where the secret is wrong. */
  recordOf(token: string): Promise<StoredKey | null>
}

const NOTHING: VerifyRequest = Object.freeze({})

export function createVerifier(sources: VerifierSources): Verifier {
  const { config, clock, knowledge, proofs, find, rehash, accepted } = sources
  const { records } = knowledge
  const matcher = createMatcher(config)
  const admit = createAdmission(config, knowledge)
  const gate = createMissGate(clock)
  const renewing = new Set<string>()

  /** A token that memory has not seen, or no longer knows. */
  async function verifyUnknown(
    presented: Presented,
    request: VerifyRequest,
    at: Moment,
  ): Promise<Verification> {
    const { parsed, digest } = presented
    try {
      const matched = inMemory(presented, at) ?? (await inStore(presented, at))
      if (matched === null || !config.kinds.has(matched.key.kind)) return refused('KEY_INVALID')
      const { key, hash } = matched
      proofs.add(digest, key, hash, at)
      const verification = await decide(key, hash, request, at)
      if (verification.ok) renewIfOutdated(parsed, matched)
      return verification
    } catch (error) {
      return unavailable(error)
    }
  }

  function unavailable(error: unknown): Verification {
    if (!(error instanceof SidekeyError)) config.logger.error({ err: error }, 'a key could not be checked')
    return refused('STORE_UNAVAILABLE')
  }

  /** The key whose secret this is, as far as memory tells at once. */
  function inMemory(presented: Presented, { monotonic, wall }: Moment): Matched | null {
    const key = records.fresh(presented.parsed.id, monotonic)?.value ?? null
    const hash = matcher.known(presented, key, livingHashes(key, wall))
    return key === null || hash === null ? null : { key, hash }
  }

  /** The same by a read that began after the verification did. */
  async function inStore(presented: Presented, { monotonic, wall }: Moment): Promise<Matched | null> {
    if (knowledge.isAway(monotonic)) throw away()
    const { digest, parsed } = presented
    if (gate.isRefused(digest, monotonic)) return null
    return gate.pass(digest, async () => {
      const known = records.fresh(parsed.id, clock.monotonic())
      const isNew = known !== undefined && known.issuedAt >= monotonic
      const key = isNew ? known.value : await records.read(parsed.id)
      const hash = await matcher.match(presented, key, livingHashes(key, wall))
      return key === null || hash === null ? null : { key, hash }
    })
  }

  /** What becomes of a token that has the key's secret. */
  function decide(key: StoredKey, hash: string, request: VerifyRequest, at: Moment): Soon<Verification> {
    if (!isOneOf(request.kind, key.kind)) return refused('KEY_INVALID')
    return andThen(admit(key, request, at), verification => noted(key, hash, verification, at.wall))
  }

  function noted(key: StoredKey, hash: string, verification: Verification, now: number): Verification {
    if (!verification.ok) return verification
    accepted(key.id, now)
    return hash === key.hash ? verification : { ...verification, tokenEndsAt: endOf(key, hash) }
  }

  function renewIfOutdated(parsed: ParsedToken, { key, hash }: Matched): void {
    const kind = config.kinds.get(key.kind)
    if (kind !== undefined && hash === key.hash && isOutdated(hash, kind.hash))
      void renew(parsed, hash, kind.hash)
  }

  /** Puts a hash by today's settings in place of an outdated one, beside the request, once at a time a key. */
  async function renew(parsed: ParsedToken, outdated: string, settings: HashSettings): Promise<void> {
    if (renewing.has(parsed.id)) return
    renewing.add(parsed.id)
    try {
      await rehash(parsed.id, outdated, await hashToken(parsed, settings))
      records.drop(parsed.id)
    } catch (error) {
      config.logger.warn(
        { err: error, keyId: parsed.id },
        'a hash could not be renewed; a later use tries again',
      )
    } finally {
      renewing.delete(parsed.id)
    }
  }

  return {
    verify(token, request = NOTHING) {
      if (request !== NOTHING) checkVerifyRequest(request, config.catalogue)
      if (token === undefined || token === null || token === '') return refused('KEY_MISSING')
      if (typeof token !== 'string' || !isTokenLength(token.length)) return refused('KEY_INVALID')
      const at = { wall: clock.wall(), monotonic: clock.monotonic() }
      knowledge.use(at.monotonic)
      const digest = digestOf('sha256', token)
      const proof = proofs.of(digest, at)
      if (proof === undefined) {
        const parsed = parseToken(token, config.prefixes)
        return parsed === null ? refused('KEY_INVALID') : verifyUnknown({ parsed, digest }, request, at)
      }
      try {
        const verification = decide(proof.key, proof.hash, request, at)
        return verification instanceof Promise ? verification.catch(unavailable) : verification
      } catch (error) {
        return unavailable(error)
      }
    },

    async recordOf(token) {
      const parsed = parseToken(token, config.prefixes)
      if (parsed === null) return null
      const key = await find(parsed.id)
      const hashes = key === null ? [] : [key.hash, ...key.previous.map(one => one.hash)]
      const presented = { parsed, digest: digestOf('sha256', token) }
      return (await matcher.match(presented, key, hashes)) === null ? null : key
    },
  }
}

/** A record, and the one of its hashes that a token has. */
interface Matched {
  readonly key: StoredKey
  readonly hash: string
}

function endOf({ previous }: StoredKey, hash: string): Date | null {
  const until = previous.find(one => one.hash === hash)?.until
  return until === undefined ? null : readonlyDate(until)
}
