/** Mappings for systems whose tables are known. */
import type { Mapping } from './mapping.js'

/**
 * Laravel Sanctum's `personal_access_tokens`, as CSV or JSON. Tokens are `id|secret`, hashed by SHA-256 of what follows the bar:
 * `{ source: 'sanctum', separator: '|', covers: 'secret' }`.
 */
const SANCTUM: Mapping = {
  columns: {
    id: 'id',
    hash: { column: 'token', algorithm: 'sha256' },
    name: 'name',
    owner: {
      column: 'tokenable_id',
      typeColumn: 'tokenable_type',
      types: {
        'App\\Models\\User': 'user',
        'App\\User': 'user',
        'App\\Models\\Team': 'organization',
        'App\\Models\\Organization': 'organization',
      },
    },
    permissions: 'abilities',
    expiresAt: 'expires_at',
    createdAt: 'created_at',
    lastUsedAt: 'last_used_at',
  },
}

/**
 * The table of djangorestframework-api-key, as CSV, or as `dumpdata` writes it. Tokens are `prefix.secret`, hashed as a whole:
 * `{ source: 'drf', separator: '.', length: 41, hash: 'sha512' }`. Its keys have no owner: give one by `defaults`.
 */
const DRF: Mapping = {
  columns: {
    id: ['prefix', 'fields.prefix'],
    hash: ['hashed_key', 'fields.hashed_key'],
    name: ['name', 'fields.name'],
    revoked: ['revoked', 'fields.revoked'],
    expiresAt: ['expiry_date', 'fields.expiry_date'],
    createdAt: ['created', 'fields.created'],
  },
}

/**
 * Keys as Unkey's `apis.listKeys` answers them (`jq -c '.data[]'`), with `decrypt: true` for those that are recoverable, or with
 * the column `hash` of a database of your own.
 */
const UNKEY: Mapping = {
  format: 'json',
  columns: {
    id: ['keyId', 'id'],
    token: 'plaintext',
    hash: { column: 'hash', algorithm: 'sha256' },
    start: 'start',
    name: 'name',
    owner: ['identity.externalId', 'externalId'],
    permissions: { column: 'permissions', segmentsBy: '.' },
    metadata: 'meta',
    enabled: 'enabled',
    expiresAt: 'expires',
    createdAt: 'createdAt',
    lastUsedAt: 'lastUsedAt',
    limits: { each: 'ratelimits', name: 'name', points: 'limit', perMs: 'duration' },
    credits: {
      balance: 'credits.remaining',
      refill: {
        amount: 'credits.refill.amount',
        every: { column: 'credits.refill.interval', rename: { daily: 'day', monthly: 'month' } },
        max: 'credits.refill.amount',
      },
    },
  },
}

export const READY: Readonly<Record<string, Mapping>> = { sanctum: SANCTUM, drf: DRF, unkey: UNKEY }
