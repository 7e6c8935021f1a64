/**
 * The pipeline of a verification, in this order: parse and checksum, one read by id, the hash in constant time,
 * kind, revoked, disabled, not yet valid, expired, the owner's grants, address, origin, permissions and resource.
 * What comes before the hash tells nothing of a key; what comes after is told only to whoever has the secret.
 */
import { SidekeyError } from '../errors.js'
import { decoyHash, type HashSettings, hashMatches, hashToken, isOutdated, isSlow } from '../key/hash.js'
import { intersect, partition } from '../key/permission.js'
import { readonlyDate } from '../key/readonly-date.js'
import { type ApiKey, type StoredKey, sameOwner, statusOf, toApiKey } from '../key/record.js'
import { ipMatcher, originMatches } from '../key/restriction.js'
import { type ParsedToken, parseToken } from '../key/token.js'
import type { Config } from '../options.js'
import type { Grants } from './owner.js'
import { cutter, givenPatterns } from './patterns.js'
import { isOneOf, permit } from './permit.js'
import {
  checkVerifyRequest,
  REFUSAL_OF_STATUS,
  refused,
  type Verification,
  type VerifyRequest,
} from './verification.js'

/** Where a verification gets its records and the owner's grants. */
export interface VerifierSources {
  readonly config: Config
  /** Reads a record by id. */
  readonly load: (id: string) => Promise<StoredKey | null>
  readonly grants: Grants
  /** Puts a newer hash in place of `from`; runs beside the request. */
  readonly rehash: (id: string, from: string, to: string) => Promise<unknown>
  /** Is told of each key that was accepted, and when (ms). */
  readonly accepted: (keyId: string, at: number) => void
  readonly now: () => number
}

export interface Verifier {
  /** The whole pipeline. Never throws for a bad token. */
  verify(token: unknown, request?: VerifyRequest): Promise<Verification>
  /** The record that a token belongs to, whatever its status; `null` where the secret is wrong. */
  recordOf(token: string): Promise<StoredKey | null>
}

/** What never changes about a record, made once a record. */
interface Prepared {
  readonly apiKey: ApiKey
  readonly ipAllowed: (ip: string) => boolean
  /** What the key was given, cut to `granted`. */
  readonly cutTo: (granted: readonly string[]) => readonly string[]
}

