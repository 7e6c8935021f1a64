/**
 * What requests cost: taken from the balance of a key, by one operation of the store, before the request is let in. Where the
 * answer is lost the cost has been taken at most once, and the request is not let in: the error says that the store is away.
 */
import { invalidInput } from '../errors.js'
import type { ApiKey } from '../key/record.js'
import { type CreditRule, periodOf, type Refill, refillNumber, refillTime } from '../key/refill.js'
import type { TakenCredits } from '../store/credit-store.js'
import type { Store } from '../store/store.js'
import { createLane } from './lane.js'

/** What became of a request to spend credits, and what is left. */
export type Spent =
  | { readonly ok: true; readonly balance: number }
  | {
      readonly ok: false
      readonly balance: number
      /** Until there will be enough, if nothing else is spent; not there: no refill makes it so. At least 1. */
      readonly retryAfterSeconds?: number
    }

/** What is asked of the key: its record, or what callers see of it. */
export interface SpendingKey extends Pick<ApiKey, 'id'> {
  readonly credits: CreditRule | null
}

export interface Credits {
  /**
   * Takes `cost` (whole credits; 0: nothing) from the balance of this key, all or none. A key without credits is
   * let pass, and its balance told as `Infinity`.
   * @param at the time, in ms, that `retryAfterSeconds` is reckoned from; refills go by the clock of the database
   * @throws SidekeyError `STORE_UNAVAILABLE`; `INVALID_INPUT` for a cost that is no whole number from 0 to 1e12.
   */
  spend(key: SpendingKey, cost: number, at: number): Promise<Spent>
}

const MOST = 1e12
const FREE: Spent = Object.freeze({ ok: true, balance: Number.POSITIVE_INFINITY })

/** More at once would not be faster: what is taken from one key is taken one after the other. */
const TAKEN_AT_ONCE = 16
const PATIENCE_MS = 5_000

export function createCredits({ credits }: Pick<Store, 'credits'>): Credits {
  const inLane = createLane(TAKEN_AT_ONCE, PATIENCE_MS)
  return {
    async spend({ id, credits: rule }, cost, at) {
      refuseCost(cost)
      if (rule === null) return FREE
      const taken = await inLane(() => credits.take(id, cost, rule))
      if (taken === null) return { ok: cost === 0, balance: 0 }
      const { ok, balance } = taken
      if (ok) return { ok, balance }
      const enoughAt = whenEnough(rule, taken, cost)
      if (enoughAt === null) return { ok, balance }
      return { ok, balance, retryAfterSeconds: Math.max(1, Math.ceil((enoughAt - at) / 1000)) }
    },
  }
}

function refuseCost(cost: number): void {
  if (Number.isInteger(cost) && cost >= 0 && cost <= MOST) return
  throw invalidInput([{ path: 'cost', message: `takes a whole number from 0 to ${MOST}` }])
}

/** When refills will have brought the balance to the cost, in ms; `null`: never. */
function whenEnough(
  { refill, since }: CreditRule,
  { balance, refillsAt }: TakenCredits,
  cost: number,
): number | null {
  if (refill === null || refillsAt === null || !everEnough(refill, cost)) return null
  const every = periodOf(refill.every)
  if (every === null) return null
  const times = Math.ceil((cost - balance) / refill.amount)
  const next = refillNumber(every, since, refillsAt.getTime())
  return refillTime(every, since, next + times - 1).getTime()
}

function everEnough({ amount, max }: Refill, cost: number): boolean {
  return amount > 0 && (max === null || max >= cost)
}
