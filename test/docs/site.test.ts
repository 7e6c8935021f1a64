/** What checks the links of the built site, on a site of the test's own: `npm run docs` builds the real one, and runs the same. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { ROOT, textOf } from './pages.js'

let site: string
beforeEach(() => {
  site = mkdtempSync(join(tmpdir(), 'sidekey-site-'))
})
afterEach(() => rmSync(site, { recursive: true, force: true }))

/** What the check says of a site of these files. */
function told(files: Readonly<Record<string, string>>) {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(site, path)), { recursive: true })
    writeFileSync(join(site, path), text)
  }
  const program = join(ROOT, 'scripts/site/links.mjs')
  const { stdout, stderr, status } = spawnSync(process.execPath, [program, site], { encoding: 'utf8' })
  return { faults: stderr.trim().split('\n').filter(Boolean), last: stdout.trim(), status }
}

it('passes links to files, to anchors, and to other places', () => {
  const files = {
    'index.html': '<a href="docs/a.html#b">1</a> <a href="https://example.com/">2</a> <img src="i.png">',
    'docs/a.html': '<h2 id="b">b</h2> <a href="../index.html">3</a> <a href="#b">4</a> &lt;a href="nowhere">',
    'i.png': '',
  }
  expect(told(files)).toEqual({ faults: [], last: '5 links, 0 of them lead nowhere', status: 0 })
})

it('tells what leads nowhere, or out of the site, and what is loaded from elsewhere', () => {
  const files = {
    'index.html':
      '<a href="b.html">1</a> <a href="a.html#c">2</a> <a href="../x.html">3</a> <script src="https://example.com/x.js"></script>',
    'a.html': '<a href="/index.html">5</a>',
    's.css': '@import "x.css"; p { background: url(//example.com/x.png) }',
  }
  const { faults, status } = told(files)
  expect(status).toBe(1)
  expect(faults.sort()).toEqual([
    'a.html: /index.html: it leads out of the site',
    'index.html: ../x.html: it leads out of the site',
    'index.html: a.html#c: there is no such anchor',
    'index.html: b.html: there is no such file',
    'index.html: https://example.com/x.js: it is loaded from another place',
    's.css: //example.com/x.png: it is loaded from another place',
    's.css: @import: there is no such file',
  ])
})

it('is built by a package of its own, of which the lock file names no registry', () => {
  const lock = JSON.parse(textOf('scripts/site/package-lock.json')) as {
    readonly packages: Readonly<Record<string, { readonly resolved?: string; readonly integrity?: string }>>
  } // npm's own file
  const packages = Object.entries(lock.packages).filter(([path]) => path !== '')
  expect(packages.length).toBeGreaterThan(5)
  expect(packages.filter(([, one]) => one.resolved !== undefined || one.integrity === undefined)).toEqual([])
})
