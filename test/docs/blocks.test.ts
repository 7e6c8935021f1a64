/** The blocks of the documents that are not TypeScript (examples.test.ts has those): what can be read is read, what can be looked up is. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { transformSync } from 'esbuild'
import { programOf } from '../../src/cli/run.js'
import { checkedMapping } from '../../src/import/mapping.js'
import { faultsOf, recordFaults } from './api.js'
import { blocksOf, PAGES, ROOT, textOf } from './pages.js'
import { callOf, commandsIn, typedIn, type Words } from './shell.js'

const LANGUAGES = ['ts', 'js', 'json', 'sh', 'console', 'diff', 'http', 'text', 'csv', 'python', 'php']
const BLOCKS = PAGES.flatMap(page => blocksOf(textOf(page)).map(block => ({ page, ...block })))
const blocksIn = (...languages: string[]) => BLOCKS.filter(({ language }) => languages.includes(language))
const COMMANDS = blocksIn('sh', 'console').flatMap(({ page, line, language, code }) =>
  commandsIn(typedIn(language, code)).map(words => ({ page, line, words, text: words.join(' ') })),
)
const commandsOf = (...beginning: string[]) =>
  COMMANDS.filter(({ words }) => beginning.every((word, i) => words[i] === word))

const { scripts, dependencies, peerDependencies } = require(join(ROOT, 'package.json')) as {
  readonly scripts: Readonly<Record<string, string>>
  readonly dependencies: Readonly<Record<string, string>>
  readonly peerDependencies: Readonly<Record<string, string>>
} // npm's own file

it('names the language of every block, and no other than is known', () => {
  const unnamed = BLOCKS.filter(({ language }) => !LANGUAGES.includes(language))
  expect(unnamed.map(({ page, line, language }) => `${page}:${line} ${language}`)).toEqual([])
})

it.each(blocksIn('js'))('can read the JavaScript of $page:$line', ({ code }) => {
  // A part of a function has a `return`, which a module must not.
  const read = (text: string) => transformSync(text, { loader: 'js', format: 'esm', target: 'es2023' })
  expect(() =>
    read(/^\s*(if .*)?return\b/m.test(code) && !/^import /m.test(code) ? `async () => {${code}\n}` : code),
  ).not.toThrow()
})

it.each(blocksIn('json'))('can read the JSON of $page:$line', ({ code }) => {
  expect(() => JSON.parse(code)).not.toThrow()
})

it('shows a record that has all the fields of one, and a mapping that an import takes', () => {
  const values = blocksIn('json').map(({ code }) => JSON.parse(code) as Readonly<Record<string, unknown>>)
  const records = values.filter(value => 'owner' in value)
  const mappings = values.filter(value => 'columns' in value)
  expect([records.length, mappings.length]).toEqual([1, 1])
  expect(records.flatMap(recordFaults)).toEqual([])
  expect(() => checkedMapping(mappings[0])).not.toThrow()
  const { tags: _, ...lacking } = records[0] ?? {}
  expect(recordFaults(lacking)).toHaveLength(1)
})

describe('commands', () => {
  /** Programs that are no part of this project; what they are given is not looked at. */
  const OTHERS = ['git', 'grep', 'jq', 'mongosh', 'mysql', 'pbpaste', 'psql', 'python']

  it('are of programs that are known', () => {
    const known = ['npm', 'npx', 'curl', 'node', '.ci/run', ...OTHERS]
    expect(COMMANDS.filter(({ words: [program = ''] }) => !known.includes(program))).toEqual([])
  })

  it.each(commandsOf('npm', 'run'))('$text, on $page, is a script', ({ words }) => {
    expect(scripts).toHaveProperty([words[2] ?? ''])
  })

  it.each(commandsOf('npm', 'install'))('$text, on $page, installs what sidekey works with', ({ words }) => {
    const known = ['sidekey', ...Object.keys({ ...dependencies, ...peerDependencies })]
    expect(words.slice(2).filter(name => !name.startsWith('-') && !known.includes(name))).toEqual([])
  })

  it.each(commandsOf('npx', 'jest'))('$text, on $page, is of tests that there are', ({ words }) => {
    const paths = words.slice(2).filter(word => word.includes('/'))
    expect(paths.filter(path => !existsSync(join(ROOT, path)))).toEqual([])
  })

  it('run by npx nothing that would have to be installed first', () => {
    const others = commandsOf('npx').filter(({ words }) => !['jest', 'sidekey'].includes(words[1] ?? ''))
    expect(others).toEqual([])
  })

  it.each(commandsOf('npx', 'sidekey'))('the program takes: $text ($page)', async ({ words }) => {
    expect(await takenByProgram(words.slice(2))).toBe('taken')
  })

  it.each(inlineCommands())('the program takes: $text ($page, in a line)', async ({ words }) => {
    expect(await takenByProgram(words)).toBe('taken')
  })

  it.each(commandsOf('curl').filter(({ text }) => text.includes('$APP/api-keys')))(
    'the router has a route for: $text ($page)',
    ({ words }) => {
      const { method, url, body } = callOf(words)
      expect(faultsOf(method, url.replace('$APP/api-keys', ''), body)).toEqual([])
    },
  )

  it.each(commandsOf('curl').filter(({ text }) => !text.includes('$APP/api-keys')))(
    'calls the app of the examples, or another service by name: $text ($page)',
    ({ words }) => expect(callOf(words).url).toMatch(/^\$APP\/(reports|login)$|^https:\/\/api\.unkey\.com\//),
  )
})

