/** What is taken of credits: in a new key, in a change of one, and for a change of a balance. */
import { z } from 'zod'
import { periodOf, type Refill } from '../key/refill.js'
import { text } from './fields.js'

/** How often credits come back, and how many, as callers write it. */
export interface RefillInput {
  /** How many come each time: a whole number up to 1e12. */
  readonly amount: number
  /**
   * `'day'` (at midnight), `'month'` (at midnight of the day of the month on which this is set, or of the month's last day), or a
   * duration of a minute or more (`'6h'`), counted from when this is set. All in UTC.
   */
  readonly every: 'day' | 'month' | (string & {})
  /** Refills fill no higher than this. Default: no bound. */
  readonly max?: number | null
}

/** The credits of a new key. */
export interface CreditsInput {
  /** How many there are at first: a whole number up to 1e12. */
  readonly balance: number
  /** Default: none come back. */
  readonly refill?: RefillInput | null
}

/** The credits of a key that is changed. The balance is changed by `keys.credits`. */
export interface CreditsPatch {
  /** `null`: none come back any more. */
  readonly refill: RefillInput | null
}

const MOST = 1e12

const amount = (least: number) => {
  const takes = `takes a whole number from ${least} to ${MOST}`
  return z.int(takes).min(least, takes).max(MOST, takes)
}

const TAKES_PERIOD = 'takes "day", "month" or a duration of a minute or more, such as "6h"'

const refill = () =>
  z
    .strictObject(
      {
        amount: amount(0),
        every: z.string(TAKES_PERIOD).refine(every => periodOf(every) !== null, TAKES_PERIOD),
        max: amount(0).nullish(),
      },
      'takes { amount, every, max }',
    )
    .transform(({ max = null, ...rest }) => ({ ...rest, max }))

/** The credits that a new key begins with. */
export interface OpeningCredits {
  readonly balance: number
  readonly refill: Refill | null
}

/** Credits of a new key. */
export const creditsInput = () =>
  z
    .strictObject({ balance: amount(0), refill: refill().nullish() }, 'takes { balance, refill }')
    .transform(({ balance, refill = null }): OpeningCredits => ({ balance, refill }))

/** Credits in a change of a key. */
export const creditsPatch = () => z.strictObject({ refill: refill().nullable() }, 'takes { refill }, or null')

const ONE_OF = 'takes one of add, set and refund'

/** A change of a balance. */
export const creditChange = z
  .strictObject(
    {
      add: amount(1).optional(),
      set: amount(0).optional(),
      refund: amount(1).optional(),
      ref: text(200).optional(),
      reason: text(500).nullish(),
    },
    ONE_OF,
  )
  .refine(({ add, set, refund }) => [add, set, refund].filter(one => one !== undefined).length === 1, ONE_OF)
  .refine(({ refund, ref }) => (refund === undefined) === (ref === undefined), {
    path: ['ref'],
    message: 'takes 1 to 200 characters by which the refund is known, and goes with refund',
  })
