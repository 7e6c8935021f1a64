import type { Command } from 'commander'
import type { ApiKey } from '../../key/record.js'
import { type CommonOptions, type Run, runWithKeys, withKeys } from '../command.js'
import { CliError, EXIT } from '../exit.js'
import type { Io } from '../io.js'
import { type ActOptions, keyCommand, withLeave } from '../options.js'
import { confirm } from '../prompt.js'
import { tellKey } from './show.js'

interface DeleteOptions extends CommonOptions, ActOptions {
  readonly purge?: boolean
}

export function addDelete(program: Command, io: Io): void {
  const command = keyCommand(program, 'delete', 'delete a key; it can be restored for a while')
  withLeave(command.option('--purge', 'for good: its record goes'))
  withKeys(command).action((id: string, options: DeleteOptions) =>
    runWithKeys(io, options, run => remove(run, id, options)),
  )
  const restore = keyCommand(program, 'restore', 'bring a deleted key back')
  restore.option('--dry-run', 'show which key, and change nothing')
  withKeys(restore).action((id: string, options: CommonOptions & ActOptions) =>
    runWithKeys(io, options, run => restoreOne(run, id, options)),
  )
}

async function remove(run: Run, id: string, { purge, yes, dryRun }: DeleteOptions): Promise<void> {
  const key = await stored(run, id)
  const does = purge === true ? 'purged' : 'deleted'
  if (dryRun === true) {
    await run.internals.checks[purge === true ? 'purge' : 'delete'](id)
    if (run.output.json) return run.output.value({ dryRun: true, apiKey: key, purge: purge === true })
    return run.output.line(`Nothing was changed. "${key.name}" (${key.id}) would be ${does}.`)
  }
  if (purge === true) {
    await confirm(run.io, `Purge "${key.name}" (${key.id})? Its record goes for good.`, { yes })
    await run.manage.purge(id)
  } else tellKey(run, await run.manage.delete(id))
  if (purge === true && run.output.json) run.output.value({ purged: id })
  run.output.note(purge === true ? 'Purged.' : `Deleted. "sidekey restore ${id}" brings it back.`)
}

async function restoreOne(run: Run, id: string, { dryRun }: ActOptions): Promise<void> {
  if (dryRun !== true) return tellKey(run, await run.manage.restore(id))
  const { key, changes } = await run.internals.checks.restore(id)
  const { name } = key
  if (run.output.json) return run.output.value({ dryRun: true, apiKey: { id, name }, restored: changes })
  const becomes = changes ? 'would be restored' : 'is not deleted, and would stay as it is'
  run.output.line(`Nothing was changed. "${name}" (${id}) ${becomes}.`)
}

/** Also one that is deleted. */
async function stored({ manage, internals }: Run, id: string): Promise<Pick<ApiKey, 'id' | 'name'>> {
  const key = (await manage.get(id)) ?? (await internals.config.store.find(id))
  if (key === null) throw new CliError(EXIT.notFound, `${id}: there is no such key`)
  return { id: key.id, name: key.name }
}
