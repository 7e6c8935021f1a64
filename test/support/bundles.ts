/**
 * Packages of many files, each as one. jest evaluates modules anew for each test file, and these took a tenth of the whole time.
 * Whoever requires them gets the bundle, so none may be there in several versions. What runs is the same code; `test/consumers` has the packages as npm installs them.
 */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildSync } from 'esbuild'

const ROOT = join(__dirname, '../..')

/** Names of packages, and what jest is to load for them. They are bundled once for each state of the lock file. */
export function bundled(packages: readonly string[]): Record<string, string> {
  const lock = readFileSync(join(ROOT, 'package-lock.json'))
  const state = createHash('sha256').update(packages.join()).update(lock).digest('hex').slice(0, 16)
  const folder = join(ROOT, 'node_modules/.cache/sidekey-tests', state)
  const missing = packages.filter(name => !existsSync(join(folder, `${name}.js`)))
  if (missing.length > 0) {
    buildSync({
      absWorkingDir: ROOT,
      entryPoints: missing,
      outdir: folder,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      target: 'node20',
      logLevel: 'error',
    })
  }
  return Object.fromEntries(packages.map(name => [`^${name}$`, join(folder, `${name}.js`)]))
}
