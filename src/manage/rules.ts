/** What a key may be made of: the rules of its kind, and of its owner's grants. No I/O. */

import type { Config, Kind } from '../config.js'
import { type FieldError, invalidInput } from '../errors.js'
import { idleMs } from '../key/idle.js'
import { allows, covers } from '../key/permission.js'
import type { StoredKey } from '../key/record.js'

/** When a key ends, from the input and the kind; `undefined` input leaves `current` as it is. */
export function expiryOf(
  input: { expiresIn?: number | null | undefined; expiresAt?: Date | null | undefined },
  current: Date | null,
  now: number,
): Date | null {
  if (input.expiresIn !== undefined && input.expiresIn !== null) return new Date(now + input.expiresIn)
  return input.expiresAt === undefined ? current : input.expiresAt
}

/** What is wrong with the times of a key that are being set at `now`. */
export function timeFaults(
  key: Pick<StoredKey, 'expiresAt' | 'notBefore'>,
  kind: Kind,
  now: number,
): FieldError[] {
  const faults: FieldError[] = []
  const { expiresAt, notBefore } = key
  if (expiresAt !== null && expiresAt.getTime() <= now) {
    faults.push({ path: 'expiresAt', message: 'must be in the future' })
  }
  if (kind.maxExpiresIn !== null && (expiresAt === null || expiresAt.getTime() > now + kind.maxExpiresIn)) {
    const days = kind.maxExpiresIn / 86_400_000
    const longest = Number.isInteger(days) ? `${days} days` : `${kind.maxExpiresIn} ms`
    faults.push({ path: 'expiresAt', message: `keys of kind ${kind.name} live for at most ${longest}` })
  }
  if (expiresAt !== null && notBefore !== null && notBefore >= expiresAt) {
    faults.push({ path: 'notBefore', message: 'must be before expiresAt' })
  }
  return faults
}

/** What is wrong with how long a key may go unused: of a kind that says so, no longer than that. */
export function idleFaults(
  { idle }: Pick<StoredKey, 'idle'>,
  { name, expiresAfterIdle }: Kind,
): FieldError[] {
  if (expiresAfterIdle === null || isNoLonger(idle?.after, expiresAfterIdle)) return []
  const message = `keys of kind ${name} may go unused for at most ${expiresAfterIdle}`
  return [{ path: 'expiresAfterIdle', message }]
}

/** Whether a key ends by being unused no later than that. */
export function isNoLonger(after: string | undefined, longest: string): boolean {
  const [ms, most] = [idleMs(after ?? ''), idleMs(longest)]
  return ms !== null && most !== null && ms <= most
}

/** What is wrong with a key in the eyes of its kind: permissions, required restrictions. */
export function kindFaults(
  key: Pick<StoredKey, 'permissions' | 'roles' | 'restrictions'>,
  kind: Kind,
  config: Config,
): FieldError[] {
  const faults: FieldError[] = []
  const message = `is more than a key of kind ${kind.name} may carry`
  const within = kind.permissions
  if (within !== null)
    faults.push(...beyond(key, config, patterns => patterns.every(one => allows(within, one)), message))
  for (const required of kind.requiredRestrictions) {
    if (key.restrictions[required].length > 0) continue
    faults.push({ path: `restrictions.${required}`, message: `keys of kind ${kind.name} need at least one` })
  }
  return faults
}

/** What of a key's permissions and roles is more than `granted`. */
export function grantFaults(
  key: Pick<StoredKey, 'permissions' | 'roles'>,
  granted: readonly string[],
  config: Config,
): FieldError[] {
  return beyond(
    key,
    config,
    patterns => patterns.every(one => granted.some(grant => covers(grant, one))),
    'is more than the owner may do',
  )
}

/** Throws the faults, if there are any, as `INVALID_INPUT`. */
export function refuseFaults(faults: readonly FieldError[]): void {
  if (faults.length > 0) throw invalidInput(faults)
}

function beyond(
  key: Pick<StoredKey, 'permissions' | 'roles'>,
  config: Config,
  fits: (patterns: readonly string[]) => boolean,
  message: string,
): FieldError[] {
  return [
    ...key.permissions.map((pattern, i) => ({ path: `permissions.${i}`, patterns: [pattern] })),
    ...key.roles.map((role, i) => ({ path: `roles.${i}`, patterns: config.roles.get(role) ?? [] })),
  ]
    .filter(one => !fits(one.patterns))
    .map(({ path }) => ({ path, message }))
}
