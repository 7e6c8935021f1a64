import type { Kind } from '../config.js'
import { type FieldError, invalidInput, SidekeyError } from '../errors.js'
import type { Action } from '../key/action.js'
import type { AuditEvent } from '../key/audit-event.js'
import { hashToken } from '../key/hash.js'
import { idleFrom } from '../key/idle.js'
import { NO_LIMITS } from '../key/limit.js'
import type { ApiKey, Owner, StoredKey } from '../key/record.js'
import { UNRESTRICTED } from '../key/restriction.js'
import { newKeyId, newToken } from '../key/token.js'
import { parseInput } from '../validation.js'
import { type CallContext, permitByKey, permitOutcome } from './access.js'
import { belongsTo, type Caller } from './actor.js'
import { eventsOfChange } from './audit.js'
import { refuseStaleKey } from './change.js'
import { openingCredits, settleRule } from './credit-rule.js'
import type { Deps } from './deps.js'
import { createOptions } from './fields.js'
import { type Claim, claimIdempotency, repeatOf } from './idempotency.js'
import type { Inputs, ParsedCreate } from './input-schemas.js'
import { refusing } from './refused-act.js'
import { expiryOf, grantFaults, idleFaults, kindFaults, refuseFaults, timeFaults } from './rules.js'
import { shownKey, shownNew } from './shown.js'
import { takeSlot } from './slots.js'

/** A key with its token, which is shown this once. */
export interface Created {
  readonly apiKey: ApiKey
  /** The whole token. It is not kept: only its hash is. */
  readonly token: string
}

/** What a repeat of a request with the same idempotency key is answered: the record that the first has made. */
export interface Replayed {
  readonly apiKey: ApiKey
  readonly replayed: true
}

/** The options of `create`. */
export interface CreateOptions {
  /**
   * 1 to 255 visible characters of ASCII, such as a UUID: a repeat by the same actor within a day makes no second key, and
   * is answered without the token.
   */
  readonly idempotencyKey?: string | undefined
}

/** Makes a key. */
export async function createKey(
  deps: Deps,
  inputs: Inputs,
  context: CallContext,
  raw: unknown,
  options: CreateOptions = {},
): Promise<Created | Replayed> {
  permitByKey(context.caller, 'create', null)
  const { idempotencyKey } = parseInput(createOptions, options)
  const input = parseInput(inputs.create, raw)
  const wanted = await wantedKey(deps, context, input)
  if (idempotencyKey === undefined) return insert(deps, context, wanted)
  const { draft } = wanted
  const claim = await claimIdempotency(deps, context, idempotencyKey, input, draft.id)
  if (claim.is === 'repeat') return replayed(deps, claim.key)
  let begun = false
  const onWrite = () => {
    begun = true
  }
  try {
    return await insert(deps, context, { ...wanted, draft: { ...draft, id: claim.keyId } }, onWrite)
  } catch (error) {
    if (begun) return afterWriting(deps, context, claim, error)
    await claim.release()
    throw error
  }
}

/** The key that the input asks for, if the caller may have it. */
export async function wantedKey(deps: Deps, context: CallContext, input: ParsedCreate): Promise<WantedKey> {
  const now = deps.now()
  const kind = kindOf(deps, context.caller, input)
  const opening = openingCredits(context.caller, input, kind)
  const credits = opening && { refill: opening.refill, since: new Date(now) }
  const draft = { ...draftOf(context.caller, input, kind, newKeyId(now), now), credits }
  const balance = opening?.balance ?? 0

  await permitOutcome(deps, context, 'create', draft)
  if (input.credits !== undefined) await permitOutcome(deps, context, 'credits', draft)
  refuseForeignOrganization(context.caller, draft)
  refuseLimits(context.caller, 'create', draft, input)
  refuseFaults([
    ...timeFaults(draft, kind, now),
    ...idleFaults(draft, kind),
    ...kindFaults(draft, kind, deps.config),
  ])
  await refuseAboveGrants(deps, context.caller, 'create', draft)

  return { draft, kind, balance }
}

/**
 * Writes the record of a key that may be.
 * @param onWrite is called right before the record is written
 */
async function insert(
  deps: Deps,
  context: CallContext,
  { draft, kind, balance }: WantedKey,
  onWrite: () => void = () => {},
): Promise<Created> {
  const token = newToken(kind.prefix, draft.id)
  const hash = await hashToken(token, kind.hash)
  const events = eventsOfChange(context, ['create'], null, draft, draft.createdAt.getTime())
  const outbox = draft.credits === null ? events : events.map(event => withBalance(event, balance))
  const key = { ...draft, hash, outbox }
  await takeSlot(deps, key.owner, key.id, 0)
  await refuseStaleKey(deps, context.caller)
  // Before the record, so that the key never works without it.
  if (key.credits !== null) await deps.store.credits.open(key.id, balance, key.credits, key.createdAt)
  onWrite()
  if (!(await deps.store.insert(key))) throw new SidekeyError('CONFLICT', TAKEN)
  await Promise.all([deps.outbox.settle([key], 'here'), settleRule(deps, null, key)])
  return { apiKey: shownNew(deps, key, balance), token: token.token }
}

/** The record of a key that is to be, its kind, and the credits that it begins with. */
interface WantedKey {
  readonly draft: StoredKey
  readonly kind: Kind
  readonly balance: number
}

