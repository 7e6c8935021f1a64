/** `npm run golden` writes what the present version stores, until that is released. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { buildSync } from 'esbuild'

/** The packages that it imports are found from here. */
const PROGRAM = resolve('node_modules/.cache/sidekey-golden', `${process.pid}.mjs`)
let project: string

beforeAll(() => {
  buildSync({
    entryPoints: [resolve('scripts/golden/main.ts')],
    outfile: PROGRAM,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    define: { __dirname: JSON.stringify(resolve('test/support/mongo')) },
  })
})
afterAll(() => rmSync(PROGRAM))

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'sidekey-golden-'))
  mkdirSync(join(project, 'test/golden'), { recursive: true })
  writeFileSync(join(project, 'package.json'), '{ "version": "1.2.3" }')
})
afterEach(() => rmSync(project, { recursive: true }))

function golden(heading: string): { status: number | null; stderr: string } {
  writeFileSync(join(project, 'CHANGELOG.md'), `# Changelog\n\n## 1.2.3 - ${heading}\n\n- Things.\n`)
  const env = { ...process.env, MONGODB_URI: process.env.SIDEKEY_TEST_URI }
  const { status, stderr } = spawnSync(process.execPath, [PROGRAM], { cwd: project, encoding: 'utf8', env })
  return { status, stderr }
}

const file = () => join(project, 'test/golden/1.2.3/golden.json')

it('writes those of a version that is not released, again and again', () => {
  mkdirSync(join(project, 'test/golden/1.2.3'))
  expect(golden('unreleased')).toEqual({ status: 0, stderr: '' })
  expect(existsSync(file())).toBe(true)
}, 60_000)

it('leaves those of a released version as they are', () => {
  mkdirSync(join(project, 'test/golden/1.2.3'))
  expect(golden('2026-12-01')).toEqual({
    status: 1,
    stderr: expect.stringContaining('1.2.3 has been released'),
  })
  expect(existsSync(file())).toBe(false)
})