describe('the check itself', () => {
  it('takes commands apart', () => {
    const script = "a 'b c' \"d $E\" \\\n  f | g > h # i\n\n# j\nk; l && m '#n'"
    expect(commandsIn(script)).toEqual([['a', 'b c', 'd $E', 'f'], ['g'], ['k'], ['l'], ['m', '#n']])
  })

  it('reads of a session what is typed, and not what is answered', () => {
    expect(commandsIn(typedIn('console', '$ a b \\\n    c\nno {"d":1}\n\n$ e'))).toEqual([
      ['a', 'b', 'c'],
      ['e'],
    ])
  })

  it('refuses an option that the program does not have', async () => {
    expect(await takenByProgram(['list', '--ownr', 'alice'])).toContain("unknown option '--ownr'")
    expect(await takenByProgram(['lst'])).toContain("unknown command 'lst'")
    expect(await takenByProgram(['show', 'not-an-id'])).toContain('16 letters and digits')
  })

  it('finds that there is no such route, query or field', () => {
    expect(faultsOf('GET', '/0VbvmdHo9P49d4yC/nothing')).toEqual([
      'there is no route GET /0VbvmdHo9P49d4yC/nothing',
    ])
    expect(faultsOf('GET', '?staus=active')).toEqual(["GET / takes no query 'staus'"])
    expect(faultsOf('POST', '', '{"nam":"my script"}')).toEqual([expect.stringContaining("'name'")])
  })
})

/** The program's own reading of a command line; nothing is done. */
async function takenByProgram(args: Words): Promise<string> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  const program = programOf({ stdin, stdout, stderr, env: {} })
  for (const command of program.commands) command.action(() => undefined)
  try {
    await program.parseAsync([...args], { from: 'user' })
    return 'taken'
  } catch (error) {
    return `${stderr.read()}${error}`
  }
}

/** Command lines of the program within the text: `npx sidekey scan --revoke`, without those that leave something out. */
function inlineCommands() {
  return PAGES.flatMap(page =>
    [...textOf(page).matchAll(/`npx\s+sidekey\s([^`<…]+)`/g)].flatMap(([, line = '']) =>
      commandsIn(line.replaceAll('\n', ' ')).map(words => ({ page, words, text: words.join(' ') })),
    ),
  )
}
