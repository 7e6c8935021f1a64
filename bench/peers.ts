/** Installs what sidekey is measured against, in folders of their own: no dependencies of the project. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

/** Exact versions by package. */
export type Versions = Readonly<Record<string, string>>

/** Imports a package from a peer's folder. */
export type ImportPeer = (specifier: string) => Promise<unknown>

/** Installs the packages into `bench/.peers/<name>`, unless these versions are there already. */
export function installPeers(name: string, versions: Versions): ImportPeer {
  const folder = resolve('bench/.peers', name)
  const manifest = join(folder, 'package.json')
  const wanted = JSON.stringify({ private: true, dependencies: versions }, null, 2)
  if (!isInstalled(folder, manifest, wanted)) {
    console.log(`installing into bench/.peers/${name}: ${Object.keys(versions).join(', ')}`)
    mkdirSync(folder, { recursive: true })
    writeFileSync(manifest, wanted)
    npmInstall(folder)
  }
  const { resolve: find } = createRequire(manifest)
  return specifier => import(pathToFileURL(find(specifier)).href)
}

function isInstalled(folder: string, manifest: string, wanted: string): boolean {
  // npm writes its hidden lockfile last.
  const finished = existsSync(join(folder, 'node_modules/.package-lock.json'))
  return finished && existsSync(manifest) && readFileSync(manifest, 'utf8') === wanted
}

function npmInstall(folder: string): void {
  const flags = ['--prefix', folder, '--legacy-peer-deps', '--no-audit', '--no-fund', '--loglevel=error']
  const { status } = spawnSync('npm', ['install', ...flags], { cwd: folder, stdio: 'inherit' })
  if (status !== 0) throw new Error(`npm could not install the peers in ${folder}`)
}
