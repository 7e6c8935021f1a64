/** What is typed into the form of a key, and what the API takes for it. Pure. */
import type { ApiKey, CreateInput, KeyConfig, KindConfig, UpdateInput } from '../src/client/index.js'
import { type Expiry, endOf, expiryInput, usualExpiry } from './expiry.js'

/** What the form holds. Lists are text, one a line. */
export interface KeyDraft {
  readonly name: string
  readonly description: string
  readonly kind: string
  /** The organisation that the key will belong to; empty: the viewer. */
  readonly owner: string
  /** In whose context the key is used; empty: in none. */
  readonly organizationId: string
  readonly permissions: readonly string[]
  /** Permissions that are typed, for an app without a catalogue. */
  readonly otherPermissions: string
  readonly roles: readonly string[]
  readonly expiry: Expiry
  readonly ips: string
  readonly origins: string
  readonly resources: string
  readonly tags: string
}

/** The fields whose faults stand beside them, by the paths of the API. */
export const FORM_PATHS = [
  'name',
  'description',
  'kind',
  'owner',
  'organizationId',
  'permissions',
  'roles',
  'expiresIn',
  'expiresAt',
  'restrictions.ips',
  'restrictions.origins',
  'resources',
  'tags',
] as const
export type FormPath = (typeof FORM_PATHS)[number]

/** An empty form, for a key of the first kind. */
export function emptyDraft({ kinds }: Pick<KeyConfig, 'kinds'>): KeyDraft {
  const [kind] = kinds
  return {
    name: '',
    description: '',
    kind: kind?.name ?? '',
    owner: '',
    organizationId: '',
    permissions: [],
    otherPermissions: '',
    roles: [],
    expiry: usualExpiry(kind ?? { expiresIn: null, maxExpiresIn: null }),
    ips: '',
    origins: '',
    resources: '',
    tags: '',
  }
}

/** The form of a key that is there. */
export function draftOf(key: ApiKey): KeyDraft {
  return {
    name: key.name,
    description: key.description ?? '',
    kind: key.kind,
    owner: '',
    organizationId: key.organizationId ?? '',
    permissions: key.permissions,
    otherPermissions: '',
    roles: key.roles,
    expiry: { at: 'keep' },
    ips: key.restrictions.ips.join('\n'),
    origins: key.restrictions.origins.join('\n'),
    resources: key.resources.join('\n'),
    tags: key.tags.join('\n'),
  }
}

/** The lines of a text, each once; a comma parts them too. */
export function linesOf(text: string): string[] {
  const lines = text.split(/[\n,]/).map(line => line.trim())
  return [...new Set(lines.filter(line => line !== ''))]
}

/** The fields that something is missing in, before anything is sent. */
export function missingIn(draft: KeyDraft, kind: KindConfig | undefined, now: number): FormPath[] {
  const end = endOf(draft.expiry, now)
  const needs = (rule: 'ips' | 'origins') => kind?.requiredRestrictions.includes(rule) ?? false
  return [
    ...(draft.name.trim() === '' ? (['name'] as const) : []),
    ...(draft.expiry.at === 'day' && (end === null || end.getTime() <= now) ? (['expiresAt'] as const) : []),
    ...(needs('ips') && linesOf(draft.ips).length === 0 ? (['restrictions.ips'] as const) : []),
    ...(needs('origins') && linesOf(draft.origins).length === 0 ? (['restrictions.origins'] as const) : []),
  ]
}

/** What `create` takes. What is empty is left out, so that the server's own defaults count. */
export function createInputOf(draft: KeyDraft): CreateInput {
  const { name, description, kind, owner, organizationId, roles, expiry } = draft
  return {
    name: name.trim(),
    ...(kind !== '' && { kind }),
    ...(description.trim() !== '' && { description: oneLine(description) }),
    ...(owner !== '' && { owner: { type: 'organization', id: owner } }),
    ...((owner || organizationId) !== '' && { organizationId: owner || organizationId }),
    permissions: permissionsOf(draft) as CreateInput['permissions'] & object, // checked by the server, against the catalogue
    ...(roles.length > 0 && { roles }),
    ...listsOf(draft),
    ...(expiry.at === 'never' ? {} : expiryInput(expiry)),
  }
}

/** What `update` takes: what is another than it was. */
export function updateInputOf(key: ApiKey, draft: KeyDraft): UpdateInput {
  const before = draftOf(key)
  const lists = listsOf(draft)
  const changed = (name: keyof KeyDraft) => String(draft[name]) !== String(before[name])
  return {
    ...(draft.name.trim() !== key.name && { name: draft.name.trim() }),
    ...(changed('description') && { description: oneLine(draft.description) || null }),
    ...((changed('permissions') || draft.otherPermissions !== '') && {
      permissions: permissionsOf(draft) as UpdateInput['permissions'] & object, // likewise
    }),
    ...(changed('roles') && { roles: draft.roles }),
    ...((changed('ips') || changed('origins')) && { restrictions: lists.restrictions }),
    ...(changed('resources') && { resources: lists.resources }),
    ...(changed('tags') && { tags: lists.tags }),
    ...expiryInput(draft.expiry),
  }
}

function permissionsOf({ permissions, otherPermissions }: KeyDraft): string[] {
  return [...new Set([...permissions, ...linesOf(otherPermissions)])]
}

function listsOf({ ips, origins, resources, tags }: KeyDraft) {
  return {
    restrictions: { ips: linesOf(ips), origins: linesOf(origins) },
    resources: linesOf(resources),
    tags: linesOf(tags),
  }
}

/** A description has no line breaks. */
function oneLine(text: string): string {
  const lines = text.split('\n').map(line => line.trim())
  return lines.filter(line => line !== '').join(' ')
}
