import { execFileSync } from 'node:child_process'
import { join, resolve } from 'node:path'

const ROOT = resolve(__dirname, '../..')
const OPTIONS = ['--bundle', '--platform=node', '--format=esm', '--packages=external', '--log-level=warning']

/** A program with the sources that it uses in one file, for a process of its own; packages are found from where it is. */
export function bundle(entry: string, outfile: string): void {
  execFileSync(join(ROOT, 'node_modules/.bin/esbuild'), [entry, ...OPTIONS, `--outfile=${outfile}`])
}
