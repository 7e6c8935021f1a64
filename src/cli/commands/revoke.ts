import type { Command } from 'commander'
import { given } from '../../given.js'
import { type ApiKey, NOT_YET_REVOKED } from '../../key/record.js'
import { type CommonOptions, idArguments, type Run, runWithKeys, withKeys } from '../command.js'
import { CliError, EXIT } from '../exit.js'
import type { Io } from '../io.js'
import { type ActOptions, withLeave } from '../options.js'
import { confirm } from '../prompt.js'
import { KEY_COLUMNS } from '../view.js'
import { type FilterOptions, filterOf, pagesOf, withFilters } from './list.js'
import { known, tellKey } from './show.js'

interface RevokeOptions extends CommonOptions, FilterOptions, ActOptions {
  readonly reason?: string
}

/** Deleted keys too: they could be restored. */
/** So many are shown before it is asked. */
const SHOWN = 20

export function addRevoke(program: Command, io: Io): void {
  const command = program
    .command('revoke')
    .description('end keys for good: those that are named, or all that match the filters')
    .argument('[ids...]', 'their ids', idArguments)
  withFilters(command).option('--reason <text>', 'why, for whoever looks at the record later')
  withLeave(command)
  withKeys(command).action((ids: readonly string[], options: RevokeOptions) =>
    runWithKeys(io, options, run => revoke(run, ids, options)),
  )
}

async function revoke(run: Run, ids: readonly string[], options: RevokeOptions): Promise<void> {
  const filter = filterOf(options)
  const isFiltered = Object.keys(filter).length > 0
  if (ids.length > 0 && isFiltered) throw new CliError(EXIT.usage, 'give ids or filters, not both')
  if (ids.length === 0 && !isFiltered)
    throw new CliError(EXIT.usage, 'say which keys: ids, or a filter such as --owner')
  const [id] = ids
  if (id !== undefined && ids.length === 1) return revokeOne(run, id, options)
  const found = isFiltered ? await matching(run, filter) : await named(run, ids)
  const living = found.filter(key => key.revoked === null)
  await revokeMany(run, living, isFiltered ? filter : { ids: found.map(key => key.id) }, options)
}

async function revokeOne(run: Run, id: string, { reason, yes, dryRun }: RevokeOptions): Promise<void> {
  const key = await known(run, id)
  const options = given({ reason })
  if (dryRun === true) {
    const { changes } = await run.internals.checks.revoke(id, options)
    if (run.output.json) return run.output.value({ dryRun: true, keys: changes ? [key] : [] })
    const becomes = changes ? 'would be revoked' : 'is revoked already, and would stay as it is'
    return run.output.line(`Nothing was changed. "${key.name}" (${key.id}) ${becomes}.`)
  }
  await confirm(run.io, `Revoke "${key.name}" (${key.id})? It cannot be undone.`, { yes })
  tellKey(run, await run.manage.revoke(id, options))
}

async function revokeMany(
  { manage, output, interrupts, io, internals }: Run,
  found: readonly ApiKey[],
  filter: Parameters<Run['manage']['revokeAll']>[0],
  { reason, yes, dryRun }: RevokeOptions,
): Promise<void> {
  const count = `${found.length} ${found.length === 1 ? 'key' : 'keys'}`
  if (dryRun === true) await internals.checks.revokeAll(filter, given({ reason }))
  if (dryRun === true && output.json) return output.value({ dryRun: true, keys: found })
  if (!output.json && found.length > 0) {
    output.table(found.slice(0, SHOWN), KEY_COLUMNS)
    if (found.length > SHOWN) output.line(`and ${found.length - SHOWN} more`)
  }
  if (dryRun === true) return output.line(`Nothing was changed. ${count} would be revoked.`)
  if (found.length > 0) await confirm(io, `Revoke ${count}? It cannot be undone.`, { yes })
  const progress = output.progress('keys')
  let ended = 0
  try {
    const { revoked } = await manage.revokeAll(filter, {
      ...given({ reason }),
      onProgress: done => {
        ended = done
        progress.at(done, found.length)
        interrupts.check() // what is revoked so far is told to all before this leaves
      },
    })
    ended = revoked
  } catch (error) {
    if (!(error instanceof CliError)) throw error
    throw new CliError(error.exit, `stopped: ${ended} revoked, in every process. Repeat it to go on`)
  } finally {
    progress.end()
  }
  if (output.json) output.value({ revoked: ended })
  else output.line(`Revoked: ${ended}.`)
}

async function matching(run: Run, filter: ReturnType<typeof filterOf>): Promise<readonly ApiKey[]> {
  const found: ApiKey[] = []
  for await (const page of pagesOf(run, { ...filter, status: NOT_YET_REVOKED })) found.push(...page)
  return found
}

/** A misspelt id must not go by in silence, among many others. */
async function named(run: Run, ids: readonly string[]): Promise<readonly ApiKey[]> {
  if (ids.length > 200) throw new CliError(EXIT.usage, 'at most 200 ids at a time')
  return Promise.all([...new Set(ids)].map(id => known(run, id)))
}
