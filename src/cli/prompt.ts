/** Questions to whoever sits at the terminal. Asked on standard error: standard output is for the answer. */
import { createInterface } from 'node:readline/promises'
import { CliError, EXIT } from './exit.js'
import type { Io } from './io.js'
import { printable } from './text.js'

type Asked = Pick<Io, 'stdin' | 'stderr'>

/**
 * Asks for leave to do what cannot be undone.
 * @throws CliError `unconfirmed` where it is not given, or nobody can be asked.
 */
export async function confirm(
  { stdin, stderr }: Asked,
  question: string,
  { yes }: { readonly yes?: boolean | undefined },
): Promise<void> {
  if (yes === true) return
  if (!stdin.isTTY) {
    throw new CliError(EXIT.unconfirmed, `${question} Nobody can be asked: say --yes.`)
  }
  const asked = createInterface({ input: stdin, output: stderr })
  const interrupted = new AbortController()
  asked.once('SIGINT', () => interrupted.abort())
  try {
    const answer = await asked.question(`${printable(question)} [y/N] `, { signal: interrupted.signal })
    if (/^y(es)?$/i.test(answer.trim())) return
  } catch (error) {
    if (!interrupted.signal.aborted) throw error
    stderr.write('\n')
    throw new CliError(EXIT.interrupted, 'stopped; nothing was changed')
  } finally {
    asked.close()
  }
  throw new CliError(EXIT.unconfirmed, 'not confirmed; nothing was changed')
}

const LONGEST_TYPED = 4_096

/** Reads a line from the terminal without showing it. */
export function askHidden({ stdin, stderr }: Asked, question: string): Promise<string> {
  return new Promise((done, failed) => {
    let typed = ''
    const end = (act: () => void) => {
      stdin.off('data', onData)
      stdin.setRawMode?.(false)
      stdin.pause()
      stderr.write('\n')
      act()
    }
    const onData = (chunk: Buffer) => {
      for (const sign of chunk.toString('utf8')) {
        if (sign === '\r' || sign === '\n' || sign === '\u0004') return end(() => done(typed))
        if (sign === '\u0003') {
          return end(() => failed(new CliError(EXIT.interrupted, 'stopped; nothing was changed')))
        }
        if (sign === '\u007f' || sign === '\b') typed = typed.slice(0, -1)
        else if (typed.length < LONGEST_TYPED) typed += sign
      }
    }
    // Before it is asked: what is typed at once must not be shown either.
    stdin.setRawMode?.(true)
    stdin.on('data', onData)
    stdin.resume()
    stderr.write(question)
  })
}