export function createVerifier({ config, load, grants, rehash, accepted, now }: VerifierSources): Verifier {
  const decoys = new Map(
    [...config.kinds.values()].reverse().map(kind => [kind.prefix, decoyHash(kind.hash)]),
  )
  const renewing = new Set<string>()
  const preparedOf = new WeakMap<StoredKey, Prepared>()

  function prepare(key: StoredKey): Prepared {
    let prepared = preparedOf.get(key)
    if (prepared === undefined) {
      prepared = {
        apiKey: toApiKey(key, now()),
        ipAllowed: ipMatcher(key.restrictions.ips),
        cutTo: cutter(givenPatterns(key, config)),
      }
      preparedOf.set(key, prepared)
    }
    return prepared
  }

  /**
   * Compares with every hash that counts, so that the time does not tell which; an unknown id costs one too. Answers
   * at once unless a comparison is slow: each promise costs as much as the hash itself.
   */
  function matching(
    parsed: ParsedToken,
    key: StoredKey | null,
    hashes: readonly string[],
  ): string | null | Promise<string | null> {
    const settings = (key && config.kinds.get(key.kind)?.hash) ?? config.defaultKind.hash
    const compared = hashes.length > 0 ? hashes : [decoys.get(parsed.prefix) ?? decoyHash(settings)]
    const ours = key !== null && key.prefix === parsed.prefix
    const found = (hashes: readonly string[], results: readonly boolean[]) =>
      ours ? (hashes[results.indexOf(true)] ?? null) : null
    // The fast ones first: who has the secret of one does not wait for the slow hash of another.
    const [slow, fast] = partition(compared, isSlow)
    const hash = found(
      fast,
      fast.map(one => hashMatches(parsed, one, settings) === true),
    )
    if (hash !== null || slow.length === 0) return hash
    return Promise.all(slow.map(one => hashMatches(parsed, one, settings))).then(all => found(slow, all))
  }

  async function verifyParsed(parsed: ParsedToken, request: VerifyRequest): Promise<Verification> {
    const at = now()
    const key = await load(parsed.id)
    const matched = matching(parsed, key, key === null ? [] : livingHashes(key, at))
    const hash = matched instanceof Promise ? await matched : matched
    if (key === null || hash === null) return refused('KEY_INVALID')
    const kind = config.kinds.get(key.kind)
    if (kind === undefined || !isOneOf(request.kind, key.kind)) return refused('KEY_INVALID')

    const admitted = admit(key, request, at)
    const verification = admitted instanceof Promise ? await admitted : admitted
    if (!verification.ok) return verification
    accepted(key.id, at)
    if (hash !== key.hash) return { ...verification, tokenEndsAt: endOf(key, hash) }
    if (isOutdated(hash, kind.hash)) void renew(parsed, hash, kind.hash)
    return verification
  }

  /** Puts a hash by today's settings in place of an outdated one, beside the request, once at a time a key. */
  async function renew(parsed: ParsedToken, outdated: string, settings: HashSettings): Promise<void> {
    if (renewing.has(parsed.id)) return
    renewing.add(parsed.id)
    try {
      await rehash(parsed.id, outdated, await hashToken(parsed, settings))
    } catch (error) {
      config.logger.warn(
        { err: error, keyId: parsed.id },
        'a hash could not be renewed; the next use tries again',
      )
    } finally {
      renewing.delete(parsed.id)
    }
  }

  /** All that comes after the hash; at once where neither a parent nor `grants` has to be waited for. */
  function admit(key: StoredKey, request: VerifyRequest, at: number): Verification | Promise<Verification> {
    const status = statusOf(key, at)
    if (status !== 'active') return refused(REFUSAL_OF_STATUS[status])
    if (key.parentId !== null) return admitChild(key, key.parentId, request, at)
    const granted = grants(key.owner, key.organizationId)
    return granted instanceof Promise
      ? granted.then(allowed => admitWithin(key, request, allowed, null))
      : admitWithin(key, request, granted, null)
  }

  async function admitChild(
    key: StoredKey,
    parentId: string,
    request: VerifyRequest,
    at: number,
  ): Promise<Verification> {
    const parent = await admitParent(key, parentId, request, at)
    return parent.ok ? admitWithin(key, request, parent.permissions, parent.resources) : parent
  }

  function admitWithin(
    key: StoredKey,
    request: VerifyRequest,
    allowed: readonly string[] | null,
    within: readonly string[] | null,
  ): Verification {
    if (allowed === null) return refused('OWNER_INACTIVE')
    const prepared = prepare(key)
    const { ips, origins } = key.restrictions
    if (ips.length > 0 && (request.ip === undefined || !prepared.ipAllowed(request.ip)))
      return refused('IP_NOT_ALLOWED')
    if (origins.length > 0 && (request.origin === undefined || !originMatches(origins, request.origin))) {
      return refused('ORIGIN_NOT_ALLOWED')
    }
    const permissions = prepared.cutTo(allowed)
    const resources = narrowed(key.resources, within)
    return permit(
      {
        ok: true,
        apiKey: prepared.apiKey,
        owner: prepared.apiKey.owner,
        permissions,
        resources,
        tokenEndsAt: null,
      },
      request,
    )
  }

  /** The parent, without what the request asks of permissions: those are asked of the child, cut to it. */
  async function admitParent(
    key: StoredKey,
    parentId: string,
    request: VerifyRequest,
    at: number,
  ): Promise<Verification> {
    const parent = await load(parentId)
    const moved = parent?.organizationId !== key.organizationId
    if (parent === null || moved || parent.deleted !== null || !sameOwner(parent.owner, key.owner))
      return refused('KEY_REVOKED')
    const { permissions, resource, ...rest } = request
    return admit(parent, rest, at)
  }

  return {
    async verify(token, request = {}) {
      checkVerifyRequest(request, config.catalogue)
      if (token === undefined || token === null || token === '') return refused('KEY_MISSING')
      const parsed = typeof token === 'string' ? parseToken(token, config.prefixes) : null
      if (parsed === null) return refused('KEY_INVALID')
      try {
        return await verifyParsed(parsed, request)
      } catch (error) {
        if (!(error instanceof SidekeyError))
          config.logger.error({ err: error }, 'a key could not be checked')
        return refused('STORE_UNAVAILABLE')
      }
    },

    async recordOf(token) {
      const parsed = parseToken(token, config.prefixes)
      if (parsed === null) return null
      const key = await load(parsed.id)
      const hashes = key === null ? [] : [key.hash, ...key.previous.map(one => one.hash)]
      return (await matching(parsed, key, hashes)) === null ? null : key
    },
  }
}

/** A key's own resources within its parent's; `null` is all. */
function narrowed(own: readonly string[], parents: readonly string[] | null): readonly string[] | null {
  if (own.length === 0) return parents
  return parents === null ? own : intersect(own, parents)
}

function endOf({ previous }: StoredKey, hash: string): Date | null {
  const until = previous.find(one => one.hash === hash)?.until
  return until === undefined ? null : readonlyDate(until)
}

function livingHashes(key: StoredKey, now: number): string[] {
  return [key.hash, ...key.previous.filter(one => one.until.getTime() > now).map(one => one.hash)]
}
