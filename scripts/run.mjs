/** Runs a program of this project in TypeScript: `node scripts/run.mjs test/load/main.ts [its own options]`. */
import { spawnSync } from 'node:child_process'
import { bundled } from './bundled.mjs'

const [entry, ...given] = process.argv.slice(2)
const outfile = `node_modules/.cache/${entry.replaceAll('/', '-').replace(/\.ts$/, '.mjs')}`
await bundled(entry, outfile)
const { status } = spawnSync(process.execPath, ['--enable-source-maps', outfile, ...given], {
  stdio: 'inherit',
})
process.exitCode = status ?? 1
