/** What the promises of a store are tried on. */
import type { AuditEvent } from '../key/audit-event.js'
import type { Owner, StoredKey } from '../key/record.js'
import { newKeyId } from '../key/token.js'
import type { KeptEvent, KeyQuery, Slot, Store } from './store.js'

export const alice: Owner = { type: 'user', id: 'alice' }
export const bob: Owner = { type: 'user', id: 'bob' }
export const EVERYTHING: KeyQuery = {
  statuses: ['active', 'disabled', 'revoked', 'expired', 'scheduled', 'deleted'],
  now: 1_500_000_000_000,
  limit: 100,
}

let claims = 0
export function aSlot(keyId: string): Slot {
  return { keyId, claim: `claim${claims++}`, at: new Date(1_000 + claims), version: claims }
}

/** A key with everything at its plainest; `made` (ms) is in its id, and so says where it sorts. */
export function aKey(fields: Partial<StoredKey> = {}, made = 1): StoredKey {
  return {
    id: newKeyId(made),
    kind: 'secret',
    prefix: 'acme_test',
    name: 'key',
    description: null,
    owner: alice,
    organizationId: null,
    createdBy: null,
    parentId: null,
    imported: null,
    permissions: ['reports:read'],
    roles: [],
    resources: [],
    metadata: {},
    tags: [],
    notBefore: null,
    expiresAt: null,
    idle: null,
    revoked: null,
    restrictions: { ips: [], origins: [] },
    limits: { requests: { points: 600, per: '1m' } },
    credits: null,
    version: 1,
    createdAt: new Date(made),
    updatedAt: new Date(made),
    hash: '$sha256$none',
    previous: [],
    disabled: null,
    deleted: null,
    outbox: [],
    ...fields,
  }
}

/** An event with everything at its plainest; `at` (ms) is in its id, and so says where it sorts. */
export function anEvent(fields: Partial<AuditEvent> = {}, at = 1): AuditEvent {
  return {
    id: newKeyId(at),
    at: new Date(at),
    action: 'update',
    actor: { id: 'alice', via: 'session' },
    keyId: newKeyId(1),
    owner: alice,
    organizationId: null,
    changes: {},
    reason: null,
    refused: null,
    count: 1,
    ip: null,
    userAgent: null,
    requestId: null,
    ...fields,
  }
}

/** An event that the audit keeps for ever. */
export function kept(event: AuditEvent): KeptEvent {
  return { ...event, expireAt: null }
}

export async function insertAll(store: Store, keys: StoredKey[]): Promise<StoredKey[]> {
  for (const key of keys) await store.insert(key)
  return keys
}

export function ids(things: readonly ({ readonly id: string } | undefined)[]): string[] {
  return things.map(thing => thing?.id ?? 'none')
}

/** Without what a store may add to an object (frozenness, a prototype): only what is stored. */
export function plain(value: unknown): unknown {
  return structuredClone(value)
}
