import { type Command, Option } from 'commander'
import { given } from '../../given.js'
import type { ChangeOptions } from '../../manage/change.js'
import type { UpdateInput } from '../../manage/input.js'
import { type CommonOptions, many, type Run, runWithKeys, withKeys } from '../command.js'
import { CliError, EXIT } from '../exit.js'
import { type FieldOptions, fieldsOf, withFields } from '../fields.js'
import type { Io } from '../io.js'
import { keyCommand, withVersion } from '../options.js'
import { known, tellKey } from './show.js'

const CLEARED = [
  'description',
  'organizationId',
  'expiresAt',
  'expiresAfterIdle',
  'notBefore',
  'credits',
] as const
const EMPTIED = ['permissions', 'roles', 'resources', 'tags'] as const

interface UpdateOptions extends CommonOptions, FieldOptions {
  readonly name?: string
  readonly enable?: boolean
  readonly disable?: boolean
  readonly clear?: readonly string[]
  readonly ifVersion?: number
  readonly dryRun?: boolean
}

export function addUpdate(program: Command, io: Io): void {
  const command = keyCommand(program, 'update', 'change a key')
  withFields(command)
    .option('--name <name>', 'its name')
    .option('--enable', 'switch it on again')
    .addOption(new Option('--disable', 'switch it off').conflicts('enable'))
    .option('--clear <field>', `empty a field: ${[...CLEARED, ...EMPTIED].join(', ')}; several times`, many)
    .option('--dry-run', 'check what is given, and change nothing')
  withVersion(command)
  withKeys(command).action((id: string, options: UpdateOptions) =>
    runWithKeys(io, options, run => update(run, id, options)),
  )
}

async function update(run: Run, id: string, options: UpdateOptions): Promise<void> {
  const { name, enable, disable, ifVersion, dryRun } = options
  const enabled = enable === true ? true : disable === true ? false : undefined
  const patch: UpdateInput = {
    ...fieldsOf(options),
    ...cleared(options.clear ?? []),
    ...given({ name, enabled }),
  }
  if (Object.keys(patch).length === 0) {
    throw new CliError(EXIT.usage, 'there is nothing to change: say what, such as --name or --disable')
  }
  if (dryRun === true) return tellDry(run, id, patch, given({ ifVersion }))
  tellKey(run, await run.manage.update(id, patch, given({ ifVersion })))
}

async function tellDry(run: Run, id: string, patch: UpdateInput, options: ChangeOptions): Promise<void> {
  await run.internals.checks.update(id, patch, options)
  const key = await known(run, id)
  if (run.output.json) return run.output.value({ dryRun: true, apiKey: key, patch })
  run.output.line(`Nothing was changed. Of ${key.id} would be: ${Object.keys(patch).join(', ')}.`)
}

function cleared(fields: readonly string[]): Record<string, null | readonly []> {
  return Object.fromEntries(
    fields.map(field => {
      if (CLEARED.some(one => one === field)) return [field, null]
      if (EMPTIED.some(one => one === field)) return [field, []]
      throw new CliError(EXIT.usage, `--clear takes ${[...CLEARED, ...EMPTIED].join(', ')}`)
    }),
  )
}
