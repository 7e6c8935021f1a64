/** What `keys.import` takes, checked. No I/O. */
import { z } from 'zod'
import { LEAST_SECRET, MOST_ID_PART, MOST_TOKEN } from '../key/foreign-token.js'
import { type NamedHash, TAKES_HASH } from '../key/imported-hash.js'
import { once } from '../once.js'
import { point, text } from './fields.js'
import type { CreateInput } from './input.js'
import type { Inputs } from './input-schemas.js'

/**
 * A key that another system has made: `source`, by what its token is known (`token` or `hash`), and what `create` takes. What is
 * left out is as with `create`, or with `existing: 'overwrite'` as it is.
 */
export interface ImportRecord<P extends string = string>
  extends Omit<CreateInput<P>, 'name' | 'owner' | 'expiresIn'>,
    Required<Pick<CreateInput<P>, 'owner'>> {
  /** The name of an entry of the option `imported`. */
  readonly source: string
  /** By what the other system knows the key; with a `separator` what stands before it in the token, and a must. */
  readonly id?: string
  /** The token itself, of which only a hash is kept. This or `hash`. */
  readonly token?: string
  /** A hash that says how it was made (`$2b$…`, `$pbkdf2-sha256$…`, as Django writes it), or a digest in hex or base64. */
  readonly hash?: string | NamedHash
  /** The beginning of the token, to know it by: at most 32 characters. */
  readonly start?: string
  /** Default: the source, and the id there. */
  readonly name?: string
  /** Default: `true`. */
  readonly enabled?: boolean
  /** It was ended for good. Default: `false`. */
  readonly revoked?: boolean
  readonly createdAt?: Date | string
  readonly lastUsedAt?: Date | string
}

export type ParsedImport = z.output<ReturnType<typeof importSchema>>

/** The options of `keys.import`. */
export interface ImportOptions {
  /**
   * What becomes of a key that has been imported before. `overwrite`: what the record says replaces what is here, but nothing is
   * switched on, restored or un-revoked, and neither the token, the kind nor the credits change. Default: `skip`.
   */
  readonly existing?: 'skip' | 'overwrite'
  /**
   * Checks and counts, and writes nothing. What an `overwrite` would do to how many keys an owner has is not looked at, and of several
   * records of one key that is not here yet the first counts. Default: `false`.
   */
  readonly dryRun?: boolean
}

export const importOptions = z.strictObject(
  {
    existing: z.enum(['skip', 'overwrite'], 'takes skip or overwrite').default('skip'),
    dryRun: z.boolean('takes true or false').default(false),
  },
  'takes { existing, dryRun }',
)

const MOST_START = 32
const visible = (most: number) =>
  z
    .string(`takes 1 to ${most} visible characters of ASCII`)
    .regex(new RegExp(`^[!-~]{1,${most}}$`), `takes 1 to ${most} visible characters of ASCII`)

/** What a record has besides, or instead of, what `create` takes. */
const imported = once(() => ({
  source: z.string('takes the name of a source'),
  id: visible(MOST_ID_PART).optional(),
  token: visible(MOST_TOKEN).min(LEAST_SECRET, `takes at least ${LEAST_SECRET} characters`).optional(),
  hash: z
    .union(
      [
        z.string().max(1024),
        z.strictObject({ algorithm: z.enum(['sha256', 'sha512']), value: z.string().max(256) }),
      ],
      TAKES_HASH,
    )
    .optional(),
  start: visible(MOST_START).optional(),
  name: text(100).optional(),
  enabled: z.boolean('takes true or false').optional(),
  revoked: z.boolean('takes true or false').optional(),
  createdAt: point.optional(),
  lastUsedAt: point.optional(),
}))

export function importSchema({ create }: Inputs) {
  const { expiresIn, name, owner, ...shared } = create.shape
  return z
    .strictObject({ ...shared, ...imported(), owner: owner.unwrap() }, 'takes an object')
    .refine(({ token, hash }) => (token === undefined) !== (hash === undefined), {
      path: ['hash'],
      message: 'takes token or hash, one of them',
    })
}
