/**
 * All that must hold before a release, besides the tests of .ci/run: `npm run release:check`. Every step is run, also after one
 * has failed, and the last lines say which did.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
const STEPS = [
  ['a build from nothing', 'npm', ['run', '--silent', 'build']],
  ['the sizes of the tarball and of an install', 'node', ['scripts/release/size.mjs']],
  ['the tarball in projects, attw and publint', 'npx', ['jest', 'test/consumers']],
  [
    'what earlier versions have stored, and a later one beside this',
    'npx',
    ['jest', 'test/golden', 'test/rolling'],
  ],
  ['the site of the documents', 'npm', ['run', '--silent', 'docs']],
  ['known vulnerabilities', 'node', ['scripts/release/audit.mjs']],
  ['licences', 'node', ['scripts/release/licences.mjs']],
  ['the changelog', 'node', ['scripts/release/changelog.mjs']],
]

console.log(`sidekey ${version}`)
const failed = []
for (const [title, command, args] of STEPS) {
  console.log(`\n== ${title}`)
  if (spawnSync(command, args, { stdio: 'inherit' }).status !== 0) failed.push(title)
}
console.log(failed.length === 0 ? '\nready for a release' : `\nnot ready: ${failed.join('; ')}`)
process.exitCode = failed.length === 0 ? 0 : 1
