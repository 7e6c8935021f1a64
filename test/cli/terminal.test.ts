/** What people see and type: on a stream that says it is a terminal, and where they type in a pseudo-terminal. */
import { stripVTControlCharacters } from 'node:util'
import { widthOf } from '../../src/cli/text.js'
import { type Folder, inTerminal, json, memoryConfig, openFolder, type RunOptions, run } from './support.js'

jest.setTimeout(60_000)

let folder: Folder
/** A name that is not taken, but may be in a database for all that. */
const BY_HAND = `
function byHand(store) {
  const nameOf = ({ name }) => (name === 'written by hand' ? '\\u009b2J\\u202egnihtemos' : name)
  return { ...store, list: async query => (await store.list(query)).map(key => ({ ...key, name: nameOf(key) })) }
}`

beforeAll(() => {
  folder = openFolder()
  folder.write(
    'sidekey.config.mjs',
    memoryConfig(`
const owner = { id: 'alice-with-a-long-name@example.com' }
await keys.create({ name: 'CI, with a name that is rather long for a table', owner, expiresIn: '90d' })
await keys.create({ name: 'written by hand', owner })
const { apiKey, token } = await keys.create({ name: 'known', owner })
import { writeFileSync } from 'node:fs'
if (process.env.TOKEN_TO) writeFileSync(process.env.TOKEN_TO, token)
const typed = await keys.create({ name: 'typed', owner })
process.env.TYPED = typed.token
`).replace('store: memoryStore()', 'store: byHand(memoryStore())') + BY_HAND,
  )
})
afterAll(() => folder.remove())

/** The lines of a screen as they are seen. */
const linesOf = (screen: string) => stripVTControlCharacters(screen).split(/\r?\n/)

describe('a terminal of 40 columns', () => {
  it.each([['list'], ['doctor']])('has no line of %s that is longer', async command => {
    const { stdout, stderr } = await run([command], { cwd: folder.path, columns: 40 })
    const lines = linesOf(stdout + stderr).map(line => line.replace(/^[\s\S]*\r/, ''))
    expect(lines.length).toBeGreaterThan(3)
    expect(lines.filter(line => widthOf(line) > 40)).toEqual([])
  })

  /** Has a key that was used, whose token is in a file, and one id that leads to it. */
  const NARROW = memoryConfig(
    `
import { mkdirSync, writeFileSync } from 'node:fs'
const owner = { id: 'alice-with-a-long-name@example.com' }
const { token } = await keys.create({ name: 'CI, with a name that is rather long for a table', owner })
await keys.verify(token)
await keys.verify(token, { permissions: ['reports:read'] })
mkdirSync('src/some/long/path/of/a/module', { recursive: true })
writeFileSync('src/some/long/path/of/a/module/config.js', '\\n\\n' + token)`,
  )
    .replace('store: memoryStore()', 'store: named(memoryStore())')
    .concat(`
function named(store) {
  const newest = async () => (await store.list({ statuses: ['active'], now: Date.now(), limit: 1 }))[0]
  return { ...store, find: async id => (id === '0'.repeat(16) ? newest() : store.find(id)) }
}`)

  it.each([
    ['scan', ['src'], ['module/config.js:3']],
    ['scan', ['src', '--lookup'], ['module/config.js:3', 'active', 'alice-with-a-long-name']],
    ['events', [], ['create']],
    ['usage', [], ['1']],
    ['show', ['0'.repeat(16)], ['active']],
  ])('shows all of %s %j that is to be acted on', async (command, args, needed) => {
    folder.write('narrow/sidekey.config.mjs', NARROW)
    const cwd = `${folder.path}/narrow`
    await run(['list'], { cwd }) // writes the file
    const { stdout, stderr } = await run([command, ...args], { cwd, columns: 40, env: { NO_COLOR: '1' } })
    const lines = linesOf(stdout + stderr).map(line => line.replace(/^[\s\S]*\r/, ''))
    expect(lines.filter(line => widthOf(line) > 40)).toEqual([])
    // Lines that go on are indented.
    const text = linesOf(stdout)
      .join('\n')
      .replace(/\n {3,}/g, '')
    for (const one of needed) expect(text).toContain(one)
    if (command !== 'usage') expect(text).toMatch(/(?<![0-9A-Za-z])[0-9A-Za-z]{16}(?![0-9A-Za-z])/)
    expect(text).not.toContain('…')
  })
})

describe('how far long work has come', () => {
  it.each([['export'], ['list', '--all'], ['scan', '.']])(
    'is told on a terminal, in one line that is taken away: %s %s',
    async (...args) => {
      const { stderr } = await run(args, { cwd: folder.path, columns: 40 })
      const drawn = stderr.split('\r\u001b[K').map(text => text.split('\n')[0] ?? '')
      // It begins with a line that is empty, has some that are drawn, and ends with none.
      expect(drawn.some(text => /^\d+ (keys|files)$/.test(text))).toBe(true)
      expect(drawn.filter(text => widthOf(text) > 39)).toEqual([])
      expect(drawn.at(-1)).not.toMatch(/\d+ (keys|files)$/)
    },
  )

  it.each([['export'], ['list', '--all'], ['list', '--all', '--json']])(
    'is told nowhere else: %s %s %s',
    async (...args) => {
      const { stdout, stderr } = await run(
        args.filter(arg => arg !== undefined),
        { cwd: folder.path },
      )
      expect(stdout).not.toBe('')
      expect(stderr).toBe('')
    },
  )
})

