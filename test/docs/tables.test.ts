/** What the documents say in tables and headings, held against the tables of the sources. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ERROR_CODES, helpFor, statusOf } from '../../src/errors.js'
import { ROUTES } from '../../src/http/routes.js'
import { ACTIONS } from '../../src/key/action.js'
import { ACCESS_TABLE, type Relation } from '../../src/manage/access.js'
import { AUDIT_ACTIONS } from '../../src/manage/audit-query.js'
import { headingsOf, PAGES, ROOT, tableAfter, textOf } from './pages.js'

describe('docs/errors.md', () => {
  const page = textOf('docs/errors.md')
  const headings = headingsOf(page).filter(({ level }) => level === 3)

  it('has a heading for every code, and for nothing else', () => {
    expect(headings.map(({ text }) => text).sort()).toEqual([...ERROR_CODES].sort())
  })

  it.each(ERROR_CODES)('tells status, cause and cure of %s, where its help leads', code => {
    const [file, anchor] = helpFor(code).split('#')
    expect([file, anchor]).toEqual(['docs/errors.md', headings.find(({ text }) => text === code)?.anchor])
    const [told = ''] = page.split(`### ${code}\n`)[1]?.split('\n#') ?? []
    expect(told.match(/^- \*\*Status:\*\* (\d{3})\b/m)?.[1]).toBe(String(statusOf(code)))
    expect(told).toMatch(/^- \*\*Cause:\*\* \S/m)
    expect(told).toMatch(/^- \*\*Cure:\*\* \S/m)
  })
})

describe('the package', () => {
  it('has docs/errors.md, where the help of every error leads, and all pages of docs', () => {
    const { stdout } = spawnSync('npm', ['pack', '--dry-run', '--ignore-scripts', '--json'], {
      cwd: ROOT,
      encoding: 'utf8',
    })
    const [{ files }] = JSON.parse(stdout) as [{ readonly files: readonly { readonly path: string }[] }] // npm's own form
    const packed = files.map(({ path }) => path)
    expect(packed).toContain(helpFor('KEY_INVALID').split('#')[0])
    expect(packed.filter(path => path.startsWith('docs/')).sort()).toEqual(
      PAGES.filter(page => page.startsWith('docs/')),
    )
  })
})

describe('docs/rest.md', () => {
  const page = textOf('docs/rest.md')
  const routes = ROUTES.map(({ method, path }) => `${method} ${path}`).sort()

  it('has a row for every route, which leads to its heading, and no other', () => {
    const [, ...rows] = tableAfter(page, 'REST')
    const told = rows.map(([method = '', path = '']) => `${method} ${path}`.replaceAll('`', ''))
    expect(told.sort()).toEqual(routes)
    const anchors = new Map(headingsOf(page).map(({ text, anchor }) => [text, anchor]))
    for (const [method = '', path = '', does = ''] of rows) {
      expect(does).toContain(`(#${anchors.get(`${method} ${path}`.replaceAll('`', ''))})`)
    }
  })

  it('has a heading for every route, and for no other', () => {
    const told = headingsOf(page).filter(({ text }) => /^[A-Z]+ \//.test(text))
    expect(told.map(({ text }) => text).sort()).toEqual(routes)
  })
})

describe('docs/access.md', () => {
  /** The columns, by their order. */
  const RELATIONS: readonly (readonly [string, Relation])[] = [
    ['owner', 'owner'],
    ["organisation's manager, a key that it owns", 'organizationManager'],
    ["organisation's manager, a member's key in it", 'colleagueManager'],
    ["organisation's member, a key that it owns", 'organizationMember'],
    ["admin, a user's key", 'adminOverUser'],
    ['admin, any other key; admin with `impersonate`, any key', 'admin'],
  ]
  const [head = [], ...rows] = tableAfter(textOf('docs/access.md'), 'The table')

  it('has a column for every relation and a row for every action', () => {
    expect(head.slice(1)).toEqual(RELATIONS.map(([title]) => title))
    expect(RELATIONS.map(([, relation]) => relation).sort()).toEqual(Object.keys(ACCESS_TABLE).sort())
    expect(rows.map(([action]) => action)).toEqual(ACTIONS.map(action => `\`${action}\``))
  })

  it.each(RELATIONS)('says of %s what the policy says', (title, relation) => {
    const column = head.indexOf(title)
    const may = rows.filter(row => row[column] === 'yes').map(([action = '']) => action.replaceAll('`', ''))
    expect(may.sort()).toEqual([...ACCESS_TABLE[relation]].sort())
  })
})

