/** Where the keys are, and what is told where they cannot be had. */
import { execFile } from 'node:child_process'
import { type Folder, json, memoryConfig, openFolder, PROGRAM, run, runProcess } from './support.js'

jest.setTimeout(60_000)

let folder: Folder
beforeEach(() => {
  folder = openFolder()
})
afterEach(() => folder.remove())

const NOWHERE = 'mongodb://nobody:secret@127.0.0.1:1/none?serverSelectionTimeoutMS=300'
const list = (args: readonly string[] = [], env: Record<string, string> = {}) =>
  run(['list', ...args], { cwd: folder.path, env })

describe('a config', () => {
  const NAMED = `await keys.create({ name: 'from the config', owner: { id: 'alice' } })`

  it.each([
    ['sidekey.config.mjs', memoryConfig(NAMED)],
    ['sidekey.config.js', `export const x = 1\n${memoryConfig(NAMED)}`],
    ['elsewhere/any.mjs', memoryConfig(NAMED)],
    [
      'sidekey.config.mjs',
      `${memoryConfig(NAMED).replace('export const keys', 'const keys')}export default { keys }`,
    ],
    [
      'sidekey.config.mjs',
      `${memoryConfig(NAMED).replace('export const keys', 'const keys')}export default keys`,
    ],
  ])('is %s', async (name, text) => {
    folder.write('package.json', '{"type":"module"}')
    folder.write(name, text)
    const ended = await list(name.startsWith('sidekey') ? [] : ['--config', name])
    expect(ended).toMatchObject({ code: 0, stdout: expect.stringContaining('from the config') })
  })

  it('has its own end: what it opened is closed', async () => {
    folder.write(
      'sidekey.config.mjs',
      memoryConfig(`
      const open = setInterval(() => {}, 1000)
      export const close = () => { clearInterval(open); console.error('closed') }`),
    )
    expect(await runProcess(['list'], { cwd: folder.path })).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('closed'),
    })
  })

  it('holds the app’s rules', async () => {
    folder.write(
      'sidekey.config.mjs',
      memoryConfig('', "prefix: 'acme_test', permissions: ['a:b'], grants: () => ['*']"),
    )
    const args = ['create', 'x', '--owner', 'alice', '--permission', 'a:c']
    expect(await run(args, { cwd: folder.path })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('is not in the catalogue'),
    })
  })

  it.each([
    ['exports no keys', 'export const other = 1', 'must export `keys`'],
    ['fails', 'throw new Error("no connection to mongodb://user:secret@host")', 'mongodb://[redacted]@host'],
    ['is broken', 'export const = 1', 'cannot be loaded'],
  ])('that %s is told in a line', async (_, text, told) => {
    folder.write('sidekey.config.mjs', text)
    const ended = await list()
    expect(ended).toMatchObject({ code: 3, stderr: expect.stringContaining(told) })
    expect(ended.stderr).not.toContain('secret@')
  })

  it('in TypeScript is read where Node does; elsewhere it is said what to do', async () => {
    folder.write(
      'sidekey.config.ts',
      memoryConfig(NAMED).replace('export const keys', 'export const keys: object'),
    )
    const ended = await list()
    const reads = Boolean(Reflect.get(process.features, 'typescript'))
    if (reads) expect(ended.code).not.toBe(3)
    else expect(ended).toMatchObject({ code: 3, stderr: expect.stringContaining('does not read TypeScript') })
  })

  it('is passed over where it is told so, and is not looked for in the folders above', async () => {
    folder.write('sidekey.config.mjs', memoryConfig(NAMED))
    expect((await list(['--no-config'])).code).toBe(3)
    folder.write('below/file', '')
    expect((await run(['list'], { cwd: `${folder.path}/below` })).code).toBe(3)
  })

  it('excludes --store', async () => {
    folder.write('sidekey.config.mjs', memoryConfig(NAMED))
    expect((await list(['--config', 'sidekey.config.mjs', '--store', NOWHERE])).code).toBe(2)
  })
})

