import type { Command } from 'commander'
import { given } from '../../given.js'
import { type CommonOptions, many, type Run, runWithKeys, wholeNumber, withKeys } from '../command.js'
import { CliError, EXIT } from '../exit.js'
import type { Io } from '../io.js'
import { needsConfig } from '../needs-config.js'
import { readToken } from '../token.js'
import { keyFacts, time } from '../view.js'

interface VerifyOptions extends CommonOptions {
  readonly tokenFile?: string
  readonly permission?: readonly string[]
  readonly resource?: string
  readonly ip?: string
  readonly origin?: string
  readonly kind?: readonly string[]
  readonly cost: number
}

const TOKEN_COMES = '--token-file <file>'
const TOKEN_HELP = 'read the token from here (default: standard input, or a prompt)'

export function addVerify(program: Command, io: Io): void {
  const command = program
    .command('verify')
    .description('check a token; the exit code is 1 where it is refused')
    .option(TOKEN_COMES, TOKEN_HELP)
    .option('--permission <permission>', 'what it must be allowed; several times', many)
    .option('--resource <thing>', 'the thing that it is asked for')
    .option('--ip <address>', "the client's address")
    .option('--origin <origin>', "the request's origin")
    .option('--kind <kind>', 'the kind that will do; several times', many)
    .option('--cost <number>', 'draw so much on its limits and credits', wholeNumber, 0)
  withKeys(command).action(async (options: VerifyOptions) => {
    const token = await readToken(io, options)
    await runWithKeys(io, options, run => verify(run, token, options), { token })
  })
}

async function verify(run: Run, token: string, options: VerifyOptions): Promise<void> {
  const { permission, resource, ip, origin, kind, cost } = options
  const { output } = run
  if (run.by === 'database') {
    output.warn(
      "without the app's config its grants, kinds and pepper are not known: it may answer otherwise",
    )
  }
  const asked = { cost, ...given({ permissions: permission, resource, ip, origin, kind }) }
  const verification = await run.keys.verify(token, asked)
  if (!verification.ok && verification.code === 'KEY_INVALID') await refuseUntold(run, token)
  if (output.json) output.value(verification)
  else if (verification.ok) {
    output.line('accepted', 'green')
    const { apiKey, permissions, tokenEndsAt } = verification
    output.card([
      ...keyFacts(apiKey).filter(([name]) => name !== 'permissions' && name !== 'last used'),
      ['may now', permissions.join(' ') || 'nothing'],
      ...(tokenEndsAt === null ? [] : [['token ends', time(tokenEndsAt) ?? ''] as const]),
    ])
  } else output.line(`refused: ${verification.code}`, 'red')
  if (!verification.ok) {
    const unavailable = verification.code === 'STORE_UNAVAILABLE'
    throw new CliError(unavailable ? EXIT.unavailable : EXIT.no, '')
  }
}

export function addLookup(program: Command, io: Io): void {
  const command = program
    .command('lookup')
    .description('whose a found token is, whatever became of its key')
    .option(TOKEN_COMES, TOKEN_HELP)
  withKeys(command).action(async (options: CommonOptions & { tokenFile?: string }) => {
    const token = await readToken(io, options)
    await runWithKeys(io, options, run => lookup(run, token), { token })
  })
}

async function lookup(run: Run, token: string): Promise<void> {
  const { manage, output } = run
  const key = await manage.lookup(token)
  if (key !== null) {
    if (output.json) output.value(key)
    else output.card(keyFacts(key))
    return
  }
  await refuseUntold(run, token)
  throw new CliError(EXIT.notFound, 'no key has this token')
}

/** @throws CliError `setup` where it is not known whether a key has this token */
async function refuseUntold(run: Run, token: string): Promise<void> {
  const reason = await needsConfig(run, token)
  if (reason !== null) throw new CliError(EXIT.setup, reason)
}
