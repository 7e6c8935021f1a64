/**
 * `npm audit` of what is installed with sidekey or built in. Fails for an advisory of any severity. Where the registry does not offer
 * audits (it answers 4xx) it says so, loudly, and does not fail: nothing was looked at then, and whoever releases must do it elsewhere.
 */
import { spawnSync } from 'node:child_process'
import { relative } from 'node:path'
import { BUILT_IN } from './built-in.mjs'
import { productionPackages } from './production.mjs'

const { stdout } = spawnSync('npm', ['audit', '--json'], { encoding: 'utf8' })
const report = parsed(stdout)
const { vulnerabilities } = report
if (vulnerabilities === undefined) {
  const why = String(report.message ?? report.error?.summary ?? 'no answer').split('\n', 1)[0]
  const isOffered = !(report.statusCode >= 400 && report.statusCode < 500)
  console.log(
    isOffered
      ? 'NOT AUDITED: the audit has failed.'
      : 'NOT AUDITED: this registry offers none. Run `node scripts/release/audit.mjs` with one that does.',
  )
  console.log(`  (${why})`)
  if (isOffered) process.exitCode = 1
} else {
  const root = process.cwd()
  const run = new Set(productionPackages(root, BUILT_IN).map(({ path }) => relative(root, path)))
  // Of what only the tests use there may be some.
  const all = Object.values(vulnerabilities).filter(({ nodes }) => nodes.some(path => run.has(path)))
  for (const { name, severity, range, via } of all) {
    const titles = via.map(one => (typeof one === 'string' ? `by ${one}` : `${one.title} ${one.url}`))
    console.log(`! ${name} ${range} ${severity}: ${titles.join('; ')}`)
  }
  if (all.length === 0) console.log('no known vulnerabilities')
  else process.exitCode = 1
}

function parsed(text) {
  try {
    return JSON.parse(text)
  } catch {
    return { message: text }
  }
}
