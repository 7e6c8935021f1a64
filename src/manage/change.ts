/** The one way in which a record changes: read, decide, compare-and-set, and again if somebody else was faster. */
import { setTimeout as sleep } from 'node:timers/promises'
import { SidekeyError, titleOf } from '../errors.js'
import type { ChangeAction } from '../key/audit-event.js'
import { type StoredKey, statusOf } from '../key/record.js'
import { REFUSAL_OF_STATUS } from '../verify/verification.js'
import { type CallContext, notFound } from './access.js'
import type { Caller } from './actor.js'
import { type Ahead, lookingAhead, writingAhead } from './ahead.js'
import { eventsOfChange } from './audit.js'
import type { Deps } from './deps.js'
import { checkedId, findFor } from './find.js'
import type { Reach } from './outbox.js'

const PATIENCE_MS = 10_000
const LONGEST_PAUSE_MS = 50
/** What takes power away does not stand back for other changes of the same key. */
const URGENT: ReadonlySet<ChangeAction> = new Set(['revoke', 'disable', 'delete'])

/** So many events of a key may wait for the audit: a record that grew without end could not be written any more. */
const MOST_UNTOLD = 100

/**
 * What a change makes of the record. It may refuse by throwing, and may return the record as it is where nothing is left to do.
 * It writes nothing but by `ahead`.
 */
export type Decide = (key: StoredKey, ahead: Ahead) => Promise<StoredKey>

/** One action, or several: each is an event of its own. */
export type Act = ChangeAction | readonly [ChangeAction, ...ChangeAction[]]

/** A change that is asked for, before there is a record to decide on. */
export interface Wanted {
  readonly act: Act
  readonly decide: Decide
}

/**
 * Changes the record with this id as `decide` says, which sees the newest record. Every attempt decides anew, so that a decision is never
 * applied to a record that it was not made for. The events of the audit are in the same write, and are drained right after.
 * @param options.reach how far the change must reach before this resolves, also where its effect was there already: whoever
 *   made it may not have come so far. `left`: the caller sees to it.
 * @throws SidekeyError `CONFLICT` when others kept changing the record for ten seconds.
 */
export async function changeKey(
  deps: Deps,
  context: CallContext,
  act: Act,
  id: unknown,
  decide: Decide,
  { reach = 'heard' }: { readonly reach?: Reach | 'left' } = {},
): Promise<StoredKey> {
  const known = checkedId(id)
  const actions = actionsOf(act)
  const [action] = actions
  const ahead = writingAhead(deps)
  /** Reads, decides and writes, once. */
  const attempt = async (): Promise<Attempt> => {
    const current = await findToChange(deps, context, action, known)
    if (current.outbox.length >= MOST_UNTOLD && !URGENT.has(action) && action !== 'purge')
      return { is: 'full', current }
    const decided = await decide(current, ahead)
    // Last of all: what the app was asked meanwhile may have taken its time.
    const endsItself = action === 'revoke' && context.caller.via === 'key' && known === context.caller.keyId
    if (!endsItself) await refuseStaleKey(deps, context.caller)
    if (decided === current) return { is: 'there', current }
    const events = eventsOfChange(context, actions, current, decided, deps.now())
    const next = {
      ...decided,
      version: current.version + 1,
      updatedAt: new Date(deps.now()),
      outbox: [...current.outbox, ...events],
    }
    return (await deps.store.replace(next, current.version))
      ? { is: 'written', current, next }
      : { is: 'overtaken', current }
  }
  // What takes power away does not stand in line.
  const made = await (URGENT.has(action) ? repeated() : deps.turns(known, repeated))
  if (made.is === 'there') {
    if (reach === 'heard') await deps.outbox.settle([made.current], reach)
    return made.current
  }
  // With what others have left in the outbox, their changes are told of too.
  const { current, next } = made
  if (reach !== 'left') await deps.outbox.settle([next], current.outbox.length > 0 ? 'heard' : reach)
  return next

  async function repeated(): Promise<Made> {
    const deadline = performance.now() + PATIENCE_MS
    for (let attempts = 0; ; attempts++) {
      const made = await attempt()
      if (made.is === 'there' || made.is === 'written') return made
      if (made.is === 'full') {
        await tellFirst(deps, made.current)
        continue
      }
      if (performance.now() > deadline)
        throw new SidekeyError('CONFLICT', 'Others keep changing this key; try again.')
      // Full jitter: the more have collided, the wider they spread.
      if (!URGENT.has(action)) await sleep(Math.random() * Math.min(LONGEST_PAUSE_MS, 2 ** attempts))
    }
  }
}

