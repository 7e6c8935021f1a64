import type { Command } from 'commander'
import type { ApiKey } from '../../key/record.js'
import { type CommonOptions, type Run, runWithKeys, withKeys } from '../command.js'
import { CliError, EXIT } from '../exit.js'
import type { Io } from '../io.js'
import { keyCommand } from '../options.js'
import { keyFacts } from '../view.js'

export function addShow(program: Command, io: Io): void {
  const command = keyCommand(program, 'show', 'show a key')
  withKeys(command).action((id: string, options: CommonOptions) =>
    runWithKeys(io, options, async run => tellKey(run, await known(run, id))),
  )
}

/** @throws CliError `notFound` */
export async function known({ manage }: Pick<Run, 'manage'>, id: string): Promise<ApiKey> {
  const key = await manage.get(id)
  if (key === null) throw new CliError(EXIT.notFound, `${id}: there is no such key, or it is deleted`)
  return key
}

export function tellKey({ output }: Pick<Run, 'output'>, key: ApiKey): void {
  if (output.json) output.value(key)
  else output.card(keyFacts(key))
}
