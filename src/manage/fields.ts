/** The checks of single fields and of the options of operations, each saying what it takes. */
import { z } from 'zod'
import { parseDuration } from '../key/duration.js'
import { idleMs, TAKES_IDLE } from '../key/idle.js'
import { isLimitName, LIMIT_SCOPES, MOST_LIMITS, MOST_POINTS, windowMs } from '../key/limit.js'
import { isKeyId } from '../key/token.js'
import { identifier } from './actor.js'
import { textFault } from './metadata.js'

/** Of both sets (C0, C1), and what breaks a line. */
const CONTROL = /[\p{Cc}\u2028\u2029]/u
/**
 * They have the text after them shown in another order than it is written in: a name could pass for another, and turn what stands
 * beside it. Text in Hebrew or Arabic needs none of them, nor are its marks (U+200E, U+200F, U+061C) among them.
 */
const TURNING = /[\u202a-\u202e\u2066-\u2069]/

export const text = (max: number, takes = `takes 1 to ${max} characters`) =>
  z
    .string(takes)
    .min(1, takes)
    .max(max, takes)
    .refine(value => !CONTROL.test(value), 'takes no control characters')
    .refine(
      value => !TURNING.test(value),
      'takes no characters that turn the direction of text (U+202A to U+202E, U+2066 to U+2069)',
    )
    .refine(value => textFault(value) === null, 'takes well-formed Unicode')
export const list = <T extends z.ZodType>(item: T, max: number) =>
  z.array(item, 'takes a list').max(max, `takes at most ${max}`)
export const unique = <T>(items: T[]) => [...new Set(items)]

export const keyId = z.custom<string>(isKeyId, "takes a key's id: 16 letters and digits")
export const point = z
  .union([z.date(), z.iso.datetime({ offset: true }), z.iso.date()], 'takes a Date or a time in ISO 8601')
  .transform(value => new Date(value))
const TAKES_DURATION = 'takes a duration with a unit, such as "90d"'
/** In ms. */
export const duration = z.string(TAKES_DURATION).transform((value, context) => {
  const ms = parseDuration(value)
  if (ms !== null && ms > 0) return ms
  context.addIssue({ code: 'custom', message: TAKES_DURATION })
  return z.NEVER
})
/** As it was given. */
export const idleTime = z.string(TAKES_IDLE).refine(after => idleMs(after) !== null, TAKES_IDLE)
export const limit = z
  .int('takes a whole number from 1 to 100')
  .min(1, 'takes 1 to 100')
  .max(100, 'takes 1 to 100')
  .default(20)
const TAKES_LIMIT = 'takes { points, per, by }, such as { points: 600, per: "1m" }'
const TAKES_WINDOW = 'takes a duration from "1s" to "24d", such as "1m"'
const TAKES_POINTS = `takes a whole number from 1 to ${MOST_POINTS}`
const TAKES_LIMITS =
  'takes limits by name ([a-z][a-zA-Z0-9_-]{0,31}), such as { requests: { points: 600, per: "1m" } }'
/** Limits by name. */
export const limits = z
  .record(
    z.string().refine(isLimitName),
    z.strictObject(
      {
        points: z.int(TAKES_POINTS).min(1, TAKES_POINTS).max(MOST_POINTS, TAKES_POINTS),
        per: z.string(TAKES_WINDOW).refine(per => windowMs(per) !== null, TAKES_WINDOW),
        by: z.enum(LIMIT_SCOPES, `takes one of ${LIMIT_SCOPES.join(', ')}`).exactOptional(),
      },
      TAKES_LIMIT,
    ),
    TAKES_LIMITS,
  )
  .refine(named => Object.keys(named).length <= MOST_LIMITS, `takes at most ${MOST_LIMITS}`)
export const ownerInput = z.strictObject(
  {
    type: z
      .string('takes a type such as "user"')
      .regex(/^[a-z][a-z0-9_-]{0,31}$/, 'takes a type such as "user": [a-z][a-z0-9_-]{0,31}')
      .default('user'),
    id: identifier,
  },
  'takes { type, id }',
)

const TAKES_IDEMPOTENCY_KEY = 'takes 1 to 255 visible characters of ASCII, such as a UUID'
const LONGEST_GRACE_MS = 366 * 86_400_000
const TAKES_GRACE = 'takes a duration with a unit, such as "24h", up to a year; "0s": at once'

const ifVersion = z.int('takes the version of the record, a whole number').optional()

/** The options of `create`. */
export const createOptions = z.strictObject(
  {
    idempotencyKey: z
      .string(TAKES_IDEMPOTENCY_KEY)
      .regex(/^[\x21-\x7e]{1,255}$/, TAKES_IDEMPOTENCY_KEY)
      .optional(),
  },
  'takes { idempotencyKey }',
)

/** The options of `update`, `transfer`, `delete`, `restore` and `purge`. */
export const changeOptions = z.strictObject({ ifVersion }, 'takes { ifVersion }')

/** The options of `rotate`, with `grace` in ms. */
export const rotateOptions = z.strictObject(
  {
    grace: z
      .string(TAKES_GRACE)
      .default('24h')
      .transform((value, context) => {
        const ms = parseDuration(value)
        if (ms !== null && ms <= LONGEST_GRACE_MS) return ms
        context.addIssue({ code: 'custom', message: TAKES_GRACE })
        return z.NEVER
      }),
    ifVersion,
  },
  'takes { grace, ifVersion }',
)

const reason = text(500).nullish()

/** The options of `revoke`. */
export const revokeOptions = z.strictObject({ reason, ifVersion }, 'takes { reason, ifVersion }')

/** The options of `revokeAll`. */
export const revokeAllOptions = z.strictObject(
  {
    reason,
    onProgress: z
      .custom<(revoked: number) => void>(value => typeof value === 'function', 'takes a function')
      .optional(),
  },
  'takes { reason, onProgress }',
)
