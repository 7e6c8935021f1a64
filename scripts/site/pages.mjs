/** The pages of the site, and the topics that they are listed under. docs/README.md is where both are told. */
import { readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'

/** Markdown files of the project, by their paths from its root. */
export const PAGES = [
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'bench/README.md',
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.md'))
    .map(name => `docs/${name}`)
    .sort(),
]

export function textOf(page) {
  return readFileSync(page, 'utf8')
}

/** Where in the site a page is. */
export function addressOf(page) {
  return page.replace(/README\.md$/, 'index.html').replace(/\.md$/, '.html')
}

/** The way from one file of the site to another. */
export function wayTo(from, to) {
  return posix.relative(posix.dirname(from), to) || posix.basename(to)
}

/** `[{ title, pages: [{ page, title }] }]`: the headings of docs/README.md, and the pages in the tables below them. */
export const TOPICS = textOf('docs/README.md')
  .split(/^## /m)
  .slice(1)
  .map(section => ({
    title: section.slice(0, section.indexOf('\n')).trim(),
    pages: [...section.matchAll(/^\| *\[[^\]]+\]\(([^)#]+\.md)\)/gm)].map(([, target]) => {
      const page = posix.normalize(posix.join('docs', target))
      return { page, title: titleOf(page) }
    }),
  }))
  .filter(({ pages }) => pages.length > 0)

/** The text of the first heading. */
function titleOf(page) {
  const [, title] = /^# (.+)$/m.exec(textOf(page)) ?? []
  if (title === undefined) throw new Error(`${page} has no heading`)
  return title.replaceAll('`', '')
}
