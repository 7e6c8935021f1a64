/**
 * How a token comes in: typed without being shown, on standard input, or from a file. Never as an argument, which every user
 * of the machine can see, and which the shell writes into its history.
 */
import { access, constants, lstat, open, readFile, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { CliError, EXIT } from './exit.js'
import type { Input, Io } from './io.js'
import { askHidden } from './prompt.js'

/** A token is far shorter; what is longer is another file than was meant. */
const LONGEST = 64 * 1024

/** A token of ours, anywhere in an argument. */
const TOKEN = /_[0-9A-Za-z]{16}_[0-9A-Za-z]{43,}/

/** @throws CliError `usage` where a token is among the arguments: it does not say it again. */
export function refuseTokens(args: readonly string[]): void {
  if (!args.some(arg => TOKEN.test(arg))) return
  throw new CliError(
    EXIT.usage,
    'a token was given as an argument: other users of this machine can see it, and your shell has written it into its ' +
      'history. Give it on standard input or by --token-file, and rotate this one.',
  )
}

/** The token of `--token-file FILE`, of standard input, or as it is typed. */
export async function readToken(
  io: Pick<Io, 'stdin' | 'stderr'>,
  { tokenFile }: { readonly tokenFile?: string | undefined },
): Promise<string> {
  const text =
    tokenFile !== undefined
      ? await fromFile(tokenFile)
      : io.stdin.isTTY
        ? await askHidden(io, 'Token: ')
        : await fromInput(io.stdin)
  const token = text.trim()
  if (token === '') throw new CliError(EXIT.usage, 'there is no token: the input is empty')
  if (/\s/.test(token)) throw new CliError(EXIT.usage, 'the input has more than a token in it')
  return token
}

async function fromFile(path: string): Promise<string> {
  const found = await stat(path).catch(() => {
    throw new CliError(EXIT.usage, `${path}: there is no such file, or it cannot be read`)
  })
  if (found.size > LONGEST) throw new CliError(EXIT.usage, `${path}: is too large to hold one token`)
  return readFile(path, 'utf8').catch(() => {
    throw new CliError(EXIT.usage, `${path}: cannot be read`)
  })
}

async function fromInput(stdin: Input): Promise<string> {
  let text = ''
  for await (const chunk of stdin.setEncoding('utf8')) {
    text += chunk
    if (text.length > LONGEST) throw new CliError(EXIT.usage, 'the input is too large to hold one token')
  }
  return text
}

/** A file for a token, which only its owner can read. */
export interface TokenFile {
  write(token: string): Promise<void>
  /** Takes it away again, where there is no token for it. */
  remove(): Promise<void>
}

/** @throws CliError `usage` where the file is there already, or has no folder to be in. */
export async function refuseTaken(path: string): Promise<void> {
  const there = await lstat(path).then(
    () => true,
    () => false,
  )
  if (there) throw new CliError(EXIT.usage, `${path}: is there already`)
  await access(dirname(path), constants.W_OK | constants.X_OK).catch(() => {
    throw new CliError(EXIT.usage, `${path}: cannot be written`)
  })
}

/** Makes the file before the token is made, so that no token is made that nobody gets. */
export async function reserveTokenFile(path: string): Promise<TokenFile> {
  const file = await open(path, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
    const why = error.code === 'EEXIST' ? 'is there already' : 'cannot be written'
    throw new CliError(EXIT.usage, `${path}: ${why}`)
  })
  return {
    async write(token) {
      await file.writeFile(`${token}\n`)
      await file.sync()
      await file.close()
    },
    async remove() {
      await file.close()
      await rm(path)
    },
  }
}
