/**
 * Joins what tsc has built into few files, with what every start would else load from some 250: an entry point of `exports` or `bin`
 * stays where it is, what several share is in `dist/chunks`. See docs/decisions/0020-few-files-to-start.md.
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { build } from 'esbuild'
import { BUILT_IN } from './release/built-in.mjs'

const { exports, bin, dependencies, peerDependencies } = JSON.parse(readFileSync('package.json', 'utf8'))
/** The program without a process around it, which its tests run within one. */
const WITHIN = 'dist/cli/run.js'
const entryPoints = [...Object.values(exports).map(one => one.default), ...Object.values(bin), WITHIN].filter(
  path => path?.endsWith('.js'),
)
const out = mkdtempSync('dist/.bundle-')

const { metafile } = await build({
  entryPoints,
  outdir: out,
  outbase: 'dist',
  bundle: true,
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  format: 'esm',
  platform: 'node',
  target: 'node20',
  external: Object.keys({ ...dependencies, ...peerDependencies }).filter(name => !BUILT_IN.includes(name)),
  legalComments: 'none', // their licences are in dist/licences.txt, whole
  logLevel: 'warning',
  metafile: true,
  plugins: [{ name: 'less-of-zod', setup: lessOfZod }],
})

refuseOthers(Object.keys(metafile.inputs))
for (const path of readdirSync('dist', { recursive: true })) {
  if (path.endsWith('.js') && !/^(ui|\.bundle-)/.test(path)) rmSync(join('dist', path))
}
cpSync(out, 'dist', { recursive: true })
rmSync(out, { recursive: true })
writeFileSync('dist/licences.txt', BUILT_IN.map(licence).join('\n\n'))

function lessOfZod({ onLoad }) {
  // Messages in 60 languages, which would be in every start. Ours are our own.
  onLoad({ filter: /\/zod\/v4\/locales\/index\.js$/ }, () => ({ contents: 'export {}' }))
  // Of a namespace that is imported as such, esbuild takes what is used; of an object that has it, all.
  onLoad({ filter: /\/dist\/.+\.js$/ }, ({ path }) => {
    if (path.includes('/node_modules/')) return undefined
    const text = readFileSync(path, 'utf8')
    return { contents: text.replace("import { z } from 'zod';", "import * as z from 'zod';") }
  })
}

/** What is built in is named above, so that its licence comes along. */
function refuseOthers(inputs) {
  const packages = inputs.map(path => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(relative('.', path))?.[1])
  const others = new Set(packages.filter(name => name !== undefined && !BUILT_IN.includes(name)))
  if (others.size > 0) throw new Error(`built in, but not named: ${[...others].join(', ')}`)
}

function licence(name) {
  const folder = join('node_modules', name)
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const file = readdirSync(folder).find(one => /^licen[cs]e/i.test(one))
  if (file === undefined) throw new Error(`${name} has no licence beside it`)
  return `${name} ${version}\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`
}
