/**
 * The pipeline of a verification: a token that memory knows is found by its digest, and decided at once; any other is
 * parsed, its checksum looked at, its record read, and compared with by hash in constant time. Both go on to admit.ts.
 *
 * Whose token it is tells finder.ts.
 */
import { hash as digestOf } from 'node:crypto'
import type { Clock, Moment } from '../clock.js'
import type { Config } from '../config.js'
import { type RefusalCode, SidekeyError } from '../errors.js'
import { readonlyDate } from '../key/readonly-date.js'
import { isTokenLike } from '../key/token.js'
import type { Meters } from '../limit/meters.js'
import { andThen, type Soon } from '../soon.js'
import type { Tally } from '../telemetry/tally.js'
import type { LastUse } from '../usage/last-use.js'
import type { Recorder } from '../usage/recorder.js'
import { createAdmission } from './admit.js'
import type { Finder } from './finder.js'
import { createIsUnused, prolong } from './idle.js'
import type { Knowledge } from './knowledge.js'
import { type KnownKey, setFineUntil } from './known.js'
import type { Presented } from './matching.js'
import { isOneOf } from './permit.js'
import type { Proofs } from './proofs.js'
import { createRenewal } from './renewal.js'
import {
  type Accepted,
  checkVerifyRequest,
  type Refused,
  refused,
  type Verification,
  type VerifyRequest,
} from './verification.js'

/** Where a verification gets what it needs. */
export interface VerifierSources {
  readonly config: Config
  readonly clock: Clock
  readonly knowledge: Knowledge
  readonly proofs: Proofs
  readonly finder: Finder
  /** Puts a newer hash in place of `from`; runs beside the request. */
  readonly rehash: (id: string, from: string, to: string) => Promise<unknown>
  readonly meters: Meters
  /** When keys were last used: is told of each that was accepted. */
  readonly lastUse: Pick<LastUse, 'note' | 'here' | 'of'>
  /** Is told what came of each verification whose secret was right, and when (ms). */
  readonly onOutcome: Recorder['count']
  /** Counts hits and misses, and what came of tokens that are no key's. */
  readonly tally: Tally
}

export interface Verifier {
  /**
   * The whole pipeline; a promise only where something has to be waited for. Never throws for a bad token.
   * @throws SidekeyError `INVALID_INPUT` for a malformed request.
   */
  verify(token: unknown, request?: VerifyRequest): Soon<Verification>
  /** The same, without drawing on limits: for a request whose route is yet to tell what it costs. */
  identify(token: unknown, request?: VerifyRequest): Soon<Verification>
  /** The same as a promise: one for all who present a token that nothing has changed about. */
  verifyLater(token: unknown, request?: VerifyRequest): Promise<Verification>
}

/** How an answer is handed over: as it is, or as a promise. */
interface Handed<T> {
  /** Whether it draws on the key's limits, and is counted where it was accepted. */
  readonly isWhole: boolean
  accepted(known: KnownKey, accepted: Accepted): T
  otherwise(verification: Soon<Verification>): T
}

/** Whether a verification is to be finished, or its route is yet to tell what it costs. */
type Whole = Pick<Handed<unknown>, 'isWhole'>

const AT_ONCE: Handed<Soon<Verification>> = {
  isWhole: true,
  accepted: (_, accepted) => accepted,
  otherwise: verification => verification,
}

const UNFINISHED: Handed<Soon<Verification>> = { ...AT_ONCE, isWhole: false }

const LATER: Handed<Promise<Verification>> = {
  isWhole: true,
  accepted(known, accepted) {
    known.promise ??= Promise.resolve(accepted)
    return known.promise
  },
  otherwise: verification => Promise.resolve(verification),
}

const NOTHING: VerifyRequest = Object.freeze({})
/** That a key was used is noted so often, in ms. */
const NOTED_EVERY_MS = 1_000

