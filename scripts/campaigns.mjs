/**
 * What every run of the tests tries a little of, at length: `npm run campaigns`, an hour or so. `npm run campaigns -- kills` runs
 * those that are named. The first that fails ends it.
 */
import { spawnSync } from 'node:child_process'

const CAMPAIGNS = {
  simulation: 'npm run simulate -- --runs 1000000',
  kills: 'SIDEKEY_KILLS=50 npx jest test/faults/server-killed',
  revocations: 'SIDEKEY_REVOCATIONS=1000 npx jest test/processes',
  windows: 'SIDEKEY_WINDOWS=100 npx jest test/processes/limits',
  looks: 'SIDEKEY_LOOKS=all npx jest test/ui',
  load: 'npm run load -- --seconds 600 --keys 100000',
}

const named = process.argv.slice(2)
const unknown = named.filter(name => !Object.hasOwn(CAMPAIGNS, name))
if (unknown.length > 0) {
  console.error(`no such campaign: ${unknown.join(', ')}; there are: ${Object.keys(CAMPAIGNS).join(', ')}`)
  process.exit(2)
}
for (const name of named.length > 0 ? named : Object.keys(CAMPAIGNS)) {
  const command = CAMPAIGNS[name]
  console.log(`\n== ${name}: ${command}`)
  const { status } = spawnSync('sh', ['-c', command], { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
