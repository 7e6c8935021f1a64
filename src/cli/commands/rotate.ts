import type { Command } from 'commander'
import { given } from '../../given.js'
import { type CommonOptions, type Run, runWithKeys, withKeys } from '../command.js'
import type { Io } from '../io.js'
import { type ActOptions, keyCommand, withLeave, withTokenFile, withVersion } from '../options.js'
import { confirm } from '../prompt.js'
import { refuseTaken } from '../token.js'
import { makeFor } from './create.js'
import { known } from './show.js'

interface RotateOptions extends CommonOptions, ActOptions {
  readonly grace: string
  readonly ifVersion?: number
  readonly tokenFile?: string
}

export function addRotate(program: Command, io: Io): void {
  const command = keyCommand(program, 'rotate', 'give a key a new token, shown this once')
  command.option('--grace <duration>', 'how long earlier tokens go on working; 0s: not at all', '24h')
  withLeave(withTokenFile(withVersion(command)))
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
  const options = { grace, ...given({ ifVersion }) }
  if (dryRun === true) {
    await run.internals.checks.rotate(id, options)
    if (tokenFile !== undefined) await refuseTaken(tokenFile)
    if (run.output.json) return run.output.value({ dryRun: true, apiKey: key, grace })
    return run.output.line(
      `Nothing was changed. ${key.id} would get a new token; earlier ones would end after ${grace}.`,
    )
  }
  await confirm(run.io, `Give "${key.name}" (${key.id}) a new token, and end earlier ones after ${grace}?`, {
    yes,
  })
  await makeFor(run, tokenFile, () => run.manage.rotate(id, options))
}
