/**
 * Takes over keys that another system has made. Each row claims the name that leads from its token to its key, then writes the
 * record: of however many imports at once one record comes of it, and a repeat finds it. A process that dies in between leaves a
 * name without a record; the repeat writes that record, under the id that the name has.
 */
import { invalidInput, SidekeyError } from '../errors.js'
import { aliasOfHash } from '../key/foreign-token.js'
import { KEY_STATUSES, type StoredKey } from '../key/record.js'
import type { Alias } from '../store/store.js'
import { parseInput } from '../validation.js'
import type { CallContext } from './access.js'
import { eventsOfChange } from './audit.js'
import { settleRule } from './credit-rule.js'
import type { Deps } from './deps.js'
import { type Wanted, wantedOf } from './import-draft.js'
import { type ImportOptions, type ImportRecord, importOptions, type importSchema } from './import-input.js'
import { overwrite } from './import-overwrite.js'
import { type Rehearsal, rehearse } from './import-rehearsal.js'
import type { BulkOutbox } from './outbox.js'
import { isLiving, takeSlot } from './slots.js'

/** A row that was not taken, and why. The reason has neither a token nor a hash in it. */
export interface ImportFailure {
  /** Of the record among those that were given, from 0. */
  readonly index: number
  readonly reason: string
}

/** What became of the rows: how many were written, how many were there already, and which were not taken. */
export interface ImportResult {
  readonly imported: number
  readonly skipped: number
  readonly failed: readonly ImportFailure[]
}

/** What `keys.import` takes: records of keys that another system has made, all there or still to come. */
export type ImportRecords<P extends string = string> =
  | Iterable<ImportRecord<P>>
  | AsyncIterable<ImportRecord<P>>

const BATCH = 200
/** A name without a record is somebody's who is about to write it, until then. */
const UNDER_WAY_MS = 60_000

interface Row extends Wanted {
  readonly index: number
}

interface Run {
  readonly deps: Deps
  readonly context: CallContext
  readonly options: Required<ImportOptions>
  readonly bulk: BulkOutbox
  readonly rehearsal: Rehearsal
  readonly failed: ImportFailure[]
  imported: number
  skipped: number
}

/** @param rehearsal of an import that is dry and comes in several parts */
export async function importKeys(
  deps: Deps,
  schema: ReturnType<typeof importSchema>,
  context: CallContext,
  records: ImportRecords,
  given: ImportOptions = {},
  rehearsal: Rehearsal = rehearse(deps),
): Promise<ImportResult> {
  const options = parseInput(importOptions, given)
  const bulk = deps.outbox.inBulk()
  const run: Run = { deps, context, options, bulk, rehearsal, failed: [], imported: 0, skipped: 0 }
  try {
    await importInBatches(run, schema, checkedRecords(records))
  } finally {
    // Also where it stops half-way: what it has narrowed is narrowed everywhere.
    await bulk.end()
  }
  const { imported, skipped, failed } = run
  return { imported, skipped, failed: failed.sort((a, b) => a.index - b.index) }
}

async function importInBatches(
  run: Run,
  schema: ReturnType<typeof importSchema>,
  records: AsyncIterable<unknown>,
): Promise<void> {
  let batch = new Map<string, Row>()
  let index = 0
  for await (const record of records) {
    const row = rowOf(run, schema, record, index++)
    if (row === null) continue
    // A name comes once a batch: who comes second finds what the first has made.
    if (batch.size === BATCH || batch.has(row.alias.id)) {
      await writeBatch(run, [...batch.values()])
      batch = new Map()
    }
    batch.set(row.alias.id, row)
  }
  if (batch.size > 0) await writeBatch(run, [...batch.values()])
}

function rowOf(
  run: Run,
  schema: ReturnType<typeof importSchema>,
  record: unknown,
  index: number,
): Row | null {
  try {
    return { ...wantedOf(run.deps.config, parseInput(schema, record), run.deps.now()), index }
  } catch (error) {
    fail(run, index, error)
    return null
  }
}

/** A row is refused for what is in it; where the store is away everything stops. */
function fail({ failed }: Run, index: number, error: unknown): void {
  if (!(error instanceof SidekeyError) || error.code === 'STORE_UNAVAILABLE') throw error
  failed.push({ index, reason: error.message })
}

async function writeBatch(run: Run, rows: readonly Row[]): Promise<void> {
  const { deps, options } = run
  const claims = options.dryRun ? await foundClaims(deps, rows) : await claimedBy(deps, rows)
  const known = await knownKeys(
    deps,
    claims.filter((claim, i) => claim.keyId !== rows[i]?.draft.id),
  )
  const fresh: Row[] = []
  const there: { readonly row: Row; readonly key: StoredKey }[] = []
  for (const [i, row] of rows.entries()) {
    const claim = claims[i] ?? row.alias
    const key = known.get(claim.keyId)
    const reason = whyNot(row, claim, key)
    if (reason !== null) run.failed.push({ index: row.index, reason })
    else if (key !== undefined) there.push({ row, key })
    else fresh.push({ ...row, draft: { ...row.draft, id: claim.keyId } })
  }
  await (options.dryRun ? rehearseNew(run, fresh) : insertNew(run, fresh))
  await changeKnown(run, there)
}

