/** What docs/page.md says, held against the sources and the tests. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { THEME_PROPERTIES, UI_OPTIONS } from '../../src/http/ui-options.js'
import { ROOT, tableAfter, textOf } from './pages.js'

const page = textOf('docs/page.md')
const codeIn = (rows: string[][]) =>
  rows.flatMap(([cell = '']) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name))

it('has a row for every option, and for no other', () => {
  const [, ...rows] = tableAfter(page, 'Options')
  expect(codeIn(rows).sort()).toEqual([...UI_OPTIONS].sort())
})

it('has every property of the theme, and no other', () => {
  const [, ...rows] = tableAfter(page, 'Theming')
  expect(codeIn(rows).sort()).toEqual([...THEME_PROPERTIES].sort())
})

const named = [...page.matchAll(/^ *- `(test\/[^`]+)`: (.+(?:\n {4}\S.*)*)$/gm)].map(
  ([, file = '', title = '']) => ({
    file,
    title: title.replaceAll(/\n +/g, ' '),
  }),
)

it('names tests', () => {
  expect(named.length).toBeGreaterThan(15)
})

it.each(named)('names a test that there is: $file, $title', ({ file, title }) => {
  expect(existsSync(join(ROOT, file))).toBe(true)
  const escaped = title.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
  expect(readFileSync(join(ROOT, file), 'utf8')).toMatch(new RegExp(`(['"\`])${escaped}\\1`))
})

it('says of the policy what is sent', () => {
  const policy = /`(default-src[^`]+)`/.exec(page)?.[1]?.replaceAll(/\s+/g, ' ')
  expect(
    readFileSync(join(ROOT, 'test/frameworks/ui.test.ts'), 'utf8').replaceAll(/" \+\n\s+"/g, ''),
  ).toContain(policy)
})
