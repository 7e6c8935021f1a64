/** `sidekey scan`: files, patches, look-ups, and the end of what was found. */
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, readFileSync, symlinkSync } from 'node:fs'
import { open, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { type ApiKey, type ApiKeys, type AuditEvent, apiKeys } from 'sidekey'
import { mongooseStore } from 'sidekey/mongoose'
import { newKeyId, newToken } from '../../src/key/token.js'
import {
  databaseWithUri,
  ended,
  type Folder,
  json,
  openFolder,
  PROGRAM,
  run,
  runProcess,
  start,
} from './support.js'

jest.setTimeout(60_000)

const token = (prefix = 'acme_live') => newToken(prefix, newKeyId(Date.now())).token

const LEAKS = readFileSync('docs/leaks.md', 'utf8')

let folder: Folder
beforeEach(() => {
  folder = openFolder()
})
afterEach(() => folder.remove())

const scan = (...args: string[]) => run(['scan', ...args], { cwd: folder.path })
interface Report extends Record<string, unknown> {
  readonly found: { path: string; line: number; token: string; keyId: string }[]
  readonly scanned: { files: number; binary: number; unreadable: number }
}

describe('files', () => {
  it('are scanned offline, with places and masked tokens', async () => {
    const one = token()
    folder.write('src/app.js', `// line 1\nconst key = '${one}'\n`)
    folder.write('image.png', Buffer.concat([Buffer.from([0x89, 0, 0]), Buffer.from(one)]))
    folder.write('node_modules/x/index.js', one)
    folder.write('.git/config', one)
    folder.write('.env', `KEY=${token('other')}`)
    symlinkSync(join(folder.path, 'src'), join(folder.path, 'src-again'))
    const ended = await scan('.', '--json')
    expect(ended.code).toBe(1)
    const { found, scanned } = json<Report>(ended)
    expect(found.map(({ path, line }) => `${path}:${line}`)).toEqual(['.env:1', 'src/app.js:2'])
    expect(scanned).toMatchObject({ files: 2, binary: 1, unreadable: 0 })
    expect(ended.stdout + ended.stderr).not.toContain(one.slice(-49))
    const plain = await scan('src', '--prefix', 'acme_live')
    expect(plain.stdout).toContain(`src/app.js:2`)
    expect(plain.stdout).toContain('_[redacted]')
    expect((await scan('src', '--prefix', 'acme_test')).code).toBe(0)
  })

  it('that cannot be read do not go by in silence', async () => {
    folder.write('fine.txt', 'nothing')
    const ended = await scan('fine.txt', 'missing.txt')
    expect(ended).toMatchObject({ code: 8, stderr: expect.stringContaining('missing.txt: cannot be read') })
  })

  it('are the only ones: folders that lead back to themselves, pipes and sockets are passed over', async () => {
    folder.write('src/app.js', token())
    symlinkSync('..', join(folder.path, 'src/up'))
    symlinkSync('loop', join(folder.path, 'src/loop'))
    execFileSync('mkfifo', [join(folder.path, 'src/pipe')])
    const server = createServer()
    await new Promise<void>(done => server.listen(join(folder.path, 's.sock'), done))
    try {
      const { found, scanned } = json<Report>(await scan('.', '--json'))
      expect(found).toHaveLength(1)
      expect(scanned).toMatchObject({ files: 1, binary: 0, unreadable: 0 })
      // Named, they are told of.
      expect(json<Report>(await scan('src/loop', 's.sock', '--json')).scanned).toMatchObject({
        files: 0,
        unreadable: 2,
      })
    } finally {
      await new Promise(done => server.close(done))
    }
  })

  it('may be pipes where they are named: what comes through is scanned as a patch', async () => {
    const path = join(folder.path, 'pipe')
    execFileSync('mkfifo', [path])
    const patch = `commit ${'a'.repeat(40)}\ndiff --git a/x.js b/x.js\n+${token()}\n`
    const [ended] = await Promise.all([scan('pipe', '--json'), writeFile(path, patch)])
    expect(ended.code).toBe(1)
    const { found, scanned } = json<Report>(ended)
    expect(found).toMatchObject([{ path: 'pipe', line: 3, file: 'x.js' }])
    expect(scanned).toMatchObject({ files: 1, unreadable: 0 })
  })

  it('are not known by tokens of another system: only its maker knows their shape', async () => {
    folder.write('old.txt', `ba_${'q'.repeat(64)}\n7|${'q'.repeat(40)}\n`)
    expect(json<Report>(await scan('old.txt', '--json')).found).toEqual([])
  })

  it('whose names act on a terminal do not', async () => {
    folder.write('a\u001b[2J\u009b31m.txt', token())
    const { stdout, stderr } = await run(['scan', '.'], {
      cwd: folder.path,
      env: { NO_COLOR: '1' },
      columns: 80,
    })
    const screen = stdout + stderr
    expect(screen).toContain('a\\u{1b}[2J\\u{9b}31m.txt')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is what is shown
    expect(screen.replace(/\r\u001b\[K/g, '')).not.toMatch(/[\u001b\u0080-\u009f]/)
  })

  it('of a repository that is not trusted run no config', async () => {
    folder.write('sidekey.config.mjs', 'console.error("it has run")')
    const ended = await runProcess(['scan', '.'], { cwd: folder.path })
    expect(ended).toMatchObject({ code: 0 })
    expect(ended.stderr).not.toContain('it has run')
  })

  it.each([
    ['nothing to scan', []],
    ['a prefix that is none', ['.', '--prefix', 'Acme!']],
    ['an unknown scanner', ['--print-rule', 'nobody', '--prefix', 'acme']],
  ])('are not scanned by %s', async (_, args) => {
    expect((await scan(...args)).code).toBe(2)
  })
})

describe('the history of a repository', () => {
  const AUTHOR = ['-c', 'user.name=x', '-c', 'user.email=x@example.com']
  const git = (...args: string[]) => execFileSync('git', [...AUTHOR, ...args], { cwd: folder.path })

  it('is scanned from git log -p, by commit and file', async () => {
    const one = token()
    git('init', '-q')
    folder.write('config/app.json', `{"key":"${one}"}\n`)
    git('add', '.')
    git('commit', '-qm', 'add a key by mistake')
    folder.write('config/app.json', '{}\n')
    git('commit', '-qam', 'take it out')
    const commits = git('log', '--format=%H').toString().trim().split('\n')
    const input = git('log', '-p', '--all')
    const ended = await run(['scan', '-', '--json'], { cwd: folder.path, input })
    expect(ended.code).toBe(1)
    const { found } = json<Report>(ended)
    expect(found).toMatchObject(commits.map(commit => ({ path: '-', commit, file: 'config/app.json' })))
  })

  it('is guarded by the hook of the documents: adding a token is refused, taking it out is not', async () => {
    git('init', '-q')
    folder.write('a.txt', 'nothing\n')
    git('add', '.')
    git('commit', '-qm', 'first')
    // What the documents say, as git runs it; `npx sidekey` is this build.
    const [, line = ''] = /^### Before each commit[\s\S]+?```sh\n(.+)\n```/m.exec(LEAKS) ?? []
    expect(line).toContain('sidekey scan -')
    executable('bin/npx', `shift\nexec '${process.execPath}' '${PROGRAM}' "$@"`)
    executable('.git/hooks/pre-commit', line)
    const commit = (message: string) =>
      spawnSync('git', [...AUTHOR, 'commit', '-qam', message], {
        cwd: folder.path,
        env: { ...process.env, PATH: `${join(folder.path, 'bin')}:${process.env.PATH}` },
        encoding: 'utf8',
      })
    folder.write('a.txt', `${token()}\n`)
    const refused = commit('add a token')
    expect(refused).toMatchObject({ status: 1 })
    expect(refused.stdout + refused.stderr).toContain('a.txt')
    git('commit', '-qam', 'by mistake', '--no-verify')
    folder.write('a.txt', 'nothing\n')
    expect(commit('take it out')).toMatchObject({ status: 0 })
  })

  function executable(name: string, body: string) {
    chmodSync(folder.write(name, `#!/bin/sh\n${body}\n`), 0o755)
  }
})

describe('a stream', () => {
  /** More than a pipe holds: once it is written, the program is reading. */
  const MUCH = Buffer.alloc(1024 * 1024, 'x\n')

  it('that ends by Ctrl-C, as all of a pipeline does, is not called clean', async () => {
    const child = start(['scan', '-'], { cwd: folder.path })
    const over = ended(child)
    await new Promise(done => child.stdin?.write(MUCH, done))
    child.kill('SIGINT')
    child.stdin?.end()
    expect(await over).toMatchObject({ code: 130, stderr: expect.not.stringContaining('0 tokens') })
  })

  it('that does not end is not waited for after Ctrl-C', async () => {
    const path = join(folder.path, 'pipe')
    execFileSync('mkfifo', [path])
    const child = start(['scan', 'pipe'], { cwd: folder.path })
    const over = ended(child)
    const writer = await open(path, 'w')
    try {
      await writer.write(MUCH)
      child.kill('SIGINT')
      expect((await over).code).toBe(130)
    } finally {
      await writer.close()
    }
  })

  it.each([
    ['-', /^\d+ MB$/],
    ['.', /^\d+ files$/],
  ])('or a folder tells how far it has come: %s', async (path, line) => {
    folder.write('a.txt', 'nothing')
    const { stderr } = await run(['scan', path], { cwd: folder.path, columns: 40, input: 'nothing' })
    const drawn = stderr.split('\r\u001b[K')
    expect(drawn.some(text => line.test(text))).toBe(true)
    expect(drawn.at(-1)).toMatch(/^0 tokens in/)
  })
})

describe('the tokens that were found', () => {
  it('are looked up, and ended', async () => {
    const database = await databaseWithUri()
    try {
      const env = { MONGODB_URI: database.address }
      const cli = (...args: string[]) => run([...args], { cwd: folder.path, env })
      const create = ['create', 'CI', '--owner', 'alice', '--prefix', 'acme_live', '--json']
      const made = json<{ apiKey: ApiKey; token: string }>(await cli(...create))
      folder.write('leak.txt', `${made.token}\n${token()}\n${made.token}\n`)
      const looked = await cli('scan', 'leak.txt', '--lookup')
      expect(looked).toMatchObject({ code: 1, stdout: expect.stringMatching(/CI +alice +active/) })

      expect((await cli('scan', 'leak.txt', '--revoke')).code).toBe(7)
      expect((await cli('scan', 'leak.txt', '--revoke', '--dry-run')).stderr).toContain('Nothing was changed')
      expect(json<ApiKey & Record<string, unknown>>(await cli('show', made.apiKey.id, '--json')).status).toBe(
        'active',
      )

      const revoked = json<{ found: { state: string }[] }>(
        await cli('scan', 'leak.txt', '--revoke', '--yes', '--json'),
      )
      expect(revoked.found.map(({ state }) => state)).toEqual(['revoked', 'unknown', 'revoked'])
      const { data } = json<{ data: AuditEvent[] }>(await cli('events', made.apiKey.id, '--json'))
      expect(data.map(({ action, reason }) => [action, reason])).toEqual([
        ['leak', 'found: leak.txt:1'],
        ['revoke', 'leaked: leak.txt:1'],
        ['create', null],
      ])
    } finally {
      await database.drop()
    }
  })
})

describe('over the database alone', () => {
  let database: Awaited<ReturnType<typeof databaseWithUri>>
  let keys: ApiKeys
  const PEPPER = 'p'.repeat(32)
  beforeEach(async () => {
    database = await databaseWithUri()
    keys = apiKeys({
      prefix: 'acme_new',
      kinds: {
        secret: { prefix: 'acme_new' },
        early: { prefix: 'acme_old' },
        peppered: { hash: 'hmac-sha256' },
      },
      pepper: { current: PEPPER },
      imported: [{ source: 'old', prefix: 'old_' }],
      store: mongooseStore(database.connection),
      hash: 'sha256',
      cache: false,
    })
    await keys.ready()
  })
  afterEach(async () => {
    await keys.close()
    await database.drop()
  })
  const owner = { id: 'alice' }
  const cli = (args: readonly string[], input = '') =>
    run(args, { cwd: folder.path, env: { MONGODB_URI: database.address }, input })

  it('a token whose prefix older keys alone have is found, and ended', async () => {
    const old = await keys.create({ name: 'old', owner, kind: 'early' })
    for (let i = 0; i < 101; i++) await keys.create({ name: 'new', owner })
    folder.write('leak.txt', old.token)
    const looked = await cli(['scan', 'leak.txt', '--lookup'])
    expect(looked).toMatchObject({ code: 1, stdout: expect.stringMatching(/old +alice +active/) })
    const ended = json<{ found: { state: string }[] }>(
      await cli(['scan', 'leak.txt', '--revoke', '--yes', '--json']),
    )
    expect(ended.found).toMatchObject([{ state: 'revoked' }])
    expect((await keys.get(old.apiKey.id))?.status).toBe('revoked')
    // A rule cannot be for prefixes that were not looked at: that is said.
    const rule = await cli(['scan', '--print-rule', 'github'])
    expect(rule).toMatchObject({ code: 0, stderr: expect.stringContaining('--prefix') })
  })

  it('a token whose hash needs the pepper is not called harmless', async () => {
    const { apiKey, token: peppered } = await keys.create({ name: 'CI', owner, kind: 'peppered' })
    folder.write('leak.txt', `${peppered}\n${token('acme_new')}\n`)
    for (const args of [['--lookup'], ['--revoke', '--yes']]) {
      const looked = await cli(['scan', 'leak.txt', ...args])
      expect(looked).toMatchObject({ code: 3, stdout: expect.stringMatching(/unchecked\n.*unknown/) })
      expect(looked.stderr).toContain(apiKey.id)
      expect(looked.stderr).toContain("give the app's config")
    }
    for (const command of ['lookup', 'verify']) {
      expect(await cli([command], peppered)).toMatchObject({
        code: 3,
        stdout: '',
        stderr: expect.stringContaining('pepper'),
      })
    }
    // A token of no key is one all the same.
    expect((await cli(['lookup'], token('acme_new'))).code).toBe(4)
    expect((await cli(['verify'], token('acme_new'))).code).toBe(1)
  })

  it('an imported token is not called one of no key', async () => {
    const foreign = `old_${'q'.repeat(40)}`
    expect((await cli(['lookup'], foreign)).code).toBe(4)
    expect((await cli(['verify'], foreign)).code).toBe(1)
    const { imported } = await keys.import([{ name: 'moved', owner, source: 'old', token: foreign }])
    expect(imported).toBe(1)
    for (const command of ['lookup', 'verify']) {
      expect(await cli([command], foreign)).toMatchObject({
        code: 3,
        stdout: '',
        stderr: expect.stringContaining("give the app's config"),
      })
    }
    expect((await cli(['lookup'], token('acme_new'))).code).toBe(4)
  })
})

describe('the rule for another scanner', () => {
  const rule = async (scanner: string, ...more: string[]) => {
    const { code, stdout } = await scan('--print-rule', scanner, '--prefix', 'acme_live', ...more)
    expect(code).toBe(0)
    return stdout
  }
  const BOTH = ['--prefix', 'acme_test']

  /** Whole regular expressions, the secret in their first group. */
  const PATTERNS: Readonly<Record<string, (text: string) => string[]>> = {
    gitleaks: text => (tomlOf(text).rules ?? []).map(({ regex = '' }) => regex),
    'gitleaks-rules': text => (tomlOf(text).rules ?? []).map(({ regex = '' }) => regex),
    trufflehog: text => detectorsOf(text).map(({ token }) => token),
    github: text =>
      text.split('\n\n').map(pattern => {
        const of = (name: string) => new RegExp(`^${name}: +(.+)$`, 'm').exec(pattern)?.[1] ?? ''
        const [before, after] = [of('Before secret'), of('After secret')]
        return `(?:${before.replace('\\A', '^')})(${of('Secret format')})(?:${after.replace('\\z', '$')})`
      }),
  }

  it.each(Object.keys(PATTERNS))('of %s matches tokens, and nothing else', async scanner => {
    const asJson = await scan('--print-rule', scanner, '--prefix', 'acme_live', '--json')
    expect(json(asJson)).toMatchObject({ scanner, prefixes: ['acme_live'] })
    const patterns = PATTERNS[scanner]?.(await rule(scanner, ...BOTH)) ?? []
    expect(patterns).toHaveLength(2)
    const [live = '', test = ''] = patterns
    const found = (text: string, pattern = live) => new RegExp(pattern).exec(text)?.[1] ?? null
    const one = token()
    for (const text of [one, `key = '${one}'`, `${one}\n`, `a\t${one};b`]) expect(found(text)).toBe(one)
    const other = token('acme_test')
    expect([found(other), found(other, test)]).toEqual([null, other])
    for (const text of [token('other'), one.slice(0, -1), 'acme_live_', '']) expect(found(text)).toBeNull()
  })

  it('of github has an example that it matches', async () => {
    const text = await rule('github')
    const [pattern = ''] = PATTERNS.github?.(text) ?? []
    expect(/^Test string: +(.+)$/m.exec(text)?.[1]).toMatch(new RegExp(pattern))
  })

  it('of gitleaks has the defaults in a new file, and goes to the end of one that is there', async () => {
    const fresh = await rule('gitleaks')
    expect(tomlOf(fresh)).toMatchObject({
      extend: [{ useDefault: 'true' }],
      rules: [{ id: 'acme-live-api-key', secretGroup: '1', keywords: '["acme_live_"]' }],
    })
    const both = tomlOf(fresh + (await rule('gitleaks-rules', '--prefix', 'acme_test')))
    expect(both.rules).toHaveLength(3)
    // A table stands once in a file.
    expect(() => tomlOf(fresh + fresh)).toThrow('extend')
  })

  it('is written as the documents say', () => {
    expect(LEAKS).toMatch(/--print-rule gitleaks --prefix acme_live > /)
    expect(LEAKS).toMatch(/--print-rule gitleaks-rules --prefix acme_live >> /)
    expect(LEAKS).not.toMatch(/--print-rule gitleaks [^\n]*>>/)
  })
})

type Tables = Readonly<Record<string, Record<string, string>[]>>

/** The tables of a TOML file that has strings and plain values alone; strict in what it takes. */
function tomlOf(text: string): Tables {
  const tables: Record<string, Record<string, string>[]> = {}
  let table: Record<string, string> | undefined
  for (const line of text.split('\n').filter(line => line !== '' && !line.startsWith('#'))) {
    const [, opening = '', name] = /^(\[\[?)([a-z]+)\]\]?$/.exec(line) ?? []
    if (name !== undefined) {
      const isOneOfMany = opening === '[['
      if (!isOneOfMany && name in tables) throw new Error(`there are two tables ${name}`)
      table = {}
      tables[name] = [...(tables[name] ?? []), table]
      continue
    }
    const pair = /^([A-Za-z]+) = (?:'''((?:(?!''').)*)'''|"([^"\\]*)"|(true|\d+|\[(?:"[^"\\]*")?\]))$/.exec(
      line,
    )
    const [, key, literal, basic, plain] = pair ?? []
    if (key === undefined || table === undefined || key in table) throw new Error(`no TOML: ${line}`)
    table[key] = literal ?? basic ?? plain ?? ''
  }
  return tables
}

/** The detectors of a file of trufflehog, in the one form of YAML that it is written in. */
function detectorsOf(text: string): { name: string; keyword: string; token: string }[] {
  const one =
    / {2}- name: (?<name>[^:#'"\n]+)\n {4}keywords:\n {6}- (?<keyword>[a-z0-9_]+)\n {4}regex:\n {6}token: '(?<token>[^'\n]+)'\n/y
  const [head = ''] = /^(?:#.*\n)?detectors:\n/.exec(text) ?? ['']
  expect(head).not.toBe('')
  const detectors = []
  for (one.lastIndex = head.length; one.lastIndex < text.length; ) {
    const { groups } = one.exec(text) ?? {}
    if (groups === undefined) throw new Error('no YAML as it is expected')
    detectors.push(groups as { name: string; keyword: string; token: string }) // as the expression names them
  }
  return detectors
}
