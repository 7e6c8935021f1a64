/** Lists the licences of all that is installed with sidekey or built in, and fails for one that is not on the list. */
import { BUILT_IN } from './built-in.mjs'
import { productionPackages } from './production.mjs'

/** Those that ask for no more than their text to be kept. */
const ALLOWED = new Set(['MIT', 'ISC', '0BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', 'BlueOak-1.0.0'])

const packages = productionPackages(process.cwd(), BUILT_IN)
for (const { name, version, license } of packages) {
  const mark = ALLOWED.has(license) ? ' ' : '!'
  console.log(`${mark} ${`${name} ${version}`.padEnd(32)} ${license}`)
}
const others = packages.filter(({ license }) => !ALLOWED.has(license))
if (others.length > 0) {
  console.error(`not allowed: ${others.map(({ name, license }) => `${name} (${license})`).join(', ')}`)
  process.exitCode = 1
}
