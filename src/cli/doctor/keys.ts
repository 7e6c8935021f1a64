/** The keys, in one pass over all of them: how they are hashed, whether they end, are used, and what they may do. */
import { isOutdated } from '../../key/hash.js'
import { covers, MANAGEMENT_PERMISSIONS } from '../../key/permission.js'
import { endOf, KEY_STATUSES, LIVING_STATUSES, type StoredKey, statusOf } from '../../key/record.js'
import { adminOf } from '../../store/admin.js'
import { givenPatterns } from '../../verify/patterns.js'
import type { Check, Patient } from './finding.js'
import { hashFindings } from './hashes.js'
import { livingFindings } from './living.js'

const BATCH = 200
export const UNUSED_DAYS = 90
const DAY_MS = 86_400_000

/** Some of the keys that something was found of, and how many there are. */
export interface Tally {
  count: number
  readonly examples: string[]
}

/** What was seen in the pass. */
export interface Seen {
  total: number
  living: number
  /** By the beginning of the hash: `sha256`, `hmac-sha256 <pepper>`, `bcrypt`. */
  readonly hashes: Map<string, Tally>
  readonly outdated: Tally
  readonly unknownKind: Tally
  readonly endless: Tally
  readonly unused: Tally
  readonly everything: Tally
  readonly managing: Tally
  readonly unlisted: Tally
}

const tally = (): Tally => ({ count: 0, examples: [] })

export const checkKeys: Check = async patient => {
  const seen: Seen = {
    total: 0,
    living: 0,
    hashes: new Map(),
    outdated: tally(),
    unknownKind: tally(),
    endless: tally(),
    unused: tally(),
    everything: tally(),
    managing: tally(),
    unlisted: tally(),
  }
  for await (const keys of batches(patient)) await look(patient, keys, seen)
  return [...hashFindings(patient, seen), ...livingFindings(patient, seen)]
}

async function* batches({
  config,
  interrupts,
  progress: progressOf,
  now,
}: Patient): AsyncGenerator<readonly StoredKey[]> {
  const { store } = config
  const total = (await adminOf(store)?.countKeys()) ?? null
  const progress = progressOf('keys')
  let done = 0
  try {
    for (let before: string | undefined; ; ) {
      interrupts.check()
      const query = { statuses: KEY_STATUSES, now: now(), limit: BATCH }
      const keys = await store.list({ ...query, ...(before !== undefined && { before }) })
      yield keys
      done += keys.length
      progress.at(done, total)
      if (keys.length < BATCH) return
      before = keys.at(-1)?.id
    }
  } finally {
    progress.end()
  }
}

async function look({ config, by, now }: Patient, keys: readonly StoredKey[], seen: Seen): Promise<void> {
  const living = keys.filter(key => LIVING_STATUSES.includes(statusOf(key, now())))
  const uses = new Map(
    (await config.store.lastUses(living.map(({ id }) => id))).map(use => [use.keyId, use.at]),
  )
  const unusedBefore = now() - UNUSED_DAYS * DAY_MS
  seen.total += keys.length
  seen.living += living.length
  for (const key of living) {
    const note = (what: Tally, holds: boolean) => {
      if (!holds) return
      what.count++
      if (what.examples.length < 5) what.examples.push(key.id)
    }
    const kind = config.kinds.get(key.kind)
    const name = hashName(key.hash)
    const known = seen.hashes.get(name) ?? tally()
    seen.hashes.set(name, known)
    note(known, true)
    note(seen.outdated, by === 'config' && kind !== undefined && isOutdated(key.hash, kind.hash))
    note(seen.unknownKind, by === 'config' && kind === undefined)
    note(seen.endless, endOf(key) === null && key.idle === null)
    note(seen.unused, (uses.get(key.id) ?? key.createdAt).getTime() < unusedBefore)
    // Over the database alone nobody knows what a role gives.
    const given = givenPatterns(key, config)
    const isWide = given.includes('*') && key.resources.length === 0
    note(seen.everything, isWide)
    note(seen.managing, !isWide && given.some(managesByPattern))
    note(
      seen.unlisted,
      key.permissions.some(permission => isUnlisted(permission, config.catalogue)),
    )
  }
}

/** The algorithm, with the name of its pepper: nothing of the hash itself. */
function hashName(hash: string): string {
  const [, algorithm = 'unknown', parameter = ''] =
    /^\$([a-z0-9-]+)\$(?:k=([A-Za-z0-9_-]{8})\$)?/.exec(hash) ?? []
  if (/^2[aby]$/.test(algorithm)) return 'bcrypt'
  return parameter === '' ? algorithm : `${algorithm} ${parameter}`
}

/** May manage keys by a pattern that was meant for something else, perhaps. */
function managesByPattern(pattern: string): boolean {
  return MANAGEMENT_PERMISSIONS.every(permission => covers(pattern, permission))
}

function isUnlisted(pattern: string, catalogue: ReadonlySet<string> | null): boolean {
  return catalogue !== null && ![...catalogue].some(permission => covers(pattern, permission))
}
