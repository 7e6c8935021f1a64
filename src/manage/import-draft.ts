/** Makes of an import record the key that is to be, and the name that leads to it. No I/O. */

import type { Config, Kind } from '../config.js'
import { type FieldError, invalidInput } from '../errors.js'
import { digestHash } from '../key/foreign-hash.js'
import {
  aliasOfHash,
  aliasOfId,
  type ForeignShape,
  fingerprintOf,
  parseAs,
  parseForeign,
} from '../key/foreign-token.js'
import { idleFrom } from '../key/idle.js'
import { readHash } from '../key/imported-hash.js'
import { NO_LIMITS } from '../key/limit.js'
import type { StoredKey } from '../key/record.js'
import { UNRESTRICTED } from '../key/restriction.js'
import { newKeyId } from '../key/token.js'
import type { Alias } from '../store/store.js'
import { organizationOf } from './create.js'
import type { ParsedImport } from './import-input.js'
import { idleFaults, kindFaults, refuseFaults, timeFaults } from './rules.js'

/** A record that may be imported. */
export interface Wanted {
  readonly input: ParsedImport
  /** As a new key. */
  readonly draft: StoredKey
  /** Of the credits that it begins with. */
  readonly balance: number
  readonly alias: Alias
}

/** Clocks of other machines may be ahead. */
const AHEAD_MS = 5 * 60_000
const BY_IMPORT = 'revoked before it was imported'

/** @throws SidekeyError `INVALID_INPUT`, without the token or the hash in it. */
export function wantedOf(config: Config, input: ParsedImport, now: number): Wanted {
  const shape = config.imported.find(({ source }) => source === input.source)
  if (shape === undefined)
    throw fault('source', `takes an entry of the option imported: ${namesOf(config) || 'there is none'}`)
  const readAs =
    input.token === undefined ? undefined : parseForeign(input.token, config.imported)?.shape.source
  if (readAs !== undefined && readAs !== shape.source)
    throw fault('token', `is read as one of ${readAs}, which comes before in the option imported`)
  const kind = config.kinds.get(input.kind ?? '') ?? config.defaultKind
  const createdAt = input.createdAt ?? new Date(now)
  if (createdAt.getTime() > now + AHEAD_MS) throw fault('createdAt', 'must not be in the future')
  if (createdAt.getTime() < 0) throw fault('createdAt', 'must not be before 1970')
  const name = nameOf(shape, input)
  const draft = draftOf(input, kind, { ...name, createdAt, start: startOf(shape, input, name.id), now })
  refuseFaults([
    ...endFaults(draft, kind, now),
    ...idleFaults(draft, kind),
    ...kindFaults(draft, kind, config),
  ])
  return {
    input,
    draft,
    balance: (input.credits === undefined ? kind.credits : input.credits)?.balance ?? 0,
    alias: {
      id: name.alias,
      keyId: draft.id,
      digest: fingerprintOf(name.hash),
      at: new Date(now),
      expireAt: null,
    },
  }
}

function namesOf({ imported }: Config): string {
  return imported.map(({ source }) => source).join(', ')
}

/** The hash that is kept, by what the other system knows the key, and the id of the alias by which its token is found. */
interface Name {
  readonly hash: string
  readonly id: string | null
  readonly alias: string
}

function nameOf(shape: ForeignShape, input: ParsedImport): Name {
  const hash = input.token === undefined ? hashOf(shape, input) : hashOfToken(shape, input, input.token)
  if (shape.separator !== null) {
    const id = idPartOf(shape, input)
    return { hash, id, alias: aliasOfId(shape.source, id) }
  }
  if (!hash.startsWith(`$${shape.hash}$`))
    throw fault('hash', `takes ${shape.hash}: by it the tokens of this source are found`)
  return { hash, id: input.id ?? null, alias: aliasOfHash(hash) }
}

