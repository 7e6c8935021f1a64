/** What users get: the packed tarball, installed into projects of their kinds. */
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'

const run = promisify(execFile)
const ROOT = resolve(__dirname, '../..')
const OWN = require(join(ROOT, 'package.json')) as { devDependencies: Record<string, string> } // npm's own file

jest.setTimeout(180_000)

/** Without what jest tells its workers: the test runner of node would take itself for one. */
const { NODE_OPTIONS: _, NODE_TEST_CONTEXT: __, ...OUTSIDE } = process.env

let folder: string
let tarball: string
/** Of a project that has nothing but the tarball. */
let bare: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sidekey-consumers-'))
  // The build is there already (`npm test` makes it), and another one would pull it from under other tests.
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: ROOT })
  tarball = join(folder, readdirSync(folder).find(name => name.endsWith('.tgz')) ?? 'none')
  bare = await project('bare', [])
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A package in the version that the tests use. */
const own = (name: string) => `${name}@${OWN.devDependencies[name]}`

/** A project with the tarball and these packages. */
async function project(name: string, packages: readonly string[]): Promise<string> {
  const path = join(folder, name)
  mkdirSync(path)
  writeFileSync(join(path, 'package.json'), JSON.stringify({ name, private: true }))
  const quietly = ['--no-audit', '--no-fund', '--prefer-offline', '--no-package-lock']
  await run('npm', ['install', ...quietly, tarball, ...packages], { cwd: path })
  return path
}

describe('the tarball', () => {
  it('holds the built package and its documents, and nothing else', async () => {
    const { stdout } = await run('tar', ['-tzf', tarball])
    const outside = stdout
      .trim()
      .split('\n')
      .filter(
        name =>
          !/^package\/(dist\/(?!ui\/).+\.(js|d\.ts)|docs\/((decisions|moving)\/)?[A-Za-z0-9-]+\.md)$/.test(
            name,
          ),
      )
      .filter(
        name => !/^package\/dist\/ui\/(index\.html|messages\.json|assets\/[\w.-]+\.(js|css|svg))$/.test(name),
      )
    expect(outside.sort()).toEqual(
      ['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json'].map(name => `package/${name}`),
    )
  })

  it('works without any framework, in ES modules and in CommonJS', async () => {
    const script = `
      const keys = apiKeys({ prefix: 'acme_test', store: memoryStore() })
      keys.create({ name: 'k', owner: { id: 'alice' } })
        .then(({ token }) => keys.verify(token))
        .then(({ ok, owner }) => console.log(ok, owner.id))`
    writeFileSync(join(bare, 'esm.mjs'), `import { apiKeys, memoryStore } from 'sidekey'\n${script}`)
    writeFileSync(join(bare, 'cjs.cjs'), `const { apiKeys, memoryStore } = require('sidekey')\n${script}`)
    for (const file of ['esm.mjs', 'cjs.cjs']) {
      expect((await run(process.execPath, [file], { cwd: bare })).stdout).toBe('true alice\n')
    }
    expect(readdirSync(join(bare, 'node_modules'))).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(express|mongoose|passport|koa)$/)]),
    )
  })

  it.each(['esm', 'cjs'] as const)(
    'says what the page needs where it was bundled into an app, as %s',
    async format => {
      const entry = join(bare, `page-${format}.mjs`)
      writeFileSync(
        entry,
        `import { apiKeys, memoryStore } from 'sidekey'
import { keyHandler } from 'sidekey/fetch'
const keys = apiKeys({ prefix: 'acme_test', store: memoryStore() })
keyHandler(keys)
try { keyHandler(keys, { ui: true }) } catch (error) { console.log(error.code, error.message) }`,
      )
      const outfile = join(bare, 'bundled', `page-${format}.${format === 'esm' ? 'mjs' : 'cjs'}`)
      await build({
        entryPoints: [entry],
        outfile,
        format,
        bundle: true,
        platform: 'node',
        external: ['bcrypt'],
        logLevel: 'error',
      })
      const { stdout } = await run(process.execPath, [outfile], { cwd: bare })
      expect(stdout).toMatch(
        /^INVALID_OPTION .*ui: the built page is not there; a bundler must leave sidekey/,
      )
    },
  )

  it('has the program, by config without any other package, and asks for mongoose where it needs it', async () => {
    const config = `import { apiKeys, memoryStore } from 'sidekey'
export const keys = apiKeys({ prefix: 'acme_test', store: memoryStore() })
await keys.create({ name: 'from the config', owner: { id: 'alice' } })`
    writeFileSync(join(bare, 'sidekey.config.mjs'), config)
    const program = join(bare, 'node_modules/.bin/sidekey')
    expect((await run(program, ['list'], { cwd: bare, env: OUTSIDE })).stdout).toContain('from the config')
    const failed = await run(program, ['list', '--store', 'mongodb://127.0.0.1:1/none'], {
      cwd: bare,
      env: OUTSIDE,
    }).catch((error: { code: number; stderr: string }) => error)
    expect(failed).toMatchObject({ code: 3, stderr: expect.stringContaining('npm install mongoose') })
  })

  it('gives authors of stores the contract, under any test runner', async () => {
    writeFileSync(
      join(bare, 'store.test.mjs'),
      `import { describe, it } from 'node:test'
import { memoryStore } from 'sidekey'
import { storeContract } from 'sidekey/store-contract'
storeContract('mine', async () => ({ store: memoryStore() }), { describe, it })`,
    )
    const { stdout } = await run(process.execPath, ['--test', 'store.test.mjs'], { cwd: bare, env: OUTSIDE })
    expect(stdout).toMatch(/pass [2-9][0-9]\n/)
    expect(stdout).toMatch(/fail 0\n/)
  })

  it.each([
    ['Express 5 and mongoose 9', { express: '5', '@types/express': '5', mongoose: '9' }],
    ['Express 4 and mongoose 8', { express: '4', '@types/express': '4', mongoose: '8' }],
  ])('serves and type-checks in a project with Passport, %s', async (name, versions) => {
    const passport = ['passport', 'passport-headerapikey', '@types/passport', '@types/passport-strategy']
    const path = await project(name.replaceAll(' ', '-').toLowerCase(), [
      ...Object.entries(versions).map(([one, version]) => `${one}@${version}`),
      ...[...passport, '@types/node'].map(own),
    ])
    cpSync(join(__dirname, 'full'), path, { recursive: true })
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
    await run(process.execPath, [tsc, '-p', '.'], { cwd: path })
    const { stdout } = await run(process.execPath, ['app.mjs'], { cwd: path })
    expect(stdout.trim().split('\n')).toEqual([
      '201',
      '200 alice',
      '200 alice',
      '401',
      '403',
      '200 200 200 200',
    ])
  })

  it.each([
    ['Koa 3', { koa: '3', '@types/koa': '3' }],
    ['Koa 2', { koa: '2', '@types/koa': '2' }],
  ])('serves and type-checks in a project with %s', async (name, versions) => {
    const path = await project(name.replace(' ', '-').toLowerCase(), [
      ...Object.entries(versions).map(([one, version]) => `${one}@${version}`),
      own('@types/node'),
    ])
    cpSync(join(__dirname, 'koa'), path, { recursive: true })
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
    await run(process.execPath, [tsc, '-p', '.', '--skipLibCheck'], { cwd: path })
    const { stdout } = await run(process.execPath, ['app.mjs'], { cwd: path })
    expect(stdout.trim().split('\n')).toEqual(['201', '200 alice', '200', '403', '401', '200 200 200 200'])
  })
})