describe('docs/audit.md', () => {
  it('tells of every action that an event may have, and of no other', () => {
    const [, ...rows] = tableAfter(textOf('docs/audit.md'), 'What is told')
    const told = rows.flatMap(([cell = '']) => [...cell.matchAll(/`([a-z]+)`/g)].map(([, name = '']) => name))
    const actions = told.filter(name => name !== 'refused') // a field
    expect([...new Set(actions)].sort()).toEqual([...AUDIT_ACTIONS].sort())
  })
})

describe('docs/scaling.md', () => {
  it('has every collection of the mongoose store, and no other', () => {
    const [, ...rows] = tableAfter(textOf('docs/scaling.md'), 'Collections and indexes')
    const told = rows.map(([cell = '']) => cell.replaceAll('`', ''))
    const source = textOf('src/store/mongoose/index.ts')
    const made = [...source.matchAll(/`\$\{collectionPrefix\}([a-z_]+)`/g)].map(
      ([, name]) => `sidekey_${name}`,
    )
    expect(told.sort()).toEqual([...new Set(made)].sort())
  })
})

describe('docs/security.md', () => {
  const page = textOf('docs/security.md')
  const [promised = ''] = page.split('\n## Promised\n')[1]?.split('\n## ') ?? []
  const promises = promised.split(/^- /m).slice(1)
  const named = promises.flatMap(promise =>
    [...promise.matchAll(/^ {2}- `([^`]+)`: (.+(?:\n {4}\S.*)*)$/gm)].map(([, file = '', title = '']) => ({
      file,
      title: title.replaceAll(/\n +/g, ' '),
    })),
  )

  /** The rows of what others ask for: an id, what it is here, and tests, each as in the lists. */
  const asked = ['OWASP API Security Top 10 (2023)', 'OWASP ASVS 5.0'].map(heading =>
    tableAfter(page, heading).slice(1),
  )
  const [ten = [], requirements = []] = asked
  const shown = (cell: string) =>
    cell.split('<br>').flatMap(one => {
      const [, file, title = ''] = /^`([^`]+)`: (.+)$/.exec(one) ?? []
      return file === undefined ? [] : [{ file, title }]
    })
  const inTables = asked.flat().flatMap(([, , cell = '']) => shown(cell))

  it('names a test for every promise', () => {
    expect(promises.length).toBeGreaterThan(30)
    expect(promises.filter(promise => !promise.includes('\n  - `'))).toEqual([])
  })

  it('has a row for each of the ten, and for requirements of the standard, each once and in order', () => {
    expect(ten.map(([id]) => id)).toEqual(Array.from({ length: 10 }, (_, i) => `API${i + 1}`))
    const ids = requirements.map(([id = '']) => id)
    const numbers = ids.map(id => /^V(\d+)\.(\d+)\.(\d+)$/.exec(id)?.slice(1).map(Number) ?? [])
    const weights = numbers.map(
      ([chapter = 0, section = 0, one = 0]) => chapter * 10_000 + section * 100 + one,
    )
    expect(weights).toEqual([...new Set(weights)].sort((a, b) => a - b))
    expect(weights.every(weight => weight > 0)).toBe(true)
  })

  it('names a test in every row, or says why there is none', () => {
    const without = asked.flat().filter(([, , cell = '']) => shown(cell).length === 0)
    expect(without.filter(([, here = '']) => !/^Does not apply: \w/.test(here))).toEqual([])
    // Each of them in a form that can be looked up.
    for (const [, , cell = ''] of asked.flat())
      expect(shown(cell).length).toBe(cell === '-' ? 0 : cell.split('<br>').length)
  })

  const all = new Map([...named, ...inTables].map(one => [`${one.file} ${one.title}`, one]))
  it.each([...all.values()])('names a test that there is: $file, $title', ({ file, title }) => {
    expect(existsSync(join(ROOT, file))).toBe(true)
    const titles = new RegExp(`(['"\`])${escaped(title)}\\1`)
    // As it is written in a string, where a quote may be behind a backslash.
    expect(readFileSync(join(ROOT, file), 'utf8').replaceAll("\\'", "'")).toMatch(titles)
  })
})

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}
