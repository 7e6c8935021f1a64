/** What `npm run release:check` asks before a release, on projects and registries that are not as they should be. */
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

interface Ended {
  readonly code: number
  readonly output: string
}

const BUILT_IN = ['ipaddr.js', 'lru-cache', 'ms', 'zod']
const ROOT = resolve(__dirname, '../..')
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sidekey-release-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function runs(script: string, cwd: string, env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return new Promise(done => {
    const options = { cwd, env: { ...process.env, ...env } }
    execFile(process.execPath, [join(ROOT, 'scripts/release', script)], options, (error, stdout, stderr) =>
      done({ code: Number(error?.code ?? 0), output: stdout + stderr }),
    )
  })
}

/** A package in the project, or within another's. */
function put(path: string, manifest: object): void {
  mkdirSync(join(folder, path), { recursive: true })
  writeFileSync(join(folder, path, 'package.json'), JSON.stringify(manifest))
}

describe('licences', () => {
  it('of what is installed with sidekey, or built in, are all allowed, and told one by one', async () => {
    const { code, output } = await runs('licences.mjs', ROOT)
    expect(output).toMatch(/^ {2}zod 4\.\S+ +MIT$/m)
    expect(output).toMatch(/^ {2}lru-cache 11\.\S+ +BlueOak-1\.0\.0$/m)
    expect(output).not.toMatch(/mongoose|express|jest/)
    expect(code).toBe(0)
  })

  it.each(['GPL-3.0', undefined])('fail for a dependency of a dependency with %s', async license => {
    put('.', { name: 'p', dependencies: { a: '1' }, devDependencies: { c: '1' } })
    for (const name of BUILT_IN) put(`node_modules/${name}`, { name, version: '1.0.0', license: 'MIT' })
    put('node_modules/a', { name: 'a', version: '1.0.0', license: 'MIT', dependencies: { b: '1' } })
    put('node_modules/a/node_modules/b', { name: 'b', version: '1.0.0', license })
    put('node_modules/c', { name: 'c', version: '1.0.0', license: 'GPL-3.0' })
    const { code, output } = await runs('licences.mjs', folder)
    expect(output).toContain(`not allowed: b (${license ?? 'none told'})\n`)
    expect(code).toBe(1)
  })
})

describe('the audit', () => {
  let registry: Server
  afterEach(() => new Promise(done => registry.close(done)))

  async function audited(status: number, advisories: object): Promise<Ended> {
    registry = createServer((req, res) => {
      req.resume()
      const name = decodeURIComponent((req.url ?? '').slice(1))
      // An advisory is compared with the versions that there are.
      const document =
        req.method === 'GET' ? { name, versions: { '4.6.7': { name, version: '4.6.7' } } } : advisories
      res.writeHead(req.method === 'GET' ? 200 : status, { 'content-type': 'application/json' })
      res.end(JSON.stringify(document))
    })
    await new Promise<void>(done => registry.listen(0, '127.0.0.1', done))
    const at = `http://127.0.0.1:${(registry.address() as AddressInfo).port}/`
    for (const file of ['package.json', 'package-lock.json']) cpSync(join(ROOT, file), join(folder, file))
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
    return runs('audit.mjs', folder, { npm_config_registry: at, npm_config_fetch_retries: '0' })
  }

  it('passes where there is no advisory', async () => {
    expect(await audited(200, {})).toEqual({ code: 0, output: 'no known vulnerabilities\n' })
  })

  it('fails for an advisory of a package that is built in, names it, and passes over those of tests', async () => {
    const advisory = {
      ...{ id: 1, title: 'A hole', url: 'https://example.com/1', severity: 'low' },
      ...{ vulnerable_versions: '*', cwe: [], cvss: { score: 1, vectorString: null } },
    }
    const { code, output } = await audited(200, { ms: [advisory], jest: [advisory] })
    expect(output).toMatch(/^! ms .*low: A hole https:\/\/example\.com\/1$/m)
    expect(output).not.toMatch(/^! jest/m)
    expect(code).toBe(1)
  })

  it('fails where the registry fails', async () => {
    const { code, output } = await audited(500, {})
    expect(output).toMatch(/^NOT AUDITED: the audit has failed/)
    expect(code).toBe(1)
  })

  it('says aloud that nothing was looked at where the registry offers none', async () => {
    const { code, output } = await audited(405, {})
    expect(output).toMatch(/^NOT AUDITED: /)
    expect(output).toContain('405')
    expect(code).toBe(0)
  })
})

describe('the changelog', () => {
  const said = (heading: string) => {
    put('.', { name: 'p', version: '1.2.3' })
    writeFileSync(join(folder, 'CHANGELOG.md'), `# Changelog\n\n${heading}\n`)
    return runs('changelog.mjs', folder)
  }

  it('tells of the version', async () => {
    expect(await said('## 1.2.3 - 2026-12-01')).toEqual({ code: 0, output: '## 1.2.3 - 2026-12-01\n' })
    expect((await said('## 1.2.3 - unreleased')).output).toMatch(/calls 1\.2\.3 unreleased/)
    expect((await said('## 1.2.30 - 2026-12-01')).code).toBe(1)
  })
})
