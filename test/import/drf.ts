/** Keys that the real djangorestframework-api-key has made: once, in a fixture, and anew where Python is at hand. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'

export interface DrfKeys {
  readonly tokens: Readonly<Record<string, string>>
  readonly csv: string
  readonly dumpdata: string
}

const PACKAGES = ['djangorestframework-api-key==3.1.0', 'djangorestframework==3.18.3', 'django==5.2.19']
const ENVIRONMENT = resolve('node_modules/.cache/drf-api-key-3.1.0')
const SCRIPT = 'test/import/drf-keys.py'

function run(command: string, ...args: string[]): string | null {
  const { status, stdout } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 24 })
  return status === 0 ? stdout : null
}

/** Of the fixture, and where it can be had, made now. */
export function drfKeys(): readonly (readonly [string, DrfKeys])[] {
  const read = (text: string) => JSON.parse(text) as DrfKeys // as the script writes it
  const kept = read(readFileSync('test/import/fixtures/drf.json', 'utf8'))
  const fresh = freshKeys()
  return [['of the fixture', kept], ...(fresh === null ? [] : [['made just now', read(fresh)] as const])]
}

function freshKeys(): string | null {
  const python = `${ENVIRONMENT}/bin/python`
  if (!existsSync(`${ENVIRONMENT}/installed`)) {
    if (run('python3', '-m', 'venv', ENVIRONMENT) === null) return null
    if (run(python, '-m', 'pip', 'install', '--quiet', ...PACKAGES) === null) return null
    run('touch', `${ENVIRONMENT}/installed`)
  }
  const made = run(python, SCRIPT)
  if (made === null) throw new Error(`${SCRIPT} failed`)
  return made
}
