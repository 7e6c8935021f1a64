/** Prints how large the package is: packed, unpacked, and installed with all that it brings along. `npm run size`. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const folder = mkdtempSync(join(tmpdir(), 'sidekey-size-'))
try {
  const [packed] = Object.values(
    JSON.parse(npm(process.cwd(), 'pack', '--ignore-scripts', '--json', '--pack-destination', folder)),
  )
  const { filename, size, unpackedSize, entryCount, files } = packed
  const byPart = new Map()
  for (const { path, size } of files) {
    const part = /^(dist\/ui|dist|docs)\//.exec(path)?.[1] ?? 'the rest'
    byPart.set(part, (byPart.get(part) ?? 0) + size)
  }
  console.log(`packed     ${kilobytes(size)}`)
  console.log(`unpacked   ${kilobytes(unpackedSize)}  ${entryCount} files`)
  for (const [part, size] of byPart) console.log(`  ${part.padEnd(24)} ${kilobytes(size)}`)

  writeFileSync(join(folder, 'package.json'), '{ "private": true }')
  npm(
    folder,
    'install',
    '--no-audit',
    '--no-fund',
    '--prefer-offline',
    '--no-package-lock',
    join(folder, filename),
  )
  const modules = join(folder, 'node_modules')
  const installed = readdirSync(modules)
    .filter(name => !name.startsWith('.'))
    .map(name => ({ name, size: sizeOf(join(modules, name)) }))
    .sort((a, b) => b.size - a.size)
  console.log(
    `installed  ${kilobytes(installed.reduce((sum, { size }) => sum + size, 0))}  ${installed.length} packages`,
  )
  for (const { name, size } of installed) console.log(`  ${name.padEnd(24)} ${kilobytes(size)}`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function npm(cwd, ...args) {
  const { status, stdout, stderr } = spawnSync('npm', args, { cwd, encoding: 'utf8', maxBuffer: 2 ** 26 })
  if (status !== 0) throw new Error(`npm ${args[0]} failed: ${stderr}`)
  return stdout
}

/** Of its files, in bytes, as they are; what a disk takes in blocks is more. */
function sizeOf(path) {
  const stat = statSync(path)
  if (!stat.isDirectory()) return stat.size
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0)
}

function kilobytes(bytes) {
  return `${Math.round(bytes / 1000)} kB`.padStart(9)
}
