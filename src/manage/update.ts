import { SidekeyError } from '../errors.js'
import { type Given, given } from '../given.js'
import type { Action } from '../key/action.js'
import { type Idle, idleFrom, restarted } from '../key/idle.js'
import type { ApiKey, StoredKey, SwitchedOff } from '../key/record.js'
import { parseInput } from '../validation.js'
import { type CallContext, notFound, permitAction, permitOutcome } from './access.js'
import type { Ahead } from './ahead.js'
import {
  type ChangeOptions,
  changeKey,
  type Decide,
  refuseOtherVersion,
  refuseRevoked,
  type Wanted,
} from './change.js'
import { organizationOf, refuseAboveGrants, refuseLimits } from './create.js'
import { changedRule, settleRule } from './credit-rule.js'
import type { Deps } from './deps.js'
import { changeOptions } from './fields.js'
import type { Inputs, ParsedUpdate } from './input-schemas.js'
import { refusing } from './refused-act.js'
import { expiryOf, idleFaults, kindFaults, refuseFaults, timeFaults } from './rules.js'
import { shownChanged } from './shown.js'
import { needsSlot } from './slots.js'
import { switchedOff } from './switched-off.js'

/** Fields that have no bearing on what a key may do: others are told of them, and not waited for. */
const SAYS_NOTHING: ReadonlySet<string> = new Set<keyof Patch>(['name', 'description', 'metadata', 'tags'])

/** Changes the given fields of a key. */
export async function updateKey(
  deps: Deps,
  inputs: Inputs,
  context: CallContext,
  id: unknown,
  patch: unknown,
  options: ChangeOptions = {},
): Promise<ApiKey> {
  const { act, decide, input } = updating(deps, inputs, context, patch, options)
  let before: StoredKey | null = null
  const noting: Decide = (key, ahead) => {
    before = key
    return decide(key, ahead)
  }
  const reach = Object.keys(input).every(field => SAYS_NOTHING.has(field)) ? 'told' : 'heard'
  const updated = await changeKey(deps, context, act, id, noting, { reach })
  if (input.credits !== undefined) await settleRule(deps, before, updated)
  return shownChanged(deps, updated)
}

/** The change that `update` is asked for. */
export function updating(
  deps: Deps,
  inputs: Inputs,
  context: CallContext,
  patch: unknown,
  options: ChangeOptions,
): Wanted & { readonly input: Patch } {
  const { ifVersion } = parseInput(changeOptions, options)
  const input = given(parseInput(inputs.update, patch))
  const actions = actionsOf(input)
  return {
    act: actions,
    input,
    async decide(key, ahead) {
      if (key.deleted !== null) throw notFound()
      for (const action of actions) await permitAction(deps, context, action, key)
      refuseRevoked(key)
      refuseOtherVersion(key, ifVersion)
      return applied(deps, context, ahead, key, input)
    },
  }
}

/** Switching on and off are actions of their own, and so is what is said of credits: some may do one and not the rest. */
function actionsOf({ enabled, credits, ...rest }: Patch): [Action, ...Action[]] {
  const actions: Action[] = []
  if (enabled !== undefined) actions.push(enabled ? 'enable' : 'disable')
  if (Object.keys(rest).length > 0) actions.push('update')
  if (credits !== undefined) actions.push('credits')
  const [first = 'update', ...others] = actions
  return [first, ...others]
}

async function applied(
  deps: Deps,
  context: CallContext,
  ahead: Ahead,
  key: StoredKey,
  input: Patch,
): Promise<StoredKey> {
  if (Object.keys(input).length === 0) return key
  const { caller } = context
  const now = deps.now()
  const { enabled, expiresIn, expiresAt, expiresAfterIdle, organizationId, credits, ...fields } = input
  const next: StoredKey = {
    ...key,
    ...fields,
    expiresAt: expiryOf({ expiresIn, expiresAt }, key.expiresAt, now),
    organizationId:
      organizationId === undefined ? key.organizationId : organizationOf(key.owner, organizationId),
    idle: idleAfter(key, input, now),
    disabled: switched(deps, context, key, enabled),
    credits: await changedRule(deps, ahead, key, credits),
  }
  if (next.organizationId !== key.organizationId && caller.via === 'session' && !caller.admin) {
    const error = new SidekeyError('FORBIDDEN', "Only an admin may change a key's organisation.")
    throw refusing(error, 'update', { keyId: key.id, key })
  }
  refuseLimits(caller, 'update', key, fields)
  // By key, what comes out must be within it too: nothing widens beyond the key that acts.
  if (caller.via === 'key') await permitOutcome(deps, context, 'update', next, key)
  const kind = deps.config.kinds.get(key.kind) ?? deps.config.defaultKind
  // Only what changes is held to today's rules: a key from before a rule can still be renamed.
  const timesChange = expiresIn !== undefined || expiresAt !== undefined || fields.notBefore !== undefined
  const powersChange =
    fields.permissions !== undefined || fields.roles !== undefined || organizationId !== undefined
  refuseFaults([
    ...(timesChange ? timeFaults(next, kind, now) : []),
    ...(expiresAfterIdle !== undefined ? idleFaults(next, kind) : []),
    ...(powersChange || fields.restrictions ? kindFaults(next, kind, deps.config) : []),
  ])
  if (powersChange) await refuseAboveGrants(deps, caller, 'update', next)
  const staysAlive = timesChange || expiresAfterIdle !== undefined || enabled !== undefined
  if (needsSlot(key, next, { staysAlive, now })) await ahead.takeSlot(key.owner, key.id, key.version)
  return next
}

/** What is said of it counts from now, and so does what goes on where a key is switched on again. */
function idleAfter(
  { idle, disabled }: StoredKey,
  { expiresAfterIdle, enabled }: Patch,
  now: number,
): Idle | null {
  if (expiresAfterIdle === null) return null
  if (expiresAfterIdle !== undefined) return idleFrom(expiresAfterIdle, now)
  return enabled === true && disabled !== null ? restarted(idle, now) : idle
}

function switched(
  deps: Deps,
  { caller }: CallContext,
  key: StoredKey,
  enabled: boolean | undefined,
): SwitchedOff | null {
  if (enabled === undefined) return key.disabled
  return enabled ? null : switchedOff(key.disabled, caller, key, deps)
}

type Patch = Given<ParsedUpdate>
