import type { Command } from 'commander'
import { adminOf } from '../../store/admin.js'
import { type CommonOptions, type Run, runWithKeys, withKeys } from '../command.js'
import type { Io } from '../io.js'

interface MigrateOptions extends CommonOptions {
  readonly dryRun?: boolean
}

export function addMigrate(program: Command, io: Io): void {
  const command = program
    .command('migrate')
    .description('bring the database up to this version: make the indexes that are missing')
    .option('--dry-run', 'show what is missing, and change nothing')
  withKeys(command).action((options: MigrateOptions) =>
    runWithKeys(io, options, run => migrate(run, options)),
  )
}

async function migrate({ internals, output, interrupts }: Run, { dryRun }: MigrateOptions): Promise<void> {
  const admin = adminOf(internals.config.store)
  if (admin === null) {
    if (output.json) output.value({ missing: [], made: 0 })
    return output.note(`The store (${internals.config.store.name}) has nothing to migrate.`)
  }
  const missing = (await admin.indexes()).filter(({ isThere }) => !isThere)
  if (!output.json && missing.length > 0) {
    output.table(missing, [
      { title: 'COLLECTION', value: one => one.collection, least: 12 },
      { title: 'MISSING INDEX', value: one => one.fields, least: 12 },
    ])
  }
  if (dryRun === true || missing.length === 0) {
    if (output.json) output.value({ ...(dryRun === true && { dryRun }), missing, made: 0 })
    else output.line(missing.length === 0 ? 'Nothing is missing.' : 'Nothing was changed.')
    return
  }
  const progress = output.progress('collections')
  try {
    await admin.makeIndexes((done, total) => {
      progress.at(done, total)
      if (done < total) interrupts.check()
    })
  } finally {
    progress.end()
  }
  if (output.json) output.value({ missing, made: missing.length })
  else output.line(`Made: ${missing.length}.`)
}
