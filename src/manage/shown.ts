/** Records as callers see them, with what is kept beside them: when they were last used. */
import { readonlyDate } from '../key/readonly-date.js'
import { type ApiKey, type StoredKey, toApiKey } from '../key/record.js'
import type { Deps } from './deps.js'

type ShowDeps = Pick<Deps, 'lastUse' | 'now'>

export async function shownKeys(
  { lastUse, now }: ShowDeps,
  keys: readonly StoredKey[],
): Promise<readonly ApiKey[]> {
  const uses = await lastUse.of(keys.map(({ id }) => id))
  return keys.map(key => withLastUse(toApiKey(key, now()), uses.get(key.id)))
}

export async function shownKey(deps: ShowDeps, key: StoredKey): Promise<ApiKey> {
  const [shown = toApiKey(key, deps.now())] = await shownKeys(deps, [key])
  return shown
}

/** The same after a change, which must not fail because the last use cannot be read. */
export function shownChanged(deps: ShowDeps, key: StoredKey): Promise<ApiKey> {
  return shownKey(deps, key).catch(() => toApiKey(key, deps.now()))
}

/** A key that has just been made has never been used. */
export function shownNew({ now }: ShowDeps, key: StoredKey): ApiKey {
  return withLastUse(toApiKey(key, now()), undefined)
}

function withLastUse(apiKey: ApiKey, at: Date | undefined): ApiKey {
  return Object.freeze({ ...apiKey, lastUsedAt: at === undefined ? null : readonlyDate(at) })
}
