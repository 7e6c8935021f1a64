/** What a row changes about a key that was imported before. */
import { isDeepStrictEqual } from 'node:util'
import { type StoredKey, sameOwner } from '../key/record.js'
import type { CallContext } from './access.js'
import { isSame } from './audit.js'
import { changeKey, type Decide } from './change.js'
import type { Deps } from './deps.js'
import type { Wanted } from './import-draft.js'
import type { ImportOptions, ParsedImport } from './import-input.js'
import { idleFaults, kindFaults, refuseFaults, timeFaults } from './rules.js'
import { needsSlot } from './slots.js'

/** What a row may say of these, replaces what is here. Neither the token, the kind nor credits are among them. */
const FIELDS = [
  'name',
  'description',
  'owner',
  'organizationId',
  'permissions',
  'roles',
  'resources',
  'metadata',
  'tags',
  'notBefore',
  'expiresAt',
  'restrictions',
  'limits',
] as const satisfies readonly (keyof ParsedImport & keyof StoredKey)[]

/** The changed key, of which others are to be told; `changed`: only as it would be; `same`: nothing is left to do. */
export async function overwrite(
  deps: Deps,
  context: CallContext,
  key: StoredKey,
  wanted: Wanted,
  { dryRun }: Pick<Required<ImportOptions>, 'dryRun'>,
): Promise<StoredKey | 'changed' | 'same'> {
  if (dryRun) return overwritten(deps, key, wanted) === key ? 'same' : 'changed'
  let changed = false
  const decide: Decide = async (current, ahead) => {
    const next = overwritten(deps, current, wanted)
    changed = next !== current
    if (needsSlot(current, next, { staysAlive: changed && changesLife(current, next), now: deps.now() }))
      await ahead.takeSlot(next.owner, current.id, current.version)
    return next
  }
  const result = await changeKey(deps, context, 'import', key.id, decide, { reach: 'left' })
  // Also where another has changed it, and died before all had heard.
  return changed || result.outbox.length > 0 ? result : 'same'
}

/** Also in another owner's hands: it takes a place of theirs. */
function changesLife(key: StoredKey, next: StoredKey): boolean {
  return (
    next.expiresAt !== key.expiresAt ||
    next.notBefore !== key.notBefore ||
    next.idle !== key.idle ||
    !sameOwner(next.owner, key.owner)
  )
}

/**
 * The key with what the row says: the same one where nothing changes. A row takes power away, and says what the key is; what was
 * ended, deleted or switched off here stays so.
 */
function overwritten({ config, now }: Deps, key: StoredKey, { input, draft }: Wanted): StoredKey {
  if (key.revoked !== null || key.deleted !== null) return key
  const given = FIELDS.filter(
    field => input[field] !== undefined && !isDeepStrictEqual(key[field], draft[field]),
  )
  const next: StoredKey = {
    ...key,
    ...Object.fromEntries(given.map(field => [field, draft[field]])),
    // An organisation's key is used in its own context, whatever the row left out.
    organizationId:
      input.owner.type === 'organization' ? draft.organizationId : organizationIn(key, input, draft),
    idle: idleIn(key, input, draft),
    disabled: key.disabled ?? draft.disabled,
    revoked: draft.revoked,
  }
  if (isSame(key, next)) return key
  // Of its own kind, which a row does not change.
  const kind = config.kinds.get(key.kind) ?? config.defaultKind
  const endsLater = next.expiresAt === null || (key.expiresAt !== null && next.expiresAt > key.expiresAt)
  refuseFaults([
    ...kindFaults(next, kind, config),
    ...(next.idle === key.idle ? [] : idleFaults(next, kind)),
    ...(endsLater && given.includes('expiresAt') ? timeFaults(next, kind, now()) : []),
  ])
  return next
}

function organizationIn(key: StoredKey, { organizationId }: ParsedImport, draft: StoredKey): string | null {
  return organizationId === undefined ? key.organizationId : draft.organizationId
}

/** How long it may go unused, from now on where the row says another time than the key has. */
function idleIn(key: StoredKey, { expiresAfterIdle }: ParsedImport, draft: StoredKey): StoredKey['idle'] {
  return expiresAfterIdle === undefined || expiresAfterIdle === key.idle?.after ? key.idle : draft.idle
}
