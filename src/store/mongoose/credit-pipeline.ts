/**
 * What becomes of a balance within one operation, as the server does it on the document as it then is: the same as
 * key/credit-account.ts, by the server's clock. Only operators that every server with pipelines in updates has.
 */
import type { AuditEvent } from '../../key/audit-event.js'
import { firstRefill, MOST_CREDITS, refillFacts } from '../../key/credit-account.js'
import type { CreditRule } from '../../key/refill.js'
import { type CreditChange, MOST_REFUNDS, MOST_UNTOLD, REFUND_KEPT_MS } from '../credit-store.js'

type Expression = unknown
export type Stage = Record<string, Expression>

const DAY_MS = 86_400_000
const EPOCH = new Date(0)

/** All that is due until now, then `cost`, if there is as much. Whether it was taken stays in `granted`. */
export function takeStages(cost: number, rule: CreditRule): Stage[] {
  return [
    ...settleStages(rule),
    { $set: { granted: { $gte: ['$balance', cost] } } },
    { $set: { balance: { $cond: ['$granted', { $subtract: ['$balance', cost] }, '$balance'] } } },
  ]
}

/** @param ref what the refund is known by, as it is kept */
export function changeStages(
  change: CreditChange,
  ref: string | null,
  rule: CreditRule,
  event: AuditEvent,
): Stage[] {
  const isDone = ref === null ? false : { $in: [ref, '$refunds.ref'] }
  const told = {
    $mergeObjects: [
      { $literal: event },
      {
        changes: {
          $mergeObjects: [{ $literal: event.changes }, { balance: { from: '$before', to: '$balance' } }],
        },
      },
    ],
  }
  const unless = (isLeft: Expression, otherwise: Expression) => ({ $cond: ['$left', isLeft, otherwise] })
  return [
    ...settleStages(rule),
    { $set: { before: '$balance', refunds: youngRefunds } },
    { $set: { left: { $or: [isDone, { $gte: [{ $size: '$outbox' }, MOST_UNTOLD] }] } } },
    { $set: { balance: unless('$balance', balanceAfter(change)) } },
    {
      $set: {
        outbox: unless('$outbox', { $concatArrays: ['$outbox', [told]] }),
        ...(ref !== null && { refunds: unless('$refunds', withRefund(ref)) }),
      },
    },
    { $unset: ['before', 'left'] },
  ]
}

const youngRefunds = {
  $filter: {
    input: '$refunds',
    as: 'one',
    cond: { $gt: ['$$one.at', { $subtract: ['$$NOW', REFUND_KEPT_MS] }] },
  },
}

function withRefund(ref: string): Expression {
  return { $slice: [{ $concatArrays: ['$refunds', [{ ref, at: '$$NOW' }]] }, -MOST_REFUNDS] }
}

function balanceAfter(change: CreditChange): Expression {
  if ('set' in change) return change.set
  const more = 'add' in change ? change.add : change.refund
  return { $min: [{ $add: ['$balance', more] }, MOST_CREDITS] }
}

/** Under a rule that is later than the document's, first until that was made; then until now. */
function settleStages(rule: CreditRule): Stage[] {
  const since = new Date(rule.since)
  const isLater = { $gt: [since, '$since'] }
  const ifLater = (then: Expression, otherwise: string) => ({ $cond: [isLater, then, otherwise] })
  return [
    {
      $set: {
        balance: ifLater(filledAt(since), '$balance'),
        refill: ifLater({ $literal: refillFacts(rule) }, '$refill'),
        since: ifLater(since, '$since'),
        refilled: ifLater(firstRefill(rule), '$refilled'),
      },
    },
    {
      $set: {
        balance: filledAt('$$NOW'),
        refilled: ifRefills({ $max: ['$refilled', numberAt('$$NOW')] }, '$refilled'),
      },
    },
  ]
}

function ifRefills(then: Expression, otherwise: string): Expression {
  return { $cond: [{ $eq: [{ $ifNull: ['$refill', null] }, null] }, otherwise, then] }
}

/** What is above the bound stays: it was given. */
function filledAt(time: Expression): Expression {
  const due = { $max: [0, { $subtract: [numberAt(time), '$refilled'] }] }
  const filled = { $add: ['$balance', { $multiply: ['$refill.amount', due] }] }
  return ifRefills({ $max: ['$balance', { $min: [filled, '$refill.max'] }] }, '$balance')
}

/** `refillNumber` of key/refill.ts. */
function numberAt(time: Expression): Expression {
  const days = { $floor: { $divide: [{ $subtract: [time, EPOCH] }, DAY_MS] } }
  const spans = { $floor: { $divide: [{ $subtract: [time, '$since'] }, '$refill.every'] } }
  const isEvery = (period: string) => ({ $eq: ['$refill.every', period] })
  return { $cond: [isEvery('day'), days, { $cond: [isEvery('month'), monthNumberAt(time), spans] }] }
}

function monthNumberAt(time: Expression): Expression {
  const isLastDay = { $eq: [{ $dayOfMonth: { $add: [time, DAY_MS] } }, 1] }
  const hasCome = { $or: [isLastDay, { $gte: [{ $dayOfMonth: time }, { $dayOfMonth: '$since' }] }] }
  const month = { $add: [{ $multiply: [{ $year: time }, 12] }, { $month: time }] }
  return { $subtract: [month, { $cond: [hasCome, 1, 2] }] }
}
