/** Runs what the documents show at a terminal, with the curl of the machine, and keeps what is answered beside what is shown. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Block } from '../docs/pages.js'

const run = promisify(execFile)

export interface Compared {
  readonly command: string
  /** The fields that are shown, without those that are left out (`…`) and those that are new each time. */
  readonly shown: object
  readonly got: unknown
}

/** The users whose cookies are in files of their names. */
const USERS = ['alice', 'root']
const SHOWN_ID = '0VbvpUbi3eN1xcgl'

/** In the order of the page: the first answer that has a token is the one that later commands use. */
export async function answersOf(app: string, blocks: readonly Block[]): Promise<Compared[]> {
  const folder = mkdtempSync(join(tmpdir(), 'sidekey-typed-'))
  try {
    for (const user of USERS) {
      const login = JSON.stringify({ username: user, password: `${user}-password` })
      await shell(
        folder,
        `curl -c ${user}.txt -H 'content-type: application/json' -d '${login}' ${app}/login`,
      )
    }
    const compared: Compared[] = []
    let [token, id] = ['', SHOWN_ID]
    for (const { command, answer } of blocks.flatMap(exchanges)) {
      const typed = command.replaceAll(SHOWN_ID, id)
      const text = await shell(folder, typed, { APP: app, TOKEN: token })
      const got = JSON.parse(text) as { readonly token?: string; readonly apiKey?: { readonly id: string } } // the router's
      if (got.token !== undefined) [token, id] = [got.token, got.apiKey?.id ?? id]
      compared.push({ command, got, shown: shownIn(answer.replaceAll(SHOWN_ID, id)) })
    }
    return compared
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function shell(
  cwd: string,
  script: string,
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const quiet = `curl() { command curl -s "$@"; }\n${script}`
  return (await run('bash', ['-euc', quiet], { cwd, env: { ...process.env, ...env } })).stdout
}

/** What is typed, and what follows it; in a block of `sh` every command is one, and nothing follows. */
function exchanges({ language, code }: Block): { command: string; answer: string }[] {
  if (language === 'sh') {
    const commands = code.replaceAll('\\\n', '').split('\n')
    return commands.map(command => ({ command, answer: '{}' }))
  }
  const parts = code.replaceAll('\\\n', '').split(/^\$ /m)
  return parts.slice(1).map(part => {
    const [command = '', ...answer] = part.trim().split('\n')
    return { command, answer: answer.join('') }
  })
}

/** An answer as it is shown, with `…` for what is left out: `{"id":"…", …}`. */
function shownIn(answer: string): object {
  const whole = answer.replace(/"token":"[^"]*…"/, '"left":"out"').replace(/, …/g, '')
  const { left: _, ...shown } = JSON.parse(whole) as { readonly left?: string } // what the page shows
  return Array.isArray(JSON.parse(whole)) ? JSON.parse(whole) : shown
}
