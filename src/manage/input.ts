/** What create, update, list and revoke take, checked: types, sizes, syntax and the catalogue. No I/O. */
import { z } from 'zod'
import type { Config } from '../config.js'
import type { Limits } from '../key/limit.js'
import { covers, isPattern, type PermissionPattern } from '../key/permission.js'
import { KEY_STATUSES, type KeyStatus, type Metadata } from '../key/record.js'
import { isOriginPattern, isRange } from '../key/restriction.js'
import { identifier } from './actor.js'
import { type CreditsInput, type CreditsPatch, creditsInput, creditsPatch } from './credit-input.js'
import { duration, idleTime, keyId, limit, limits, list, ownerInput, point, text, unique } from './fields.js'
import { isMetadata, METADATA_BYTES, metadataFault } from './metadata.js'

/**
 * An id as callers have it; it is kept as text.
 * @inline
 */
type Id = string | number | { toHexString(): string }

/** The owner of a key, as callers write it: `type` is `user` unless told otherwise. */
export interface OwnerInput {
  readonly type?: string
  readonly id: Id
}

/** From where a key may be used. */
export interface RestrictionsInput {
  /** Addresses or CIDR ranges, at most 100. */
  readonly ips?: readonly string[]
  /** Origins, `*.` allowed at the front of the host, at most 100. */
  readonly origins?: readonly string[]
}

interface Editable<P extends string> {
  /** Permissions, or patterns over them; at most 200. */
  readonly permissions?: readonly PermissionPattern<P>[]
  /** Names of roles from the options; at most 50. */
  readonly roles?: readonly string[]
  /** Things that the key is narrowed to (`project:42`); none: all. At most 200. */
  readonly resources?: readonly string[]
  /** JSON of the app's own, at most 8 KiB; no key with `$`, `.` or `__proto__`. */
  readonly metadata?: Metadata
  /** At most 20, of 64 characters each. */
  readonly tags?: readonly string[]
  readonly restrictions?: RestrictionsInput
  /** Limits by name, at most 10; for admins and server code. */
  readonly limits?: Limits
}

/** What `create` takes. */
export interface CreateInput<P extends string = string> extends Editable<P> {
  /** 1 to 100 characters. */
  readonly name: string
  /** Needed from server code; through `as(user)` the user is the default. */
  readonly owner?: OwnerInput
  readonly kind?: string
  /** At most 1000 characters. */
  readonly description?: string
  readonly organizationId?: Id
  /** A duration with a unit (`'90d'`), from now. */
  readonly expiresIn?: string
  /** A point in time, a `Date` or ISO 8601; not with `expiresIn`. */
  readonly expiresAt?: Date | string
  /** Unused for so long, the key ends: a duration with a unit (`'90d'`). Default: the kind's. */
  readonly expiresAfterIdle?: string
  /** A point in time before which the key is not valid. */
  readonly notBefore?: Date | string
  /** Requests cost credits, and are refused where there are none left. For admins and server code. Default: the kind's. */
  readonly credits?: CreditsInput | null
}

/** What `update` takes: the fields to change. `null` empties a field. */
export interface UpdateInput<P extends string = string> extends Editable<P> {
  /** 1 to 100 characters. */
  readonly name?: string
  /** At most 1000 characters. */
  readonly description?: string | null
  /** For admins and server code. */
  readonly organizationId?: Id | null
  /** `false` switches the key off, `true` on again. */
  readonly enabled?: boolean
  /** A duration with a unit (`'90d'`), from now. */
  readonly expiresIn?: string
  /** A point in time, a `Date` or ISO 8601; not with `expiresIn`. `null`: the key does not end. */
  readonly expiresAt?: Date | string | null
  /** Counts anew from now, also for a key that has ended so; `null`: it may go unused for ever. */
  readonly expiresAfterIdle?: string | null
  /** A point in time before which the key is not valid. */
  readonly notBefore?: Date | string | null
  /** `null`: requests cost nothing any more. For admins and server code. */
  readonly credits?: CreditsPatch | null
}

/** What `list` takes. All given filters must hold. */
export interface ListQuery {
  readonly owner?: OwnerInput
  readonly organizationId?: Id
  readonly parentId?: string
  /** One status, or several. Default: all but `deleted`. */
  readonly status?: KeyStatus | readonly KeyStatus[]
  readonly kind?: string
  readonly tag?: string
  /** A part of the name, in any case; at most 100 characters. */
  readonly q?: string
  /** Ends within this time from now, and has not ended in any way yet: a duration with a unit (`'7d'`). */
  readonly expiresWithin?: string
  /** Was made before this time and has not been used since. */
  readonly unusedSince?: Date | string
  /** Through `as(admin)`: everyone's. From server code it is the default. */
  readonly all?: boolean
  /** 1 to 100; default 20. */
  readonly limit?: number
  /** `nextCursor` of the page before. */
  readonly cursor?: string
}

/** What `revokeAll` takes: at least one filter, and none without a value. */
export interface RevokeFilter {
  /** At most 200 ids. */
  readonly ids?: readonly string[]
  readonly owner?: OwnerInput
  readonly organizationId?: Id
  readonly parentId?: string
  readonly kind?: string
  readonly tag?: string
}

