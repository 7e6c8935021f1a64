/** Where the documents' links lead. */
import { existsSync, statSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { headingsOf, linksOf, PAGES, ROOT, textOf } from './pages.js'

/** What is wrong with a link of a page, or `null`. */
function faultOf(page: string, target: string): string | null {
  if (/^[a-z]+:/.test(target)) return null // another site's
  const [path = '', anchor] = target.split('#')
  const file = path === '' ? page : normalize(join(dirname(page), path))
  if (file.startsWith('..') || !existsSync(join(ROOT, file))) return `${target}: there is no such file`
  if (anchor === undefined) return null
  const anchors = statSync(join(ROOT, file)).isFile() ? headingsOf(textOf(file)).map(one => one.anchor) : []
  return anchors.includes(anchor) ? null : `${target}: there is no such heading`
}

it.each(PAGES)('every relative link of %s leads somewhere', page => {
  const faults = linksOf(textOf(page)).map(target => faultOf(page, target))
  expect(faults.filter(fault => fault !== null)).toEqual([])
})

it.each(PAGES.filter(page => page.startsWith('docs/') && page !== 'docs/README.md'))(
  '%s is reached from the README or from the list of documents',
  page => {
    const indexes = ['README.md', 'docs/README.md', 'docs/decisions/README.md']
    const reached = indexes.flatMap(index =>
      linksOf(textOf(index)).map(target => normalize(join(dirname(index), target.replace(/#.*/, '')))),
    )
    expect(reached).toContain(page)
  },
)

describe('the check itself', () => {
  it('tells links that lead nowhere', () => {
    expect(faultOf('docs/rest.md', 'nowhere.md')).toContain('no such file')
    expect(faultOf('docs/rest.md', '../../outside.md')).toContain('no such file')
    expect(faultOf('docs/rest.md', 'errors.md#no_such_code')).toContain('no such heading')
    expect(faultOf('docs/rest.md', '#no-such-heading')).toContain('no such heading')
    expect(faultOf('docs/rest.md', 'errors.md#key_missing')).toBeNull()
    expect(faultOf('docs/rest.md', '../src/options.ts')).toBeNull()
  })

  it('finds links in prose and tables, and none in code', () => {
    const markdown = '[a](x.md) and `[b](y.md)`\n\n| [c](z.md#d) |\n\n```ts\nconst e = [f](w.md)\n```\n'
    expect(linksOf(markdown)).toEqual(['x.md', 'z.md#d'])
  })

  it('makes anchors as GitHub does', () => {
    const markdown = '# POST /:id/rotate\n## `a_b` and **C**!\n## Same\n## Same\n```\n# none\n```\n'
    expect(headingsOf(markdown).map(({ anchor }) => anchor)).toEqual([
      'post-idrotate',
      'a_b-and-c',
      'same',
      'same-1',
    ])
  })
})
