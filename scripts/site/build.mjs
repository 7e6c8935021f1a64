/**
 * Builds the site of the documents into docs/.site: `npm run docs`. It opens without a server and without scripts; every link of it
 * is followed at the end. The pages are README and docs, the reference is typedoc's.
 */
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { frame } from './frame.mjs'
import { checkLinks } from './links.mjs'
import { highlighter, rendererOf } from './markdown.mjs'
import { addressOf, PAGES, textOf } from './pages.mjs'
import { buildReference } from './reference.mjs'
import { Sources } from './sources.mjs'

const SITE = 'docs/.site'

/** Writes a file of the site, with the folders above it. */
function write(path, text) {
  mkdirSync(dirname(join(SITE, path)), { recursive: true })
  writeFileSync(join(SITE, path), text)
}

rmSync(SITE, { recursive: true, force: true })
const highlight = await highlighter()
const sources = new Sources(highlight)
const render = rendererOf(highlight, sources)
for (const page of PAGES) {
  const { title, html } = render(page, textOf(page))
  write(addressOf(page), frame(page, title, html))
}
for (const { path, title, html } of sources.pages()) write(`${path}.html`, frame(path, title, html))
for (const image of sources.images) {
  mkdirSync(dirname(join(SITE, image)), { recursive: true })
  cpSync(image, join(SITE, image))
}
cpSync('scripts/site/style.css', join(SITE, 'style.css'))
await buildReference(join(SITE, 'reference'))

const { links, faults } = checkLinks(SITE)
for (const fault of faults) console.error(fault)
console.log(`${SITE}/index.html: ${PAGES.length} pages and the reference, ${links} links`)
if (faults.length > 0) {
  console.error(`${faults.length} links lead nowhere`)
  process.exitCode = 1
}
