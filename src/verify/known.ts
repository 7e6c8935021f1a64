/**
 * A key as it is kept in memory: what each verification asks lies side by side, and what many keys have alike is there once.
 * A million of them are to fit (bench/memory.ts).
 */

import type { Config } from '../config.js'
import { NO_LIMITS } from '../key/limit.js'
import { type ApiKey, earlierOf, managedStatusOf, type StoredKey, toApiKey } from '../key/record.js'
import { ipMatcher, originMatcher, type Restrictions, UNRESTRICTED } from '../key/restriction.js'
import type { Metered } from '../limit/meters.js'
import type { Cell, ValueCell } from './cache.js'
import { type KnownIdle, knownIdle } from './idle.js'
import { createInterner } from './interner.js'
import type { Granted } from './owner.js'
import { givenPatterns } from './patterns.js'
import type { Accepted } from './verification.js'

export interface KnownKey extends Cell, Pick<StoredKey, 'hash'> {
  /** The record, until it is prepared; from then on what callers see of it. */
  seen: StoredKey | ApiKey
  /** What management has made of it. `revoked`, too, once the key is gone for good that made it. */
  off: ReturnType<typeof managedStatusOf>
  /** Time lets it in before this, in whole seconds since the epoch (those take no room of their own, as ms do); 0: it is to be asked. */
  fineUntil: number
  /** What the key was given, within what its kind may carry; `null`: it is not prepared. */
  given: readonly string[] | null
  /** The grants of its owner that `accepted` was cut to. */
  granted: ValueCell<Granted> | null
  accepted: Accepted | null
  /** What it draws on; `null`: it has no limits, nor has the key that made it. */
  metered: Metered | null
  /** Of `accepted`: one for all who wait for it. */
  promise: Promise<Accepted> | null
  /** When it was last noted that the key was used, by the monotonic clock. */
  notedAt: number
  /** By what the token is found that has `hash`. */
  digest: string | null
  /** `null`: it has nothing of the kind. */
  readonly rare: Rare | null
}

/** What few keys have. */
export interface Rare extends Pick<StoredKey, 'parentId' | 'previous'> {
  /** It ends when it is not used; `null`: it does not, or has. */
  readonly idle: KnownIdle | null
  /** When it ended so. */
  readonly endedAt: Date | null
  /** `null`: it may be used from anywhere, or is not prepared. */
  rules: Rules | null
  /** By what the tokens are found that have been rotated away. */
  readonly rotated: string[]
}

/** From where a key may be used: parsed once a record. */
export interface Rules {
  readonly ipAllowed: ((ip: string) => boolean) | null
  readonly originAllowed: ((origin: string) => boolean) | null
}

export function toKnown(key: StoredKey): KnownKey {
  // What every verification looks at comes first: of a million keys most are in no cache of the processor.
  return {
    live: false,
    issuedAt: 0,
    refreshAt: 0,
    off: managedStatusOf(key),
    fineUntil: 0,
    rare: rareOf(key),
    granted: null,
    accepted: null,
    metered: null,
    notedAt: LONG_AGO,
    promise: null,
    touchedAt: 0,
    seen: key,
    given: null,
    hash: key.hash,
    digest: null,
  }
}

function rareOf(key: StoredKey): Rare | null {
  const { parentId, previous, idle, restrictions } = key
  if (parentId === null && previous.length === 0 && idle === null && isOpen(restrictions)) return null
  return {
    parentId,
    previous,
    idle: knownIdle(key),
    endedAt: idle?.endedAt ?? null,
    rules: null,
    rotated: [],
  }
}

/** A small integer, which takes no room of its own, as infinity does. */
const LONG_AGO = -1e9

/** The last second of a 32-bit integer, in 2038: later the end is asked each time. */
const NO_END = 2 ** 31 - 1

/** Makes what never changes about a record, and lets go of the rest; `now` (ms) is when the key was accepted. */
export type Prepare = (known: KnownKey, now: number) => void

export function createPrepare(config: Config, meter: (key: ApiKey) => Metered | null): Prepare {
  const { text, list, owner } = createInterner()

  /** The record, with one copy of what others have too. */
  function shared(key: StoredKey): StoredKey {
    return {
      ...key,
      kind: text(key.kind),
      prefix: text(key.prefix),
      owner: owner(key.owner),
      permissions: list(key.permissions),
      roles: list(key.roles),
      resources: list(key.resources),
      tags: list(key.tags),
      metadata: isEmpty(key.metadata) ? NO_METADATA : key.metadata,
      restrictions: isOpen(key.restrictions) ? UNRESTRICTED : key.restrictions,
      limits: isEmpty(key.limits) ? NO_LIMITS : key.limits,
    }
  }

  return (known, now) => {
    if (known.given !== null || !isRecord(known.seen)) return
    const record = shared(known.seen)
    // Joined, not copied: of the two texts the first is there once for all.
    const apiKey = toApiKey(record, now, text(`${record.prefix}_`) + record.id)
    known.seen = apiKey
    setFineUntil(known)
    known.given = list(givenPatterns(record, config))
    if (known.rare !== null) known.rare.rules = rulesOf(record.restrictions)
    known.metered = meter(apiKey)
  }
}

/** Tells until when neither the key's time nor a lack of use has to be asked for. */
export function setFineUntil(known: KnownKey): void {
  if (known.seen.notBefore !== null) return
  const { end } = timesOf(known)
  const idleUntil = known.rare?.idle?.until ?? Number.POSITIVE_INFINITY
  const until = Math.min(end?.getTime() ?? Number.POSITIVE_INFINITY, idleUntil)
  known.fineUntil = Math.min(NO_END, Math.floor(until / 1000))
}

/** From when until when a key may be used, as far as its record tells. */
export function timesOf({ seen, rare }: KnownKey): { notBefore: Date | null; end: Date | null } {
  const { notBefore, expiresAt } = seen
  return { notBefore, end: earlierOf(rare?.endedAt ?? null, expiresAt) }
}

const NO_METADATA = Object.freeze({})
const isEmpty = (value: object) => Object.keys(value).length === 0
const isOpen = ({ ips, origins }: Restrictions) => ips.length === 0 && origins.length === 0

function isRecord(seen: KnownKey['seen']): seen is StoredKey {
  return 'hash' in seen
}

function rulesOf({ ips, origins }: Restrictions): Rules | null {
  if (ips.length === 0 && origins.length === 0) return null
  return {
    ipAllowed: ips.length === 0 ? null : ipMatcher(ips),
    originAllowed: origins.length === 0 ? null : originMatcher(origins),
  }
}

/** What callers see of a key that is prepared. */
export function apiKeyOf({ seen }: KnownKey): ApiKey {
  if (isRecord(seen)) throw new Error('unreachable: the key is not prepared')
  return seen
}