function hashOf({ covers }: ForeignShape, { hash = '' }: ParsedImport): string {
  const read = readHash(hash, covers)
  if ('fault' in read) throw fault('hash', read.fault)
  return read.hash
}

/** Of the whole token where nothing has to be found by it: that is the hash that new keys get. */
function hashOfToken(shape: ForeignShape, { id }: ParsedImport, token: string): string {
  const parsed = parseAs(token, shape)
  if (parsed === null) throw fault('token', 'has not the shape that the option imported has for this source')
  if (parsed.idPart === null) {
    const algorithm = shape.hash === 'sha512' ? 'sha512' : 'sha256'
    return digestHash(algorithm, shape.covers === 'token' ? token : parsed.secret, shape.covers)
  }
  if (id !== undefined && id !== parsed.idPart) throw fault('id', 'is not that of the token')
  return digestHash('sha256', token, 'token')
}

function idPartOf(shape: ForeignShape, { id, token }: ParsedImport): string {
  const idPart = token === undefined ? id : parseAs(token, shape)?.idPart
  if (idPart === undefined || idPart === null)
    throw fault('id', 'must be given: tokens of this source are found by it')
  if (idPart.includes(shape.separator ?? '')) throw fault('id', 'must not have the separator in it')
  if (!idPart.startsWith(shape.prefix)) throw fault('id', 'must begin with the prefix of this source')
  return idPart
}

function startOf(
  { prefix, separator }: ForeignShape,
  { start, token }: ParsedImport,
  id: string | null,
): string | null {
  if (start !== undefined) {
    if (token !== undefined && start.length > token.length / 2)
      throw fault('start', 'is too much of the token')
    return start
  }
  if (separator !== null) return `${id}${separator}`
  return prefix === '' ? null : prefix
}

interface Made extends Name {
  readonly start: string | null
  readonly createdAt: Date
  readonly now: number
}

function draftOf(
  input: ParsedImport,
  kind: Kind,
  { hash, id, alias, start, createdAt, now }: Made,
): StoredKey {
  const { owner, source } = input
  const unused = input.expiresAfterIdle ?? kind.expiresAfterIdle
  const credits = input.credits === undefined ? kind.credits : input.credits
  const untilKindEnds = kind.expiresIn === null ? null : new Date(now + kind.expiresIn)
  return {
    id: newKeyId(createdAt.getTime()),
    kind: kind.name,
    prefix: kind.prefix,
    name: input.name ?? (id === null ? source : `${source} ${id}`.slice(0, 100)),
    description: input.description ?? null,
    owner,
    organizationId: organizationOf(owner, input.organizationId ?? null),
    createdBy: null,
    parentId: null,
    imported: { source, id, start, alias },
    permissions: input.permissions ?? [],
    roles: input.roles ?? [],
    resources: input.resources ?? [],
    metadata: input.metadata ?? {},
    tags: input.tags ?? [],
    notBefore: input.notBefore ?? null,
    expiresAt: input.expiresAt ?? untilKindEnds,
    idle: unused === null ? null : idleFrom(unused, now),
    revoked: input.revoked ? { at: new Date(now), by: null, reason: BY_IMPORT } : null,
    restrictions: input.restrictions ?? UNRESTRICTED,
    limits: input.limits ?? NO_LIMITS,
    credits: credits && { refill: credits.refill, since: new Date(now) },
    version: 1,
    createdAt,
    updatedAt: new Date(now),
    hash,
    previous: [],
    disabled: input.enabled === false ? { at: new Date(now), by: null, rank: 'admin' } : null,
    deleted: null,
    outbox: [],
  }
}

/** What has ended already may be imported: it is told apart from a token that nobody knows. */
function endFaults(draft: StoredKey, kind: Kind, now: number): FieldError[] {
  const hasEnded = draft.expiresAt !== null && draft.expiresAt.getTime() <= now
  return hasEnded ? [] : timeFaults(draft, kind, now)
}

function fault(path: string, message: string) {
  return invalidInput([{ path, message }])
}
