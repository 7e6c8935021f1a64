/** Runs a program of this project in TypeScript: `node scripts/run.mjs [options of Node] test/load/main.ts [its own options]`. */
import { spawnSync } from 'node:child_process'
import { bundled } from './bundled.mjs'

const args = process.argv.slice(2)
const at = args.findIndex(arg => !arg.startsWith('-'))
const [entry, ...given] = args.slice(at)
// Not below node_modules, from where no program finds the package that it is a part of.
const outfile = `scripts/.out/${entry.replaceAll('/', '-').replace(/\.ts$/, '.mjs')}`
await bundled(entry, outfile)
const { status } = spawnSync(
  process.execPath,
  ['--enable-source-maps', ...args.slice(0, at), outfile, ...given],
  {
    stdio: 'inherit',
  },
)
process.exitCode = status ?? 1
