/** Renews docs/rest.md. Run by `npm run docs:rest`. */
import { readFileSync, writeFileSync } from 'node:fs'
import { restPage } from './page.js'

writeFileSync('docs/rest.md', restPage(readFileSync('scripts/rest-page/template.md', 'utf8')))
