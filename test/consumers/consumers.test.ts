/** What users get: the packed tarball, installed into projects of their kinds. */
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const ROOT = resolve(__dirname, '../..')
const OWN = require(join(ROOT, 'package.json')) as { devDependencies: Record<string, string> } // npm's own file

jest.setTimeout(180_000)

let folder: string
let tarball: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sidekey-consumers-'))
  // The build is there already (`npm test` makes it), and another one would pull it from under other tests.
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: ROOT })
  tarball = join(folder, readdirSync(folder).find(name => name.endsWith('.tgz')) ?? 'none')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A project with the tarball and these packages, in the versions that the tests use. */
async function project(name: string, packages: readonly string[]): Promise<string> {
  const path = join(folder, name)
  mkdirSync(path)
  writeFileSync(join(path, 'package.json'), JSON.stringify({ name, private: true }))
  const wanted = packages.map(one => `${one}@${OWN.devDependencies[one]}`)
  const quietly = ['--no-audit', '--no-fund', '--prefer-offline', '--no-package-lock']
  await run('npm', ['install', ...quietly, tarball, ...wanted], { cwd: path })
  return path
}

describe('the tarball', () => {
  it('holds the built package and its documents, and nothing else', async () => {
    const { stdout } = await run('tar', ['-tzf', tarball])
    const outside = stdout
      .trim()
      .split('\n')
      .filter(name => !/^package\/(dist\/.+\.(js|d\.ts)|docs\/[A-Za-z-]+\.md)$/.test(name))
    expect(outside.sort()).toEqual(
      ['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json'].map(name => `package/${name}`),
    )
  })

  it('works without any framework, in ES modules and in CommonJS', async () => {
    const path = await project('bare', [])
    const script = `
      const keys = apiKeys({ prefix: 'acme_test', store: memoryStore() })
      keys.create({ name: 'k', owner: { id: 'alice' } })
        .then(({ token }) => keys.verify(token))
        .then(({ ok, owner }) => console.log(ok, owner.id))`
    writeFileSync(join(path, 'esm.mjs'), `import { apiKeys, memoryStore } from 'sidekey'\n${script}`)
    writeFileSync(join(path, 'cjs.cjs'), `const { apiKeys, memoryStore } = require('sidekey')\n${script}`)
    for (const file of ['esm.mjs', 'cjs.cjs']) {
      expect((await run(process.execPath, [file], { cwd: path })).stdout).toBe('true alice\n')
    }
    expect(readdirSync(join(path, 'node_modules'))).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(express|mongoose|passport|koa)$/)]),
    )
  })

  it('serves and type-checks in an Express, Passport and mongoose project', async () => {
    const packages = [
      'express',
      'mongoose',
      'passport',
      'passport-headerapikey',
      '@types/express',
      '@types/passport',
    ]
    const path = await project('full', [...packages, '@types/passport-strategy', '@types/node'])
    cpSync(join(__dirname, 'full'), path, { recursive: true })
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
    await run(process.execPath, [tsc, '-p', '.'], { cwd: path })
    const { stdout } = await run(process.execPath, ['app.mjs'], { cwd: path })
    expect(stdout.trim().split('\n')).toEqual(['201', '200 alice', '200 alice', '401', '403'])
  })
})
