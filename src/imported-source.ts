/** An entry of the option `imported`: what the tokens of another system look like. */
import { z } from 'zod'
import { COVERS, type Covers, FOREIGN_ALGORITHMS, type ForeignAlgorithm } from './key/foreign-hash.js'
import { type ForeignShape, LEAST_SECRET, MOST_TOKEN } from './key/foreign-token.js'

/**
 * What the tokens of another system look like. Give enough to tell them from all else that comes in the same headers: what fits is
 * taken for a key, and refused if it is none.
 */
export interface ImportedSource {
  /** A name of your choice: `[a-z][a-z0-9_-]{0,31}`. It stays with the keys. */
  readonly source: string
  /** What its tokens begin with. Default: anything. */
  readonly prefix?: string
  /** How many characters they have, or the least and the most. Default: 20 to 512. */
  readonly length?: number | readonly [least: number, most: number]
  /**
   * What stands once in a token, after the part that it is found by (`|` in `id|secret`, `.` in `prefix.secret`): one of
   * `| . : ~ / - _`. Default: none, tokens are found by their digest.
   */
  readonly separator?: string
  /** How the other system hashes them; without a separator `sha256` or `sha512`. Default: `sha256`. */
  readonly hash?: ForeignAlgorithm
  /** What its hashes are made of: the whole token, or what comes after the separator, or else the prefix. Default: `token`. */
  readonly covers?: Covers
}

const TAKES_LENGTH = `takes a whole number from ${LEAST_SECRET} to ${MOST_TOKEN}, or [least, most]`
const length = z.int(TAKES_LENGTH).min(LEAST_SECRET, TAKES_LENGTH).max(MOST_TOKEN, TAKES_LENGTH)
const importedSource = z
  .strictObject(
    {
      source: z
        .string('takes a name such as "better-auth"')
        .regex(/^[a-z][a-z0-9_-]{0,31}$/, 'takes a name such as "better-auth": [a-z][a-z0-9_-]{0,31}'),
      prefix: z
        .string('takes what tokens begin with')
        .regex(/^[!-+\--~]{1,64}$/, 'takes 1 to 64 visible characters of ASCII, no comma')
        .exactOptional(),
      length: z
        .union([length, z.tuple([length, length]).refine(([least, most]) => least <= most)], TAKES_LENGTH)
        .exactOptional(),
      separator: z
        .string()
        .regex(/^[|.:~/_-]$/, 'takes one of | . : ~ / _ -')
        .exactOptional(),
      hash: z.enum(FOREIGN_ALGORITHMS, `takes one of ${FOREIGN_ALGORITHMS.join(', ')}`).exactOptional(),
      covers: z.enum(COVERS, `takes one of ${COVERS.join(', ')}`).exactOptional(),
    },
    'takes { source, prefix, length, separator, hash, covers }',
  )
  .refine(
    ({ prefix, length, separator }) => [prefix, length, separator].some(one => one !== undefined),
    'takes prefix, length or separator: else everything would be taken for a key',
  )
  .refine(
    ({ separator, hash = 'sha256' }) => separator !== undefined || hash === 'sha256' || hash === 'sha512',
    { path: ['separator'], message: 'must be given with this hash: no token can be found by it' },
  )

export const importedSources = z
  .array(importedSource, 'takes a list')
  .max(10, 'takes at most 10')
  .refine(all => new Set(all.map(({ source }) => source)).size === all.length, 'takes each source once')
  .superRefine((all, context) => {
    const shapes = all.map(shapeOf)
    for (const [i, shape] of shapes.entries()) {
      const before = shapes.slice(0, i).find(one => takesAllOf(one, shape))
      if (before === undefined) continue
      const message = `comes too late: every token of it fits ${before.source} before it, and the first that fits counts`
      context.addIssue({ code: 'custom', path: [i], message })
    }
  })

/** Whether every token of the one shape has the other, too. */
function takesAllOf(wide: ForeignShape, narrow: ForeignShape): boolean {
  const isParted = wide.separator === null || wide.separator === narrow.separator
  const leastOfNarrow = Math.max(narrow.least, narrow.prefix.length + LEAST_SECRET)
  const leastOfWide = Math.max(wide.least, wide.separator === null ? wide.prefix.length + LEAST_SECRET : 0)
  const isWithin = leastOfWide <= leastOfNarrow && narrow.most <= wide.most
  return isParted && isWithin && narrow.prefix.startsWith(wide.prefix)
}

const LEAST_TOKEN = LEAST_SECRET + 4

/** The entry with its defaults. */
export function shapeOf({
  source,
  prefix = '',
  length,
  separator,
  hash,
  covers,
}: ImportedSource): ForeignShape {
  const [least, most] = typeof length === 'number' ? [length, length] : (length ?? [LEAST_TOKEN, MOST_TOKEN])
  return {
    source,
    prefix,
    least,
    most,
    separator: separator ?? null,
    hash: hash ?? 'sha256',
    covers: covers ?? 'token',
  }
}
