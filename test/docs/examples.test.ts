/** The examples of the documents, compiled against the sources. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { AMBIENT } from './ambient.js'
import { blocksOf, PAGES, ROOT, textOf } from './pages.js'

/** Not in the system's own folder: the packages that the examples import are found from here. */
const CACHE = join(ROOT, 'node_modules/.cache/sidekey-docs')

const EXAMPLES = PAGES.flatMap(page =>
  blocksOf(textOf(page))
    .filter(({ language }) => language === 'ts')
    .map(({ line, code }) => ({ page, line, code })),
)
const WITH_EXAMPLES = [...new Set(EXAMPLES.map(({ page }) => page))]

/** What is wrong, by page: the file's line is the page's, since each file begins with that many empty ones. */
let faults: Map<string, string[]>

beforeAll(() => {
  mkdirSync(CACHE, { recursive: true })
  const folder = mkdtempSync(join(CACHE, 'run-'))
  try {
    faults = compiled(folder, [
      ...EXAMPLES,
      { page: 'a misspelt one', line: 1, code: "keys.verify(token, { permissions: 'reports:raed' })" },
    ])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}, 60_000)

function compiled(folder: string, examples: typeof EXAMPLES): Map<string, string[]> {
  const pages = new Map<string, string>()
  for (const [i, { page, line, code }] of examples.entries()) {
    const name = `${i}.mts`
    pages.set(name, page)
    writeFileSync(join(folder, name), `${'\n'.repeat(line - 1)}${code}\nexport {}\n`)
  }
  writeFileSync(join(folder, 'ambient.d.mts'), AMBIENT)
  const config = {
    extends: join(ROOT, 'tsconfig.json'),
    compilerOptions: { noUnusedLocals: false, noUnusedParameters: false, types: ['node'] },
    files: ['ambient.d.mts', ...pages.keys()],
    include: [],
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))

  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
  const { stdout } = spawnSync(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], {
    encoding: 'utf8',
  })
  const found = new Map<string, string[]>()
  for (const line of stdout.split('\n').filter(text => /^\S/.test(text))) {
    const [, file = '', at = '', what = line] = /^(.+?)\((\d+),\d+\): (.+)$/.exec(line) ?? []
    const page = pages.get(basename(file)) ?? 'the compiler itself'
    found.set(page, [...(found.get(page) ?? []), `${page}:${at} ${what}`])
  }
  return found
}

it.each(WITH_EXAMPLES)('the examples of %s compile', page => {
  expect(faults.get(page)).toBeUndefined()
})

it('the check itself finds a misspelt permission, and nothing outside the examples', () => {
  expect(faults.get('a misspelt one')).toEqual([expect.stringContaining('reports:raed')])
  expect(faults.get('the compiler itself')).toBeUndefined()
})

it('there are examples on the pages that lead users in', () => {
  expect(WITH_EXAMPLES).toEqual(
    expect.arrayContaining(['README.md', 'docs/getting-started.md', 'docs/passport.md', 'docs/access.md']),
  )
})