describe('colours', () => {
  const ESC = '\u001b['
  it('are there on a terminal', async () => {
    expect((await inTerminal(['list'], { cwd: folder.path }).ended).screen).toContain(`${ESC}32mactive`)
  })

  it.each([
    ['with NO_COLOR', { NO_COLOR: '1' }],
    ['on a terminal that has none', { TERM: 'dumb' }],
  ])('are not %s', async (_, env) => {
    const shown = { cwd: folder.path, columns: 80 }
    const plain = await run(['list'], { ...shown, env: { TERM: 'xterm-256color', ...env } })
    expect(plain.stdout).toContain('active')
    expect(plain.stdout + plain.stderr).not.toContain(ESC)
    // The same stream has colours elsewhere.
    const coloured = await run(['list'], { ...shown, env: { TERM: 'xterm-256color' } })
    expect(coloured.stdout).toContain(`${ESC}32mactive`)
  })

  it('are not where it is no terminal', async () => {
    expect((await run(['list'], { cwd: folder.path })).stdout).not.toContain(ESC)
  })
})

describe('a key whose name has control characters', () => {
  it('does not act on the terminal, as a table or as JSON', async () => {
    for (const args of [['list'], ['list', '--json']]) {
      const { stdout: screen } = await run(args, { cwd: folder.path, columns: 200 })
      expect(screen).not.toMatch(/[\u0080-\u009f\u202e]/)
      expect(screen).toContain('gnihtemos')
    }
    const { data } = json<{ data: { id: string; name: string }[] }>(
      await run(['list', '--json'], { cwd: folder.path }),
    )
    expect(data.map(({ name }) => name)).toContain('\u009b2J\u202egnihtemos')
  })
})

type Shown = RunOptions & { readonly columns: number }

async function told(args: readonly string[], options: Shown): Promise<string> {
  const { stdout, stderr } = await run(args, options)
  return stdout + stderr
}

/** Somebody is asked, and says no. */
async function asked(args: readonly string[], options: Shown): Promise<string> {
  const terminal = inTerminal(args, options)
  await terminal.until('[y/N]')
  terminal.type('n\r')
  return (await terminal.ended).screen
}

describe('such a name in an answer of one line, or in a question', () => {
  it.each([['revoke', '--dry-run'], ['delete', '--dry-run'], ['rotate', '--dry-run'], ['revoke'], ['show']])(
    'does not act on it either: %s %s',
    async (command, ...more) => {
      folder.write(
        'named/sidekey.config.mjs',
        memoryConfig('', "prefix: 'acme_test'")
          .replace('store: memoryStore()', 'store: fixed(memoryStore())')
          .replace(
            'export const keys',
            `
const fixed = store => ({ ...store, find: async id => ({ ...record, id }) })
const record = { kind: 'secret', prefix: 'acme_test', name: '\\u001b[2Jevil\\u009b31m', description: '\\u001b]0;x\\u0007',
  owner: { type: 'user', id: '\\u001b[31m' }, organizationId: null, createdBy: null, parentId: null, permissions: [], roles: [],
  resources: [], metadata: {}, tags: [], notBefore: null, expiresAt: null, idle: null, revoked: null,
  restrictions: { ips: [], origins: [] }, limits: {}, credits: null, version: 1, createdAt: new Date(), updatedAt: new Date(),
  hash: '', previous: [], disabled: null, deleted: null, outbox: [] }
export const keys`,
          ),
      )
      const cwd = `${folder.path}/named`
      const asks = command === 'revoke' && more.length === 0
      const shown = { cwd, env: { NO_COLOR: '1' }, columns: 120 }
      const screen = await (asks ? asked : told)([command, '0'.repeat(16), ...more], shown)
      if (command !== 'rotate') expect(screen).toContain('\\u{1b}[2Jevil\\u{9b}31m')
      const acts = ['\u001b[2J', '\u001b[31m', '\u001b]', '\u009b']
      expect(acts.filter(sign => screen.includes(sign))).toEqual([])
    },
  )
})

describe('a token that is typed', () => {
  it('is not shown, and is checked', async () => {
    // The store is the process's own: a well-formed token of no key is typed.
    const token = `acme_test_${'0'.repeat(16)}_${'x'.repeat(49)}`
    const terminal = inTerminal(['verify'], { cwd: folder.path })
    await terminal.until('Token: ')
    terminal.type(`wrong\u007f\u007f\u007f\u007f\u007f${token}\r`)
    const { code, screen } = await terminal.ended
    expect(screen).toContain('refused: KEY_INVALID')
    expect(screen).not.toContain('xxxx')
    expect(screen).not.toContain('wrong')
    expect(code).toBe(1)
  })

  it('ends the program by Ctrl-C, and leaves the terminal as it was', async () => {
    const terminal = inTerminal(['verify'], { cwd: folder.path })
    await terminal.until('Token: ')
    terminal.type('\u0003')
    expect(await terminal.ended).toMatchObject({
      code: 130,
      screen: expect.stringContaining('nothing was changed'),
    })
  })
})

describe('a question', () => {
  const ask = (answer: string) => async () => {
    const terminal = inTerminal(['revoke', '--owner', 'alice-with-a-long-name@example.com'], {
      cwd: folder.path,
    })
    await terminal.until('Revoke 4 keys? It cannot be undone. [y/N]')
    terminal.type(answer)
    return terminal.ended
  }

  it('is answered with yes', async () => {
    expect(await ask('y\r')()).toMatchObject({ code: 0, screen: expect.stringContaining('Revoked: 4.') })
  })

  it.each([
    ['no', 'n\r', 7],
    ['nothing', '\r', 7],
    ['Ctrl-C', '\u0003', 130],
  ])('is answered with %s: nothing is done', async (_, answer, code) => {
    const ended = await ask(answer)()
    expect(ended).toMatchObject({ code, screen: expect.stringContaining('nothing was changed') })
  })
})