export function createVerifier(sources: VerifierSources): Verifier {
  const { config, clock, knowledge, proofs, finder, rehash, meters, lastUse, onOutcome, tally } = sources
  const { records } = knowledge
  const admit = createAdmission(config, knowledge, meters, createIsUnused(lastUse))
  const renewIfOutdated = createRenewal({ config, records, rehash })

  function verify<T>(token: unknown, request: VerifyRequest, handed: Handed<T>): T {
    if (request !== NOTHING) checkVerifyRequest(request, config.catalogue)
    if (token === undefined || token === null || token === '') return handed.otherwise(nobodys('KEY_MISSING'))
    if (typeof token !== 'string' || !(isTokenLike(token) || finder.mayBeForeign(token)))
      return handed.otherwise(nobodys('KEY_INVALID'))
    const at = { wall: clock.wall(), monotonic: clock.monotonic() }
    knowledge.use(at.monotonic)
    // As bytes: half as long as in hexadecimal digits, to keep and to compare.
    const digest = digestOf('sha256', token, 'binary')
    const known = proofs.current(digest)
    if (known === undefined || !records.isFresh(known, at.monotonic))
      return handed.otherwise(verifyOther({ token, digest }, request, at, handed))
    tally.hits++
    const verification = decide(known, request, at)
    if (verification !== known.accepted || !handed.isWhole)
      return handed.otherwise(completed(known, verification, request, at, handed))
    if (known.metered === null) {
      onOutcome(known.seen, 'accepted', at.wall)
      // Without limits it is one object, and one promise, for all who ask.
      return handed.accepted(known, known.accepted)
    }
    return handed.otherwise(charged(known, known.accepted, request, at))
  }

  /** The end of a verification where there is no key to count it for. */
  function nobodys(code: RefusalCode): Refused {
    tally.count(code)
    return refused(code)
  }

  /** The end of a verification: limits, the last of all, so that nothing is drawn for what is refused; and counting it. */
  function completed(
    known: KnownKey,
    verification: Soon<Verification>,
    request: VerifyRequest,
    at: Moment,
    { isWhole }: Whole,
  ): Soon<Verification> {
    return andThen(verification, found => {
      if (found.ok) return isWhole ? charged(known, found, request, at) : found
      onOutcome(known.seen, found.code, at.wall)
      return found
    })
  }

  function charged(
    known: KnownKey,
    accepted: Accepted,
    request: VerifyRequest,
    at: Moment,
  ): Soon<Verification> {
    const { metered, seen } = known
    const drawn = metered === null ? accepted : meters.charge(metered, accepted, request, at.wall)
    // Not by a function in between: this is on the way of every verification that is limited.
    if (drawn instanceof Promise) return drawn.then(found => counted(seen, found, at))
    return counted(seen, drawn, at)
  }

  function counted(seen: KnownKey['seen'], found: Accepted | Refused, at: Moment): Verification {
    onOutcome(seen, found.ok ? 'accepted' : found.code, at.wall)
    return found
  }

  /** A token that memory does not know as a key's own. */
  function verifyOther(
    presented: Digested,
    request: VerifyRequest,
    at: Moment,
    handed: Whole,
  ): Soon<Verification> {
    const rotated = proofs.rotated(presented.digest)
    if (rotated !== undefined && at.wall < rotated.until && records.isFresh(rotated.known, at.monotonic)) {
      const { known, hash } = rotated
      tally.hits++
      return completed(known, decideRotated(known, hash, request, at), request, at, handed)
    }
    const parsed = finder.parse(presented.token)
    if (parsed === null) return nobodys('KEY_INVALID')
    return verifyUnknown({ parsed, digest: presented.digest }, request, at, handed)
  }

  /** A token that memory has not seen, or no longer knows. */
  async function verifyUnknown(
    presented: Presented,
    request: VerifyRequest,
    at: Moment,
    handed: Whole,
  ): Promise<Verification> {
    try {
      const found = finder.inMemory(presented, at) ?? (await finder.inStore(presented, at))
      if (found === null || !config.kinds.has(found.known.seen.kind)) return nobodys('KEY_INVALID')
      const { known, hash } = found
      proofs.add(presented.digest, known, hash, at.monotonic)
      finder.note(presented.parsed, known.seen.id)
      const isOwn = hash === known.hash
      const verification = await (isOwn
        ? decide(known, request, at)
        : decideRotated(known, hash, request, at))
      if (verification.ok && isOwn) renewIfOutdated(presented.parsed, known)
      return completed(known, verification, request, at, handed)
    } catch (error) {
      tally.count('STORE_UNAVAILABLE')
      return unavailable(error)
    }
  }

  function unavailable(error: unknown): Verification {
    if (!(error instanceof SidekeyError)) config.logger.error({ err: error }, 'a key could not be checked')
    return refused('STORE_UNAVAILABLE')
  }

  /** What becomes of a token that has the key's own secret; the key's `accepted` where that is the answer. */
  function decide(known: KnownKey, request: VerifyRequest, at: Moment): Soon<Verification> {
    try {
      const { kind } = request
      if (kind !== undefined && !isOneOf(kind, known.seen.kind)) return refused('KEY_INVALID')
      const verification = admit(known, request, at)
      if (verification instanceof Promise)
        return verification.then(later => noted(known, later, request, at), unavailable)
      return noted(known, verification, request, at)
    } catch (error) {
      return unavailable(error)
    }
  }

  /** The same of a token that was rotated away, and ends before long. */
  function decideRotated(
    known: KnownKey,
    hash: string,
    request: VerifyRequest,
    at: Moment,
  ): Soon<Verification> {
    const tokenEndsAt = endOf(known, hash)
    return andThen(decide(known, request, at), verification =>
      verification.ok ? { ...verification, tokenEndsAt } : verification,
    )
  }

  function noted(
    known: KnownKey,
    verification: Verification,
    request: VerifyRequest,
    at: Moment,
  ): Verification {
    if (verification.ok && at.monotonic - known.notedAt >= NOTED_EVERY_MS) note(known, request, at)
    return verification
  }

  function note(known: KnownKey, { ip }: VerifyRequest, at: Moment): void {
    known.notedAt = Math.trunc(at.monotonic)
    lastUse.note(known.seen.id, at.wall, ip)
    const { rare } = known
    if (rare === null) return
    // Who uses a key uses the one that it is verified within: that must not end for want of use.
    if (rare.parentId !== null) lastUse.note(rare.parentId, at.wall, ip)
    if (rare.idle === null) return
    prolong(rare.idle, at.wall)
    setFineUntil(known)
  }

  return {
    verify: (token, request = NOTHING) => verify(token, request, AT_ONCE),
    identify: (token, request = NOTHING) => verify(token, request, UNFINISHED),
    verifyLater: (token, request = NOTHING) => verify(token, request, LATER),
  }
}

/** A token that is long enough, and the SHA-256 of it. */
interface Digested {
  readonly token: string
  readonly digest: string
}

function endOf({ rare }: KnownKey, hash: string): Date | null {
  const until = rare?.previous.find(one => one.hash === hash)?.until
  return until === undefined ? null : readonlyDate(until)
}