/**
 * What a change would do: decided as `changeKey` decides it, and not written.
 * @returns the record as it is, and whether it would change
 */
export async function checkChange(
  deps: Deps,
  context: CallContext,
  { act, decide }: Wanted,
  id: unknown,
): Promise<Checked> {
  const [action] = actionsOf(act)
  const key = await findToChange(deps, context, action, checkedId(id))
  const decided = await decide(key, lookingAhead(deps))
  return { key, changes: decided !== key }
}

/** What a check has found. */
export interface Checked {
  readonly key: StoredKey
  readonly changes: boolean
}

function actionsOf(act: Act): readonly [ChangeAction, ...ChangeAction[]] {
  return typeof act === 'string' ? [act] : act
}

async function findToChange(
  deps: Deps,
  context: CallContext,
  action: ChangeAction,
  id: string,
): Promise<StoredKey> {
  const key = await findFor(deps, context, action, id)
  // What is purged is as good as gone: nothing but its removal happens to it any more.
  if (key.deleted?.forGood && action !== 'purge') throw notFound()
  return key
}

/** What came of it: nothing was left to do, or it is written. */
type Made =
  | { readonly is: 'there'; readonly current: StoredKey }
  | { readonly is: 'written'; readonly current: StoredKey; readonly next: StoredKey }

/** And of one attempt: or the outbox is full, or somebody else was faster. */
type Attempt = Made | { readonly is: 'full' | 'overtaken'; readonly current: StoredKey }

/** @throws SidekeyError `STORE_UNAVAILABLE` where the audit cannot be told. */
async function tellFirst({ outbox, config }: Deps, key: StoredKey): Promise<void> {
  try {
    await outbox.drain([key])
  } catch (error) {
    config.logger.error(
      { err: error, keyId: key.id },
      'the audit cannot be told: changes of this key are refused',
    )
    throw error
  }
}

/**
 * Refuses an actor by a key that has changed since it was verified: a request may take minutes to send its body, and
 * meanwhile the key may have been revoked or narrowed.
 * @throws SidekeyError the code of the key's status, `CONFLICT` where it is another version.
 */
export async function refuseStaleKey({ store, now }: Deps, caller: Caller): Promise<void> {
  if (caller.via !== 'key') return
  const { apiKey } = caller.key
  const acting = await store.find(caller.keyId)
  const status = acting === null ? 'deleted' : statusOf(acting, now())
  if (status !== 'active') {
    const code = REFUSAL_OF_STATUS[status]
    throw new SidekeyError(code, `${titleOf(code)}.`)
  }
  if (acting?.version !== apiKey.version) {
    throw new SidekeyError('CONFLICT', 'The key that acts has changed meanwhile; repeat the request.')
  }
}

/** When a change must be to the record that the caller has seen. */
export interface ChangeOptions {
  /** The version that the record must still have: `VERSION_MISMATCH` otherwise. */
  readonly ifVersion?: number
}

/** @throws SidekeyError `VERSION_MISMATCH`: asked for once the caller may see the key. */
export function refuseOtherVersion(key: StoredKey, ifVersion: number | undefined): void {
  if (ifVersion === undefined || key.version === ifVersion) return
  throw new SidekeyError('VERSION_MISMATCH', `The key is at version ${key.version}, not ${ifVersion}.`)
}

/** @throws SidekeyError `ALREADY_REVOKED`: revocation is final, and the record stays as it was. */
export function refuseRevoked(key: StoredKey): void {
  if (key.revoked !== null)
    throw new SidekeyError('ALREADY_REVOKED', 'This key has been revoked; make a new one.')
}
