/**
 * Builds the site of the documents into docs/.site: `npm run docs`. It opens without a server and has no scripts; every link of it is
 * followed at the end. The pages are README, docs, and a reference that typedoc makes of the sources.
 */
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { frame } from './frame.mjs'
import { checkLinks } from './links.mjs'
import { highlighter, rendererOf } from './markdown.mjs'
import { addressOf, PAGES, TOPICS, textOf } from './pages.mjs'
import { referencePages } from './reference.mjs'
import { Sources } from './sources.mjs'

const SITE = 'docs/.site'

rmSync(SITE, { recursive: true, force: true })
const reference = await referencePages()
const pages = [...PAGES.map(page => ({ page, text: textOf(page) })), ...reference]
const topics = [...TOPICS, { title: 'Reference of all exports', pages: reference }]

const highlight = await highlighter()
const sources = new Sources(highlight)
const known = new Set(pages.map(({ page }) => page))
const render = rendererOf({ known, highlight, sources })
for (const { page, text } of pages) write(addressOf(page), render(page, text))
for (const { path, ...source } of sources.pages()) write(`${path}.html`, source)
for (const image of sources.images) cpSync(image, join(SITE, image))
cpSync('scripts/site/style.css', join(SITE, 'style.css'))

const { links, faults } = checkLinks(SITE)
for (const fault of faults) console.error(fault)
console.log(
  `${SITE}/index.html: ${pages.length} pages, ${links} links, ${faults.length} of them lead nowhere`,
)
process.exitCode = faults.length === 0 ? 0 : 1

function write(address, { title, html }) {
  mkdirSync(dirname(join(SITE, address)), { recursive: true })
  writeFileSync(join(SITE, address), frame({ address, title, html, topics }))
}
