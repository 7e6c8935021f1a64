/** Installs what the site is built with, in this folder, unless it is there as the lock file says. */
import { spawnSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const HERE = dirname(fileURLToPath(import.meta.url))

/** When a file was written last; 0: it is not there. */
function writtenAt(file) {
  return statSync(join(HERE, file), { throwIfNoEntry: false })?.mtimeMs ?? 0
}

// npm writes its hidden lock file last.
if (writtenAt('node_modules/.package-lock.json') <= writtenAt('package-lock.json')) {
  const flags = ['--no-audit', '--no-fund', '--loglevel=error']
  process.exitCode = spawnSync('npm', ['ci', ...flags], { cwd: HERE, stdio: 'inherit' }).status ?? 1
}
