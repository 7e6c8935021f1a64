/**
 * What create, update, list and revoke take, checked: types, sizes, syntax and the catalogue. No I/O. Schemas are made when they are
 * first asked for: made with the module, they were a fifth of its time to load, and an app that only verifies needs none.
 */
import { z } from 'zod'
import type { Config } from '../config.js'
import { covers, isPattern } from '../key/permission.js'
import { KEY_STATUSES, type Metadata } from '../key/record.js'
import { isOriginPattern, isRange } from '../key/restriction.js'
import { once } from '../once.js'
import { identifier } from './actor.js'
import { creditsInput, creditsPatch } from './credit-input.js'
import { duration, idleTime, keyId, limit, limits, list, ownerInput, point, text, unique } from './fields.js'
import { isMetadata, METADATA_BYTES, metadataFault } from './metadata.js'

export type Inputs = ReturnType<typeof inputSchemas>
export type ParsedCreate = z.output<Inputs['create']>
export type ParsedUpdate = z.output<Inputs['update']>
export type ParsedList = z.output<ReturnType<typeof listQuery>>
export type ParsedRevokeFilter = z.output<ReturnType<typeof revokeFilter>>

const filters = once(() => ({
  owner: ownerInput,
  organizationId: identifier,
  parentId: keyId,
  kind: z.string().min(1).max(64),
  tag: text(64),
}))

export const listQuery = once(() =>
  z.strictObject(
    {
      owner: filters().owner.optional(),
      organizationId: filters().organizationId.optional(),
      parentId: filters().parentId.optional(),
      kind: filters().kind.optional(),
      tag: filters().tag.optional(),
      q: text(100).optional(),
      expiresWithin: duration.optional(),
      unusedSince: point.optional(),
      status: z
        .union([z.enum(KEY_STATUSES), z.array(z.enum(KEY_STATUSES)).min(1)], oneOf('a status', KEY_STATUSES))
        .transform(value => [value].flat())
        .optional(),
      all: z.boolean('takes true or false').optional(),
      limit,
      cursor: z.string('takes the nextCursor of the page before').max(200).optional(),
    },
    'takes an object',
  ),
)

/** A filter that is there without a value (undefined, null) is refused: it must never widen to "all". */
export const revokeFilter = once(() =>
  z
    .strictObject(
      {
        ids: list(keyId, 200).min(1, 'takes at least one id').transform(unique).exactOptional(),
        owner: filters().owner.exactOptional(),
        organizationId: filters().organizationId.exactOptional(),
        parentId: filters().parentId.exactOptional(),
        kind: filters().kind.exactOptional(),
        tag: filters().tag.exactOptional(),
      },
      'takes a filter',
    )
    .refine(
      filter => Object.keys(filter).length > 0,
      'takes at least one of ids, owner, organizationId, parentId, kind, tag',
    ),
)

/** Of new records and of changes alike. */
const editable = once(() => ({
  resources: list(
    z.string().refine(isPattern, 'takes a thing such as "project:42", or a pattern such as "project:*"'),
    200,
  )
    .transform(unique)
    .optional(),
  metadata: z
    .custom<Metadata>(isMetadata, {
      error: issue => metadataFault(issue.input) ?? `takes an object of at most ${METADATA_BYTES} bytes`,
    })
    // A copy: what is stored must not be the caller's own object.
    .transform(value => structuredClone(value))
    .optional(),
  tags: list(text(64), 20).transform(unique).optional(),
  restrictions: z
    .strictObject({
      ips: list(z.string().refine(isRange, 'takes an address or a CIDR range'), 100).default([]),
      origins: list(
        z.string().refine(isOriginPattern, 'takes an origin such as "https://app.example.com"'),
        100,
      ).default([]),
    })
    .optional(),
  limits: limits.optional(),
}))

const creatable = once(() => ({
  ...editable(),
  expiresIn: duration.optional(),
  name: text(100),
  owner: ownerInput.optional(),
  description: text(1000).optional(),
  organizationId: identifier.optional(),
  expiresAt: point.optional(),
  expiresAfterIdle: idleTime.optional(),
  notBefore: point.optional(),
  credits: creditsInput().nullable().optional(),
}))

const changeable = once(() => ({
  ...editable(),
  expiresIn: duration.optional(),
  name: text(100).optional(),
  description: text(1000).nullable().optional(),
  organizationId: identifier.nullable().optional(),
  enabled: z.boolean('takes true or false').optional(),
  expiresAt: point.nullable().optional(),
  expiresAfterIdle: idleTime.nullable().optional(),
  notBefore: point.nullable().optional(),
  credits: creditsPatch().nullable().optional(),
}))

const onlyOneExpiry = (value: { expiresIn?: unknown; expiresAt?: unknown }) =>
  value.expiresIn === undefined || value.expiresAt === undefined
const bothGiven = { path: ['expiresAt'], message: 'goes alone: give expiresIn or expiresAt' }

/** What the schemas of records read of the options. */
type Catalogues = Pick<Config, 'catalogue' | 'roles' | 'kinds'>

/** The schemas of records, with the catalogue, roles and kinds of the options in them. */
export function inputSchemas(config: Catalogues) {
  const create = once(() =>
    z
      .strictObject({ ...named(config), kind: kindOf(config), ...creatable() }, 'takes an object')
      .refine(onlyOneExpiry, bothGiven),
  )
  const update = once(() =>
    z.strictObject({ ...named(config), ...changeable() }, 'takes an object').refine(onlyOneExpiry, bothGiven),
  )
  return {
    get create() {
      return create()
    },
    get update() {
      return update()
    },
  }
}

/** What the options name. */
function named({ catalogue, roles }: Catalogues) {
  const permission = z.string('takes a permission such as "reports:read"').superRefine((value, context) => {
    const wrong = (message: string) => context.addIssue({ code: 'custom', message })
    if (!isPattern(value))
      wrong('takes a permission such as "reports:read", or a pattern such as "reports:*"')
    else if (catalogue && ![...catalogue].some(known => covers(value, known)))
      wrong('is not in the catalogue')
  })
  const role = z.string().refine(value => roles.has(value), oneOf('a role', [...roles.keys()]))
  return {
    permissions: list(permission, 200).transform(unique).optional(),
    roles: list(role, 50).transform(unique).optional(),
  }
}

function kindOf({ kinds }: Catalogues) {
  return z
    .string()
    .refine(value => kinds.has(value), oneOf('a kind', [...kinds.keys()]))
    .optional()
}

function oneOf(what: string, names: readonly string[]): string {
  return names.length === 0
    ? `there is no ${what.replace(/^an? /, '')} in the options`
    : `takes ${what}: ${names.join(', ')}`
}
