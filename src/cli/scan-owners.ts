/** Whose the tokens are that a scan has found, and their end. */
import type { ApiKey } from '../key/record.js'
import type { LeakOutcome } from '../manage/leaks.js'
import type { Found } from '../scan/finder.js'
import type { Interrupts } from './interrupt.js'
import type { Io } from './io.js'
import { needsConfig } from './needs-config.js'
import type { Output } from './output.js'
import { confirm } from './prompt.js'
import type { Place } from './scan-paths.js'
import { operator, type Session } from './session.js'

/** What is known of a token. */
export interface Owned {
  readonly apiKey: ApiKey | null
  /** The status of its key; `unknown`: it is no key's; `unchecked`: only the app's config tells. After an end what became of it. */
  readonly state: ApiKey['status'] | LeakOutcome['did'] | 'unchecked'
}

type FoundAt = Found & Place

/** Looks each token up, once however often it was found. */
export async function lookUp(
  session: Session,
  found: readonly FoundAt[],
  interrupts: Interrupts,
  output: Output,
): Promise<Map<string, Owned>> {
  const tokens = [...new Set(found.map(({ token }) => token))]
  const owned = new Map<string, Owned>()
  const progress = output.progress('tokens')
  try {
    for (const [i, token] of tokens.entries()) {
      interrupts.check()
      owned.set(token, await ownerOf(session, token))
      progress.at(i + 1, tokens.length)
    }
  } finally {
    progress.end()
  }
  return owned
}

async function ownerOf(session: Session, token: string): Promise<Owned> {
  const apiKey = await session.manage.lookup(token)
  if (apiKey !== null) return { apiKey, state: apiKey.status }
  return { apiKey, state: (await needsConfig(session, token)) === null ? 'unknown' : 'unchecked' }
}

interface Ending {
  readonly io: Io
  readonly found: readonly FoundAt[]
  readonly owned: ReadonlyMap<string, Owned>
  readonly yes?: boolean | undefined
  readonly dryRun?: boolean | undefined
}

/** Ends the keys whose tokens were found, in one go: also if it is interrupted, what is ended is ended everywhere. */
export async function endFound(
  { internals }: Session,
  { io, found, owned, yes, dryRun }: Ending,
  output: Output,
): Promise<ReadonlyMap<string, Owned>> {
  const living = [...owned].filter(([, { apiKey }]) => apiKey !== null && apiKey.status !== 'revoked')
  if (living.length === 0) return owned
  const names = living.map(([, { apiKey }]) => `"${apiKey?.name}" (${apiKey?.id})`)
  const told = `${names.slice(0, 5).join(', ')}${names.length > 5 ? ` and ${names.length - 5} more` : ''}`
  if (dryRun === true) {
    output.note(`Nothing was changed. Would be ended: ${told}.`)
    return owned
  }
  await confirm(io, `End ${told}? It cannot be undone.`, { yes })
  const leaks = living.map(([token]) => ({ token, place: placeOf(token, found) }))
  const outcomes = await internals.reportLeaks(operator(), leaks, () => 'revoke')
  const after = new Map(owned)
  for (const [i, [token]] of living.entries()) {
    const outcome = outcomes[i]
    if (outcome !== undefined) after.set(token, { apiKey: outcome.apiKey, state: outcome.did })
  }
  return after
}

function placeOf(token: string, found: readonly FoundAt[]): string {
  const first = found.find(one => one.token === token)
  if (first === undefined) return 'a scan'
  const { path, line, commit, file } = first
  return file === undefined ? `${path}:${line}` : `${commit ?? ''} ${file}`.trim()
}