function withBalance(event: AuditEvent, balance: number): AuditEvent {
  return { ...event, changes: { ...event.changes, balance: { from: null, to: balance } } }
}

const TAKEN = 'The id of the new key was taken; try again.'

/** Another repeat may have been faster; what may have landed all the same stays claimed. */
async function afterWriting(
  deps: Deps,
  context: CallContext,
  { keyId }: Extract<Claim, { is: 'first' }>,
  error: unknown,
): Promise<Replayed> {
  const key = error instanceof SidekeyError && error.code === 'CONFLICT' ? await deps.store.find(keyId) : null
  if (key === null) throw error
  return replayed(deps, (await repeatOf(deps, context, key)).key)
}

async function replayed(deps: Deps, key: StoredKey): Promise<Replayed> {
  return { apiKey: await shownKey(deps, key), replayed: true }
}

/** What an actor puts into a key must be within what its owner may do now; server code is trusted, and cut later. */
export async function refuseAboveGrants(
  deps: Deps,
  caller: Caller,
  action: Action,
  key: StoredKey,
): Promise<void> {
  if (caller.via === 'server') return
  const granted = await deps.grants(key.owner, key.organizationId)
  const keyId = action === 'create' ? null : key.id
  if (granted === null) {
    throw refusing(new SidekeyError('FORBIDDEN', 'The owner of this key is switched off.'), action, {
      keyId,
      key,
    })
  }
  const faults = grantFaults(key, granted, deps.config)
  // Whoever reaches for more than they have is not only mistaken: the audit is told.
  if (faults.length > 0) throw refusing(invalidInput(faults), action, { keyId, key })
}

/** @throws SidekeyError `FORBIDDEN` where a user puts a key into an organisation that they do not belong to. */
function refuseForeignOrganization(caller: Caller, draft: StoredKey): void {
  const { organizationId } = draft
  if (
    caller.via !== 'session' ||
    organizationId === null ||
    caller.admin ||
    belongsTo(caller, organizationId)
  )
    return
  const errors: FieldError[] = [
    { path: 'organizationId', message: 'takes an organisation that you belong to' },
  ]
  const message = 'organizationId: takes an organisation that you belong to'
  throw refusing(new SidekeyError('FORBIDDEN', message, { errors }), 'create', { key: draft })
}

function kindOf({ config }: Deps, caller: Caller, input: ParsedCreate): Kind {
  const inherited = caller.via === 'key' ? caller.key.apiKey.kind : config.defaultKind.name
  return config.kinds.get(input.kind ?? inherited) ?? config.defaultKind
}

/** The record that the input asks for; a key made by a key takes from it what the input leaves open. */
function draftOf(caller: Caller, input: ParsedCreate, kind: Kind, id: string, now: number): StoredKey {
  const parent = caller.via === 'key' ? caller.key : null
  const owner = input.owner ?? defaultOwner(caller)
  const unused = input.expiresAfterIdle ?? parent?.apiKey.expiresAfterIdle ?? kind.expiresAfterIdle
  const untilKindEnds = kind.expiresIn === null ? null : new Date(now + kind.expiresIn)
  return {
    id,
    kind: kind.name,
    prefix: kind.prefix,
    name: input.name,
    description: input.description ?? null,
    owner,
    organizationId: organizationOf(owner, input.organizationId ?? parent?.apiKey.organizationId ?? null),
    createdBy: caller.id,
    parentId: parent?.apiKey.id ?? null,
    imported: null,
    permissions: input.permissions ?? [],
    roles: input.roles ?? [],
    resources: input.resources ?? parent?.resources ?? [],
    metadata: input.metadata ?? {},
    tags: input.tags ?? [],
    notBefore: input.notBefore ?? null,
    expiresAt: expiryOf(input, earliest(untilKindEnds, parent?.apiKey.expiresAt ?? null), now),
    idle: unused === null ? null : idleFrom(unused, now),
    revoked: null,
    restrictions: input.restrictions ?? parent?.apiKey.restrictions ?? UNRESTRICTED,
    limits: input.limits ?? NO_LIMITS,
    credits: null,
    version: 1,
    createdAt: new Date(now),
    updatedAt: new Date(now),
    hash: '',
    previous: [],
    disabled: null,
    deleted: null,
    outbox: [],
  }
}

function defaultOwner(caller: Caller): Owner {
  if (caller.via === 'key') return caller.key.owner
  if (caller.via === 'session') return { type: 'user', id: caller.id }
  throw invalidInput([{ path: 'owner', message: 'takes { type, id }' }])
}

/** What people may use of a service is not theirs to say. */
export function refuseLimits(
  caller: Caller,
  action: Action,
  key: StoredKey,
  { limits }: { readonly limits?: unknown },
): void {
  if (limits === undefined || caller.via === 'server' || (caller.via === 'session' && caller.admin)) return
  const error = new SidekeyError('FORBIDDEN', 'limits: only an admin may set them.')
  throw refusing(error, action, action === 'create' ? { key } : { keyId: key.id, key })
}

/** A key that an organisation owns is used in its context, and in no other. */
export function organizationOf(owner: Owner, organizationId: string | null): string | null {
  if (owner.type !== 'organization') return organizationId
  if (organizationId === null || organizationId === owner.id) return owner.id
  throw invalidInput([{ path: 'organizationId', message: 'must be the organisation that owns the key' }])
}

function earliest(a: Date | null, b: Date | null): Date | null {
  if (a === null || b === null) return a ?? b
  return a < b ? a : b
}
