import type { Command } from 'commander'
import {
  type CommonOptions,
  given,
  idArgument,
  type Run,
  runWithKeys,
  wholeNumber,
  withKeys,
} from '../command.js'
import type { Io } from '../io.js'
import { confirm } from '../prompt.js'
import { makeFor } from './create.js'
import { known } from './show.js'

interface RotateOptions extends CommonOptions {
  readonly grace: string
  readonly ifVersion?: number
  readonly tokenFile?: string
  readonly yes?: boolean
  readonly dryRun?: boolean
}

export function addRotate(program: Command, io: Io): void {
  const command = program
    .command('rotate')
    .description('give a key a new token, shown this once')
    .argument('<id>', 'its id', idArgument)
    .option('--grace <duration>', 'how long earlier tokens go on working; 0s: not at all', '24h')
    .option('--if-version <number>', 'only if it is still at this version', wholeNumber)
    .option('--token-file <file>', 'write the token into this new file, and show it nowhere')
    .option('--yes', 'do not ask')
    .option('--dry-run', 'show which key, and change nothing')
  withKeys(command).action((id: string, options: RotateOptions) =>
    runWithKeys(io, options, run => rotate(run, id, options)),
  )
}

async function rotate(
  run: Run,
  id: string,
  { grace, ifVersion, tokenFile, yes, dryRun }: RotateOptions,
): Promise<void> {
  const key = await known(run, id)
  if (dryRun === true) {
    if (run.output.json) return run.output.value({ dryRun: true, apiKey: key, grace })
    return run.output.line(
      `Nothing was changed. ${key.id} would get a new token; earlier ones would end after ${grace}.`,
    )
  }
  await confirm(run.io, `Give "${key.name}" (${key.id}) a new token, and end earlier ones after ${grace}?`, {
    yes,
  })
  await makeFor(run, tokenFile, () => run.manage.rotate(id, { grace, ...given({ ifVersion }) }))
}
