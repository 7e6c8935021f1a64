/** Projects that have the packed tarball, as npm installs it. */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

export const run = promisify(execFile)
export const ROOT = resolve(__dirname, '../..')
const OWN = require(join(ROOT, 'package.json')) as { devDependencies: Record<string, string> } // npm's own file

/** Without what jest tells its workers: the test runner of node would take itself for one. */
const { NODE_OPTIONS: _, NODE_TEST_CONTEXT: __, ...OUTSIDE } = process.env

export { OUTSIDE }

/** A package in the version that the tests use. */
export const own = (name: string) => `${name}@${OWN.devDependencies[name]}`

/** A program that a package of this repository's own brings. */
export const tool = (path: string) => join(ROOT, 'node_modules', path)

export interface Packed {
  readonly tarball: string
  /** A project with the tarball and these packages. */
  project(name: string, packages: readonly string[]): Promise<string>
  remove(): void
}

/** Packs what was built: `npm test` builds first, and another build would pull it from under other tests. */
export async function pack(): Promise<Packed> {
  const folder = mkdtempSync(join(tmpdir(), 'sidekey-consumers-'))
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: ROOT })
  const tarball = join(folder, readdirSync(folder).find(name => name.endsWith('.tgz')) ?? 'none')
  return {
    tarball,
    async project(name, packages) {
      const path = join(folder, name)
      mkdirSync(path)
      writeFileSync(join(path, 'package.json'), JSON.stringify({ name, private: true }))
      const quietly = ['--no-audit', '--no-fund', '--prefer-offline', '--no-package-lock']
      await run('npm', ['install', ...quietly, tarball, ...packages], { cwd: path })
      return path
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** What a script prints in a project, line by line. */
export async function printed(path: string, file: string, env: NodeJS.ProcessEnv = {}): Promise<string[]> {
  const { stdout } = await run(process.execPath, [file], { cwd: path, env: { ...OUTSIDE, ...env } })
  return stdout.trim().split('\n')
}