export type Inputs = ReturnType<typeof inputSchemas>
export type ParsedCreate = z.output<Inputs['create']>
export type ParsedUpdate = z.output<Inputs['update']>
export type ParsedList = z.output<Inputs['list']>
export type ParsedRevokeFilter = z.output<Inputs['revokeFilter']>

/** The schemas, with the catalogue, roles and kinds of the options in them. */
export function inputSchemas(config: Pick<Config, 'catalogue' | 'roles' | 'kinds'>) {
  const { catalogue } = config
  const permission = z.string('takes a permission such as "reports:read"').superRefine((value, context) => {
    const wrong = (message: string) => context.addIssue({ code: 'custom', message })
    if (!isPattern(value))
      wrong('takes a permission such as "reports:read", or a pattern such as "reports:*"')
    else if (catalogue && ![...catalogue].some(known => covers(value, known)))
      wrong('is not in the catalogue')
  })
  const role = z.string().refine(value => config.roles.has(value), oneOf('a role', [...config.roles.keys()]))
  const kind = z.string().refine(value => config.kinds.has(value), oneOf('a kind', [...config.kinds.keys()]))
  const resource = z
    .string()
    .refine(isPattern, 'takes a thing such as "project:42", or a pattern such as "project:*"')
  const restrictions = z.strictObject({
    ips: list(z.string().refine(isRange, 'takes an address or a CIDR range'), 100).default([]),
    origins: list(
      z.string().refine(isOriginPattern, 'takes an origin such as "https://app.example.com"'),
      100,
    ).default([]),
  })
  const editable = {
    permissions: list(permission, 200).transform(unique).optional(),
    roles: list(role, 50).transform(unique).optional(),
    resources: list(resource, 200).transform(unique).optional(),
    metadata: z
      .custom<Metadata>(isMetadata, {
        error: issue => metadataFault(issue.input) ?? `takes an object of at most ${METADATA_BYTES} bytes`,
      })
      // A copy: what is stored must not be the caller's own object.
      .transform(value => structuredClone(value))
      .optional(),
    tags: list(text(64), 20).transform(unique).optional(),
    restrictions: restrictions.optional(),
    limits: limits.optional(),
    expiresIn: duration.optional(),
  }
  const onlyOneExpiry = (value: { expiresIn?: unknown; expiresAt?: unknown }) =>
    value.expiresIn === undefined || value.expiresAt === undefined
  const bothGiven = { path: ['expiresAt'], message: 'goes alone: give expiresIn or expiresAt' }
  const filters = {
    owner: ownerInput,
    organizationId: identifier,
    parentId: keyId,
    kind: z.string().min(1).max(64),
    tag: text(64),
  }

  return {
    create: z
      .strictObject(
        {
          ...editable,
          name: text(100),
          owner: ownerInput.optional(),
          kind: kind.optional(),
          description: text(1000).optional(),
          organizationId: identifier.optional(),
          expiresAt: point.optional(),
          expiresAfterIdle: idleTime.optional(),
          notBefore: point.optional(),
          credits: creditsInput().nullable().optional(),
        },
        'takes an object',
      )
      .refine(onlyOneExpiry, bothGiven),
    update: z
      .strictObject(
        {
          ...editable,
          name: text(100).optional(),
          description: text(1000).nullable().optional(),
          organizationId: identifier.nullable().optional(),
          enabled: z.boolean('takes true or false').optional(),
          expiresAt: point.nullable().optional(),
          expiresAfterIdle: idleTime.nullable().optional(),
          notBefore: point.nullable().optional(),
          credits: creditsPatch().nullable().optional(),
        },
        'takes an object',
      )
      .refine(onlyOneExpiry, bothGiven),
    list: z.strictObject(
      {
        owner: filters.owner.optional(),
        organizationId: filters.organizationId.optional(),
        parentId: filters.parentId.optional(),
        kind: filters.kind.optional(),
        tag: filters.tag.optional(),
        q: text(100).optional(),
        expiresWithin: duration.optional(),
        unusedSince: point.optional(),
        status: z
          .union(
            [z.enum(KEY_STATUSES), z.array(z.enum(KEY_STATUSES)).min(1)],
            oneOf('a status', KEY_STATUSES),
          )
          .transform(value => [value].flat())
          .optional(),
        all: z.boolean('takes true or false').optional(),
        limit,
        cursor: z.string('takes the nextCursor of the page before').max(200).optional(),
      },
      'takes an object',
    ),
    // A filter that is there without a value (undefined, null) is refused: it must never widen to "all".
    revokeFilter: z
      .strictObject(
        {
          ids: list(keyId, 200).min(1, 'takes at least one id').transform(unique).exactOptional(),
          owner: filters.owner.exactOptional(),
          organizationId: filters.organizationId.exactOptional(),
          parentId: filters.parentId.exactOptional(),
          kind: filters.kind.exactOptional(),
          tag: filters.tag.exactOptional(),
        },
        'takes a filter',
      )
      .refine(
        filter => Object.keys(filter).length > 0,
        'takes at least one of ids, owner, organizationId, parentId, kind, tag',
      ),
  }
}

function oneOf(what: string, names: readonly string[]): string {
  return names.length === 0
    ? `there is no ${what.replace(/^an? /, '')} in the options`
    : `takes ${what}: ${names.join(', ')}`
}
