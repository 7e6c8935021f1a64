/** The bodies that operations check themselves, as the document tells them: without the catalogue of any one app. */
import { z } from 'zod'
import { creditChange } from '../manage/credit-input.js'
import { ownerInput } from '../manage/fields.js'
import { inputSchemas } from '../manage/input-schemas.js'
import { type Told, told } from './documented.js'

/** The schemas read no more of the options than this. */
const NO_CATALOGUE = { catalogue: null, roles: new Map(), kinds: new Map() }
const INPUTS = inputSchemas(NO_CATALOGUE)

type Fields<S extends z.ZodObject> = { readonly [K in keyof S['shape']]: Told }

const EDITABLE = {
  permissions: {
    description: 'Permissions, or patterns over them; at most 200.',
    examples: [['reports:read', 'exports:*']],
  },
  roles: { description: 'Names of roles; at most 50.' },
  resources: {
    description: 'Things that the key is narrowed to, or patterns; at most 200. Empty: all.',
    examples: [['project:42']],
  },
  metadata: {
    type: 'object',
    additionalProperties: true,
    description:
      'An object, at most 8 KiB as JSON and 8 levels. No key in it is empty, begins with `$`, has a dot or a NUL, ' +
      'or is `__proto__`, `constructor`, `prototype` or `_bsontype`.',
  },
  tags: { description: 'At most 20, of 1 to 64 characters.' },
  restrictions: {
    description:
      'Addresses or CIDR ranges, and origins that the key may be used from; at most 100 each. Empty: any.',
    examples: [{ ips: ['10.0.0.0/8'], origins: ['https://*.example.com'] }],
  },
  limits: {
    description:
      'For admins. Limits by name, at most 10: `points` a window, a duration from 1s to 24d, shared `by` the key (default), its ' +
      "owner's keys, or its organisation's.",
    examples: [{ requests: { points: 600, per: '1m' } }],
  },
  expiresIn: {
    description:
      "A duration from now, in small letters (`90d`, `12h`, `30 minutes`). Not with `expiresAt`. Default: the kind's.",
  },
} satisfies Record<string, Told>
const ONE_END = { not: { required: ['expiresIn', 'expiresAt'] } }

export const createBody = withFields(
  INPUTS.create,
  {
    ...EDITABLE,
    name: {
      description:
        '1 to 100 characters, none of which is a control character or turns the direction of text.',
    },
    owner: { description: '`type` is `user` if left out. Default: who asks.' },
    kind: { description: "A kind of the app's. Default: the first; by key: that key's." },
    description: {
      description: '1 to 1000 characters, as of `name`: line breaks are control characters.',
    },
    organizationId: { description: "An organisation of the actor's, in whose context the key is used." },
    expiresAt: { description: 'A time to come. Not with `expiresIn`.' },
    expiresAfterIdle: {
      description:
        "Unused for so long, the key ends: a duration from 1m to 10y (`90d`). Default: the kind's.",
    },
    notBefore: { description: 'A time before which the key is not valid; before its end.' },
    credits: {
      description: "For admins. Default: the kind's; by key: none. `null`: requests cost nothing.",
      examples: [{ balance: 1000, refill: { amount: 1000, every: 'month', max: 2000 } }],
    },
  },
  { id: 'CreateKey', description: 'A key to be made.', ...ONE_END },
)

export const updateBody = withFields(
  INPUTS.update,
  {
    ...EDITABLE,
    expiresIn: { description: 'A duration from now. Not with `expiresAt`.' },
    name: {
      description:
        '1 to 100 characters, none of which is a control character or turns the direction of text.',
    },
    description: { description: '1 to 1000 characters, as of `name`; `null` empties it.' },
    organizationId: { description: 'For admins. `null` empties it.' },
    enabled: { description: '`false` switches the key off, `true` on again.' },
    expiresAt: { description: 'A time to come; `null`: never. Not with `expiresIn`.' },
    expiresAfterIdle: {
      description:
        'Unused for so long from now, the key ends, also one that has ended so: a duration from 1m to 10y; `null`: never.',
    },
    notBefore: { description: 'A time before the end; `null`: at once.' },
    credits: {
      description:
        'For admins. The balance is changed by `POST /:id/credits`. `null`: requests cost nothing any more.',
      examples: [{ refill: { amount: 50, every: 'day', max: 50 } }],
    },
  },
  {
    id: 'UpdateKey',
    description: 'The fields to change. A list or an object replaces the one that is there.',
    ...ONE_END,
  },
)

export const creditsBody = withFields(
  creditChange,
  {
    add: { description: 'So many more, 1 to 1e12.' },
    set: { description: 'So many, 0 to 1e12, whatever the balance was.' },
    refund: { description: 'So many back, 1 to 1e12, once for each `ref`.' },
    ref: { description: 'Goes with `refund`: what it is known by, 1 to 200 characters.' },
    reason: { description: 'Why; up to 500 characters.' },
  },
  {
    id: 'ChangeCredits',
    description: 'One of `add`, `set` and `refund`.',
    oneOf: [{ required: ['add'] }, { required: ['set'] }, { required: ['refund', 'ref'] }],
    dependentRequired: { ref: ['refund'] },
  },
)

export const transferBody = z.strictObject({ owner: ownerInput })

/** Tells of each field of a schema, and of the whole. */
function withFields<S extends z.ZodObject>(schema: S, fields: Fields<S>, whole: Told): S {
  for (const [name, facts] of Object.entries<Told>(fields)) {
    const field = schema.shape[name]
    if (field instanceof z.ZodType) told(field, facts)
  }
  return told(schema, whole)
}
