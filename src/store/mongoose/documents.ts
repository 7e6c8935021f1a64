/** How a record is written as a document, and read back. */
import { NO_LIMITS } from '../../key/limit.js'
import { deepFreeze, type Owner, type StoredKey, type SwitchedOff } from '../../key/record.js'

/** Where a key stands by management alone, kept for the index: what time adds is told from the dates. */
export type State = 'live' | 'disabled' | 'revoked' | 'deleted'

export interface KeyDocument extends Omit<StoredKey, 'id' | 'owner'> {
  readonly _id: string
  /** `type:id`; a type has no colon, so the first one parts them. */
  readonly owner: string
  readonly state: State
}

export function toDocument({ id, owner, ...rest }: StoredKey): KeyDocument {
  return { _id: id, owner: ownerKey(owner), state: stateOf(rest), ...rest }
}

/** Reads a document with defaults for fields that an earlier version did not write. */
function fromDocument(document: KeyDocument): StoredKey {
  return {
    id: document._id,
    kind: document.kind,
    prefix: document.prefix,
    name: document.name,
    description: document.description ?? null,
    owner: ownerOf(document.owner),
    organizationId: document.organizationId ?? null,
    createdBy: document.createdBy ?? null,
    parentId: document.parentId ?? null,
    imported: document.imported ?? null,
    permissions: document.permissions ?? [],
    roles: document.roles ?? [],
    resources: document.resources ?? [],
    metadata: document.metadata ?? {},
    tags: document.tags ?? [],
    notBefore: document.notBefore ?? null,
    expiresAt: document.expiresAt ?? null,
    idle: document.idle ?? null,
    revoked: document.revoked ?? null,
    restrictions: document.restrictions ?? { ips: [], origins: [] },
    limits: document.limits ?? NO_LIMITS,
    credits: document.credits ?? null,
    version: document.version,
    createdAt: document.createdAt,
    updatedAt: document.updatedAt,
    hash: document.hash,
    previous: document.previous ?? [],
    disabled: document.disabled ?? null,
    deleted: document.deleted ?? null,
    outbox: document.outbox ?? [],
  }
}

/** A document as a record, which nobody can change. */
export function readKey(document: KeyDocument): StoredKey {
  return deepFreeze(fromDocument(document))
}

function stateOf(key: {
  deleted: SwitchedOff | null
  revoked: unknown
  disabled: SwitchedOff | null
}): State {
  if (key.deleted !== null) return 'deleted'
  if (key.revoked !== null) return 'revoked'
  return key.disabled === null ? 'live' : 'disabled'
}

/** An owner as one string, so that one index serves both of its parts. */
export function ownerKey(owner: Owner): string {
  return `${owner.type}:${owner.id}`
}

/** The owner that a string stands for. */
export function ownerOf(key: string): Owner {
  const colon = key.indexOf(':')
  return { type: key.slice(0, colon), id: key.slice(colon + 1) }
}

export function oneOf<T>(values: readonly T[]): T | { $in: readonly T[] } | undefined {
  return values.length === 1 ? values[0] : { $in: values }
}

/** Sorts after every base62 digit, and so after every id. */
export const BEYOND_ALL_IDS = '~'
