/** The packages whose code users run: what `npm install sidekey` brings along, and what is built in. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, parse } from 'node:path'

/**
 * Each once, by where it is installed; peers are the app's own and not among them.
 * @param {string} root the folder of the project
 * @param {string[]} builtIn names of packages that are installed there for the build
 * @returns {{ name: string, version: string, license: string, path: string }[]}
 */
export function productionPackages(root, builtIn) {
  const found = new Map()
  const visit = (folder, more = []) => {
    const { dependencies = {}, optionalDependencies = {} } = manifest(folder)
    for (const name of [...Object.keys({ ...dependencies, ...optionalDependencies }), ...more]) {
      const path = installed(name, folder)
      if (path === null) {
        if (name in optionalDependencies) continue
        throw new Error(`${name} is not installed; npm ci installs it`)
      }
      if (found.has(path)) continue
      const { version, license } = manifest(path)
      found.set(path, { name, version, license: typeof license === 'string' ? license : 'none told', path })
      visit(path)
    }
  }
  visit(root, builtIn)
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

function manifest(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
}

/** Where Node finds a package from a folder. */
function installed(name, from) {
  for (let folder = from; ; folder = dirname(folder)) {
    const path = join(folder, 'node_modules', name)
    if (existsSync(join(path, 'package.json'))) return path
    if (folder === parse(folder).root) return null
  }
}
