/**
 * Keys that have ended since nobody used them: what a verification finds out by itself (verify/idle.ts) is written down, so that
 * lists, the audit and the places of an owner's keys know of it too. Before that they are told of, as keys are whose day comes.
 */
import { idleUntil } from '../key/idle.js'
import type { StoredKey } from '../key/record.js'
import type { IdleCheck } from '../store/store.js'
import { SERVER } from './actor.js'
import { batchesOf } from './batches.js'
import { changeKey } from './change.js'
import type { Deps } from './deps.js'
import type { Ending, Notices } from './notices.js'
import { collectFailures, type RareStep } from './sweep.js'

/** Uses that are not written yet, in this process or another, are by then, unless the store is away. */
const UNWRITTEN_MS = 15_000

export function endUnused(notices: Notices): RareStep {
  return async deps => {
    const failures = collectFailures()
    const query = { statuses: ['active'], idleCheckBy: new Date(deps.now()) } as const
    for await (const keys of batchesOf(deps, query)) {
      const endings = await endingsOf(deps, keys)
      const now = deps.now()
      for (const { key, end } of endings) {
        if (end + UNWRITTEN_MS <= now) await failures.catch(() => write(deps, key, end))
      }
      const lasting = endings.filter(({ end }) => end > now)
      if (notices.areWanted()) await notices.give(deps, lasting.filter(endsFirst))
      await deps.store.moveIdleChecks(checksOf(lasting, notices.longest, now))
    }
    failures.throwFirst()
  }
}

async function endingsOf({ lastUse }: Deps, keys: readonly StoredKey[]): Promise<readonly Ending[]> {
  const uses = await lastUse.of(keys.map(({ id }) => id))
  return keys.map(key => ({ key, end: idleUntil(key, uses.get(key.id)?.at.getTime()) }))
}

/** Whether a key ends by this before its day comes, of which it is told too. */
function endsFirst({ key: { expiresAt }, end }: Ending): boolean {
  return expiresAt === null || end < expiresAt.getTime()
}

/** The next look: when there is something to tell, or to write down. */
function checksOf(endings: readonly Ending[], longestNotice: number, now: number): readonly IdleCheck[] {
  return endings.flatMap(({ key, end }) => {
    const first = end - longestNotice
    return first <= now ? [] : [{ keyId: key.id, at: new Date(first) }]
  })
}

/** Of the record as it was found: whoever has changed it meanwhile knew what they did. */
async function write(deps: Deps, { id, version }: StoredKey, end: number): Promise<void> {
  await changeKey(deps, { caller: SERVER, request: undefined }, 'expire', id, async key =>
    key.version !== version || key.idle === null
      ? key
      : { ...key, idle: { ...key.idle, endedAt: new Date(end) } },
  )
}