/** What a row before would have written counts as there. */
async function rehearseNew(run: Run, rows: readonly Row[]): Promise<void> {
  for (const row of rows) {
    const name = run.rehearsal.nameOf(row)
    if (name === 'same') run.skipped++
    else if (name === 'other') {
      const reason = row.draft.imported?.alias === aliasOfHash(row.draft.hash) ? OTHER_SOURCE : OTHER_TOKEN
      run.failed.push({ index: row.index, reason })
    } else {
      try {
        await run.rehearsal.take(row)
        run.imported++
      } catch (error) {
        fail(run, row.index, error)
      }
    }
  }
}

function whyNot({ alias, draft }: Row, claim: Alias, key: StoredKey | undefined): string | null {
  if (claim.retired) return 'the key was removed here for good'
  if (claim.digest !== alias.digest) return OTHER_TOKEN
  if (key !== undefined && key.imported?.source !== draft.imported?.source) return OTHER_SOURCE
  return null
}

const OTHER_TOKEN = 'id: leads to a key with another token'
const OTHER_SOURCE = 'source: the token is a key of another source here'

/** The names as these rows, or others before them, have claimed them. */
async function claimedBy(deps: Deps, rows: readonly Row[]): Promise<Alias[]> {
  const claims = await deps.store.claimAliases(rows.map(({ alias }) => alias))
  return Promise.all(claims.map((claim, i) => reclaimed(deps, claim, rows[i]?.alias ?? claim)))
}

/** A name for another token, of an import that was broken off and never came to write its record, is given up. */
async function reclaimed({ store, now }: Deps, claim: Alias, wanted: Alias): Promise<Alias> {
  const isOrphan =
    claim.digest !== wanted.digest && !claim.retired && claim.at.getTime() < now() - UNDER_WAY_MS
  if (!isOrphan || (await store.find(claim.keyId)) !== null) return claim
  await store.releaseAlias(claim.id, claim.keyId)
  return store.claimAlias(wanted)
}

async function foundClaims({ store }: Deps, rows: readonly Row[]): Promise<Alias[]> {
  return Promise.all(rows.map(async ({ alias }) => (await store.findAlias(alias.id)) ?? alias))
}

async function knownKeys({ store, now }: Deps, claims: readonly Alias[]): Promise<Map<string, StoredKey>> {
  if (claims.length === 0) return new Map()
  const ids = claims.map(({ keyId }) => keyId)
  const keys = await store.list({ ids, statuses: KEY_STATUSES, now: now(), limit: ids.length })
  return new Map(keys.map(key => [key.id, key]))
}

async function insertNew(run: Run, rows: readonly Row[]): Promise<void> {
  const { deps, context } = run
  const ready: { readonly row: Row; readonly key: StoredKey }[] = []
  for (const row of rows) {
    try {
      const { draft, balance } = row
      if (isLiving(draft, deps.now())) await takeSlot(deps, draft.owner, draft.id, 0)
      // Before the record, so that the key never works without it.
      if (draft.credits !== null)
        await deps.store.credits.open(draft.id, balance, draft.credits, new Date(deps.now()))
      ready.push({
        row,
        key: { ...draft, outbox: eventsOfChange(context, ['import'], null, draft, deps.now()) },
      })
    } catch (error) {
      // Of another import's name that record may yet come.
      if (row.alias.keyId === row.draft.id) await deps.store.releaseAlias(row.alias.id, row.draft.id)
      fail(run, row.index, error)
    }
  }
  const added = new Set(await deps.store.insertMany(ready.map(({ key }) => key)))
  const keys = ready.filter(({ key }) => added.has(key.id))
  run.imported += added.size
  // Written by another import meanwhile.
  run.skipped += ready.length - added.size
  await deps.outbox.settle(
    keys.map(({ key }) => key),
    'here',
  )
  await Promise.all(
    keys.filter(({ key }) => key.credits !== null).map(({ key }) => settleRule(deps, null, key)),
  )
  const uses = keys.flatMap(({ row: { input }, key }) =>
    input.lastUsedAt === undefined ? [] : [{ keyId: key.id, at: input.lastUsedAt }],
  )
  if (uses.length > 0) await deps.store.recordUses(uses)
}

async function changeKnown(
  run: Run,
  rows: readonly { readonly row: Row; readonly key: StoredKey }[],
): Promise<void> {
  if (run.options.existing === 'skip') {
    run.skipped += rows.length
    return
  }
  const changed: StoredKey[] = []
  for (const { row, key } of rows) {
    try {
      const result = await overwrite(run.deps, run.context, key, row, run.options)
      if (result === 'same') run.skipped++
      else run.imported++
      if (typeof result === 'object') changed.push(result)
    } catch (error) {
      fail(run, row.index, error)
    }
  }
  await run.bulk.add(changed)
}

/** @throws SidekeyError `INVALID_INPUT` for what is not a list of records. */
async function* checkedRecords(records: unknown): AsyncIterable<unknown> {
  const isIterable =
    typeof records === 'object' &&
    records !== null &&
    (Symbol.iterator in records || Symbol.asyncIterator in records)
  if (!isIterable)
    throw invalidInput([{ path: 'records', message: 'takes a list of records, all there or still to come' }])
  yield* records as Iterable<unknown> | AsyncIterable<unknown> // by what was looked at
}
