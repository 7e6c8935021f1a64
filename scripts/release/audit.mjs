/**
 * `npm audit` of what is installed with sidekey. Fails for an advisory of any severity. Where the registry does not offer
 * audits (it answers 4xx) it says so, loudly, and does not fail: nothing was looked at then, and whoever releases must do it elsewhere.
 */
import { spawnSync } from 'node:child_process'

const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--omit=peer', '--json'], { encoding: 'utf8' })
const report = parsed(stdout)
const { vulnerabilities } = report
if (vulnerabilities === undefined) {
  const why = String(report.message ?? report.error?.summary ?? 'no answer').split('\n', 1)[0]
  const isOffered = !(report.statusCode >= 400 && report.statusCode < 500)
  console.log(
    isOffered
      ? 'NOT AUDITED: the audit has failed.'
      : 'NOT AUDITED: this registry offers none. Run `npm audit --omit=dev` against one that does.',
  )
  console.log(`  (${why})`)
  if (isOffered) process.exitCode = 1
} else {
  const all = Object.values(vulnerabilities)
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
