/** Whether CHANGELOG.md tells of the version in package.json, and when it is released. */
import { readFileSync } from 'node:fs'

const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
const heading = readFileSync('CHANGELOG.md', 'utf8')
  .split('\n')
  .find(line => line.startsWith(`## ${version} - `))
if (heading === undefined) {
  console.error(`CHANGELOG.md has no heading "## ${version} - <date>"`)
  process.exitCode = 1
} else if (heading.endsWith('unreleased')) {
  console.log(`CHANGELOG.md calls ${version} unreleased: the release puts its date there`)
} else console.log(heading)
