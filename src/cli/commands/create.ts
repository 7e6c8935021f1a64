import type { Command } from 'commander'
import { given } from '../../given.js'
import type { Created } from '../../manage/create.js'
import { type CommonOptions, type Run, runWithKeys, wholeNumber, withKeys } from '../command.js'
import { type FieldOptions, fieldsOf, withFields } from '../fields.js'
import type { Io } from '../io.js'
import { withTokenFile } from '../options.js'
import { refuseTaken, reserveTokenFile } from '../token.js'
import { keyFacts } from '../view.js'

interface CreateOptions extends CommonOptions, FieldOptions {
  readonly owner: string
  readonly ownerType?: string
  readonly kind?: string
  readonly credits?: number
  readonly tokenFile?: string
  readonly dryRun?: boolean
}

export function addCreate(program: Command, io: Io): void {
  const command = program.command('create <name>').description('make a key; its token is shown this once')
  withFields(command)
    .requiredOption('--owner <id>', 'whose key it is')
    .option('--owner-type <type>', "user, organization, or a type of the app's own", 'user')
    .option('--kind <kind>', "the kind of key (default: the app's first)")
    .option('--credits <number>', 'requests cost credits, of which it has so many', wholeNumber)
    .option('--dry-run', 'check what is given, and make nothing')
  withTokenFile(command)
  withKeys(command).action((name: string, options: CreateOptions) =>
    runWithKeys(io, options, run => create(run, name, options)),
  )
}

async function create(run: Run, name: string, options: CreateOptions): Promise<void> {
  const { owner, ownerType, kind, credits, tokenFile, dryRun } = options
  const input = {
    ...fieldsOf(options),
    ...given({ kind, credits: credits === undefined ? undefined : { balance: credits } }),
    name,
    owner: { id: owner, ...given({ type: ownerType }) },
  }
  if (run.by === 'database') {
    run.output.warn(
      "without the app's config its kinds, catalogue, pepper and bounds are not known, and not kept to",
    )
  }
  if (dryRun === true) return tellDry(run, input, tokenFile)
  await makeFor(run, tokenFile, () => run.manage.create(input))
}

async function tellDry(
  { internals, output }: Run,
  input: object,
  tokenFile: string | undefined,
): Promise<void> {
  await internals.checks.create(input)
  if (tokenFile !== undefined) await refuseTaken(tokenFile)
  if (output.json) output.value({ dryRun: true, input })
  else output.line('Nothing was made. What is given can be made into a key.')
}

/** Makes a token and hands it over: of a new key, or of a key that is rotated. */
export async function makeFor(
  { output }: Pick<Run, 'output'>,
  tokenFile: string | undefined,
  make: () => Promise<Created>,
): Promise<void> {
  const file = tokenFile === undefined ? null : await reserveTokenFile(tokenFile)
  const { apiKey, token } = await make().catch(async error => {
    await file?.remove()
    throw error
  })
  await file?.write(token)
  if (output.json) return output.value(file === null ? { apiKey, token } : { apiKey, tokenFile })
  output.card(keyFacts(apiKey))
  output.line('')
  if (file === null) {
    output.line(token)
    output.note('The token is shown this once.')
  } else output.note(`The token is in ${tokenFile}.`)
}
