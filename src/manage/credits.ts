/** Changes of a balance by people and programs. Requests spend it elsewhere (limit/credits.ts). */
import { invalidInput, SidekeyError } from '../errors.js'
import type { CreditAccount } from '../key/credit-account.js'
import type { StoredKey } from '../key/record.js'
import { type CreditChange, MOST_UNTOLD } from '../store/credit-store.js'
import { parseInput } from '../validation.js'
import { type CallContext, notFound, permitAction } from './access.js'
import { auditEvent } from './audit.js'
import { creditChange } from './credit-input.js'
import type { Deps } from './deps.js'
import { checkedId, findFor } from './find.js'

/** What a change of a balance answers. */
export interface Balance {
  /** How many credits there are after it. */
  readonly balance: number
}

/** The options of `credits.add` and `credits.set`. */
export interface CreditOptions {
  /** Why, for whoever looks at the audit later: at most 500 characters. */
  readonly reason?: string | null
}

/** The options of `credits.refund`. */
export interface RefundOptions extends CreditOptions {
  /**
   * What the refund is known by, 1 to 200 characters: the id of the request that it is for, say. A second refund to the key with
   * the same one changes nothing, for a year and as long as it is among the key's last 10,000.
   */
  readonly ref: string
}

/** `keys.credits`. */
export interface CreditManagement {
  /**
   * Adds to a balance: `n` whole credits, 1 to 1e12.
   *
   * Rejects with `INVALID_INPUT` (also for a key without credits), `NOT_FOUND`, `STORE_UNAVAILABLE`: then it may have been done or
   * not; through `as(user)` also with `FORBIDDEN` for all but admins.
   *
   * @example
   * ```ts
   * const { balance } = await keys.credits.add(apiKey.id, 1000, { reason: 'order 4711' })
   * ```
   */
  add(id: string, n: number, options?: CreditOptions): Promise<Balance>
  /** Sets a balance to `n` whole credits, 0 to 1e12, whatever it was. Rejects as `add` does. */
  set(id: string, n: number, options?: CreditOptions): Promise<Balance>
  /**
   * Gives back `n` whole credits, 1 to 1e12, of a request that has failed, once for each `ref`: repeating it is safe. Rejects as
   * `add` does.
   *
   * @example
   * ```ts
   * await keys.credits.refund(req.apiKey.id, 5, { ref: req.id })
   * ```
   */
  refund(id: string, n: number, options: RefundOptions): Promise<Balance>
}

/** Changes the balance of a key: one of `add`, `set` and `refund`. */
export async function changeCredits(
  deps: Deps,
  context: CallContext,
  id: unknown,
  raw: unknown,
): Promise<Balance> {
  const known = checkedId(id)
  const input = parseInput(creditChange, raw)
  const key = await findFor(deps, context, 'credits', known)
  if (key.deleted !== null) throw notFound()
  await permitAction(deps, context, 'credits', key)
  if (key.credits === null) throw invalidInput([{ path: 'id', message: 'is of a key without credits' }])
  const { balance } = await changeAndTell(deps, context, key, key.credits, input)
  return Object.freeze({ balance })
}

async function changeAndTell(
  deps: Deps,
  context: CallContext,
  key: StoredKey,
  rule: NonNullable<StoredKey['credits']>,
  { reason = null, ref, ...amounts }: Input,
): Promise<CreditAccount> {
  const { id: keyId, owner, organizationId } = key
  const changes = ref === undefined ? {} : { ref: { from: null, to: ref } }
  const facts = { action: 'credits', keyId, owner, organizationId, changes, reason } as const
  const event = auditEvent(context, facts, deps.now())
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const account = await deps.store.credits.change(keyId, changeOf({ ...amounts, ref }), rule, event)
    if (account === null) throw notFound()
    const isDone = account.outbox.some(({ id }) => id === event.id)
    if (isDone || account.outbox.length < MOST_UNTOLD) {
      await deps.creditOutbox.drain([account]).catch(unlessTold(deps))
      return account
    }
    // Not done: the audit must be told of others first.
    await deps.creditOutbox.drain([account])
  }
  throw new SidekeyError('CONFLICT', 'Others keep changing this balance; try again.')
}

const MOST_ATTEMPTS = 10

type Input = ReturnType<typeof creditChange.parse>

/** One of the three is there: the input was held to it. */
function changeOf({ add, set, refund = 0, ref = '' }: Omit<Input, 'reason'>): CreditChange {
  if (add !== undefined) return { add }
  return set === undefined ? { refund, ref } : { set }
}

/** The change stands. */
function unlessTold({ config }: Deps): (error: unknown) => void {
  return error =>
    config.logger.warn(
      { err: error },
      'the audit could not be told of a change of credits yet; the sweep tells it',
    )
}