describe('a database', () => {
  it('that is not named is asked for', async () => {
    expect(await list()).toMatchObject({ code: 3, stderr: expect.stringContaining('MONGODB_URI') })
  })

  it('that cannot be reached is told so, without its password', async () => {
    const ended = await list([], { MONGODB_URI: NOWHERE })
    expect(ended).toMatchObject({ code: 6, stderr: expect.stringContaining('cannot be reached') })
    expect(ended.stderr).not.toContain('secret')
  })

  it('whose address is wrong is told so, without its password', async () => {
    const ended = await list([], { MONGODB_URI: 'postgres://nobody:secret@127.0.0.1/none' })
    expect(ended).toMatchObject({ code: 2, stderr: expect.stringContaining('address of the database') })
    expect(ended.stderr).not.toContain('secret')
  })

  it.each([
    'mongodb://nobody:secret/x@127.0.0.1:1/none',
    'mongodb://nobody:x@secret/x@127.0.0.1:1/none',
    'mongodb://nobody:secret/x',
    'mongodb://nobody:x@secret:x/none',
    'mongodb+srv://nobody:x@secret@a.example/none',
    'mongodb://nobody:secret@',
    'mongodb://nobody:%zzsecret@127.0.0.1:1/none',
  ])('whose password is not written as it should be is told so, without a part of it: %s', async address => {
    const ended = await list([], { MONGODB_URI: address })
    expect(ended).toMatchObject({ code: 2, stderr: expect.stringContaining('address of the database') })
    expect(ended.stderr).not.toContain('secret')
  })

  it.each([
    'mongodb://127.0.0.1:1',
    'mongodb://a%40b:c%2Fd@127.0.0.1:1,[::1]:1/none?replicaSet=x&appName=@account@',
    'mongodb://%2Ftmp%2Fmongodb-1.sock/none',
    'mongodb://user@127.0.0.1:1/?authMechanism=MONGODB-X509',
  ])('is looked for at %s', async address => {
    const options = 'serverSelectionTimeoutMS=300'
    const ended = await list([], { MONGODB_URI: `${address}${address.includes('?') ? '&' : '/?'}${options}` })
    expect(ended).toMatchObject({ code: 6 })
  })

  it('whose password is in the process list is warned of', async () => {
    const ended = await list(['--store', NOWHERE])
    expect(ended).toMatchObject({ code: 6, stderr: expect.stringContaining('set MONGODB_URI in its place') })
    expect(ended.stderr).not.toContain('secret')
  })

  it('that goes away in the midst is told so as JSON too', async () => {
    folder.write(
      'sidekey.config.mjs',
      `
      import { SidekeyError } from '${new URL('index.js', `file://${process.cwd()}/dist/`).href}'
      import { apiKeys, memoryStore } from '${new URL('index.js', `file://${process.cwd()}/dist/`).href}'
      const list = async () => { throw new SidekeyError('STORE_UNAVAILABLE', 'Keys cannot be reached.') }
      export const keys = apiKeys({ prefix: 'acme_test', store: { ...memoryStore(), list } })`,
    )
    const ended = await list(['--json'])
    expect(ended.code).toBe(6)
    expect(JSON.parse(ended.stderr)).toMatchObject({ error: { code: 'STORE_UNAVAILABLE', exit: 6 } })
  })
})

describe('a token on the command line', () => {
  const token = `acme_test_${'0'.repeat(16)}_${'x'.repeat(49)}`

  it.each([
    ['as an argument', ['lookup', token]],
    ['in the place of an id', ['show', token]],
    ['within an option', ['verify', `--token-file=${token}`]],
  ])('is refused %s, and not said again', async (_, args) => {
    folder.write('sidekey.config.mjs', memoryConfig())
    const ended = await run(args, { cwd: folder.path })
    expect(ended).toMatchObject({ code: 2, stderr: expect.stringContaining('rotate this one') })
    expect(ended.stdout + ended.stderr).not.toContain('xxxx')
  })

  it.each([
    ['nothing', ''],
    ['several words', 'two words'],
    ['a large file', 'x'.repeat(100_000)],
  ])('is not %s on standard input', async (_, input) => {
    folder.write('sidekey.config.mjs', memoryConfig())
    expect((await run(['verify'], { cwd: folder.path, input })).code).toBe(2)
  })

  it('comes from standard input', async () => {
    folder.write('sidekey.config.mjs', memoryConfig())
    const ended = await run(['verify', '--json'], { cwd: folder.path, input: `${token}\n` })
    expect(ended.code).toBe(1)
    expect(json(ended)).toMatchObject({ ok: false, code: 'KEY_INVALID' })
  })
})

it('says nothing where whoever reads has gone', async () => {
  folder.write(
    'sidekey.config.mjs',
    memoryConfig(`
    for (let i = 0; i < 300; i++) await keys.create({ name: 'k' + i, owner: { id: 'alice' } })`),
  )
  const command = `${COMMAND} list --all --json | head -c 10`
  expect(await shell(command)).toMatchObject({ stderr: '' })
})

it('says that the answer could not be written, where the disk is full', async () => {
  folder.write('sidekey.config.mjs', memoryConfig())
  expect(await shell(`${COMMAND} list --json > /dev/full`)).toEqual({
    code: 70,
    stderr: 'error: the answer could not be written: ENOSPC\n',
  })
})

const COMMAND = `"${process.execPath}" "${PROGRAM}"`

function shell(command: string): Promise<{ code: unknown; stderr: string }> {
  return new Promise(done => {
    execFile('sh', ['-c', command], { cwd: folder.path }, (error, _, stderr) =>
      done({ code: error?.code ?? 0, stderr }),
    )
  })
}

describe('with --json what is told on standard error', () => {
  const told = ({ stderr }: { readonly stderr: string }): unknown[] =>
    stderr
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line))

  it.each([
    ['an unknown option', ['list', '--json', '--frob'], 'unknown option'],
    ['an unknown command', ['lst', '--json'], 'unknown command'],
    ['an option without its value', ['list', '--json', '--limit'], 'argument missing'],
    ['a wrong value', ['list', '--limit', 'x', '--json'], 'It takes a whole number'],
    ['a missing argument', ['show', '--json'], 'missing required argument'],
    ['a wrong choice', ['scan', '--json', '--print-rule', 'nobody'], 'Allowed choices'],
    ['no command', ['--json'], 'unknown option'],
    ['help on no command', ['help', 'nosuch', '--json'], 'sidekey help'],
  ])('is JSON of %s too', async (_, args, message) => {
    const ended = await run(args, { cwd: folder.path })
    expect(ended).toMatchObject({ code: 2, stdout: '' })
    expect(told(ended)).toEqual([{ error: { message: expect.stringContaining(message), exit: 2 } }])
    expect(ended.stderr).not.toContain('error: ')
  })

  it('is JSON of warnings, a line each', async () => {
    const ended = await list(['--json', '--store', NOWHERE])
    expect(told(ended)).toEqual([
      { warning: expect.stringContaining('MONGODB_URI') },
      { error: expect.objectContaining({ exit: 6 }) },
    ])
    expect(ended.stderr).not.toContain('secret@')
    expect((await list(['--store', NOWHERE])).stderr).toMatch(/^warning: /)
  })

  it('is for people without it, also where it is an argument of another name', async () => {
    for (const args of [
      ['list', '--frob'],
      ['list', '--frob', '--', '--json'],
    ]) {
      expect((await run(args, { cwd: folder.path })).stderr).toMatch(/^error: unknown option/)
    }
    expect(await run(['list', '--json', '--help'], { cwd: folder.path })).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringContaining('Usage:'),
    })
  })
})
