/** The server: its version, what it can, its clock, its indexes. */
import { adminOf, type ServerFacts } from '../../store/admin.js'
import { type Check, counted, type Finding } from './finding.js'

const LEAST_NODE = [20, 19] as const
const LEAST_MONGOOSE = [8, 9] as const
/** From here on ends and notices are told at visibly wrong times, in ms. */
const SKEW_MS = 2_000
const GREAT_SKEW_MS = 60_000

export const checkVersions: Check = async ({ config, node }) => {
  const ofNode = versionOf('Node', node, LEAST_NODE, `Node ${node}.`)
  return config.store.name === 'memory' ? [ofNode, MEMORY] : [ofNode]
}

type Version = readonly [major: number, minor: number]

/** @param fine what is said where it is not older than the least */
function versionOf(what: string, version: string, least: Version, fine: string): Finding {
  const check = 'versions'
  if (!isOlder(version, least)) return { check, level: 'ok', found: fine }
  return {
    check,
    level: 'problem',
    found: `${what} ${version} is older than ${least.join('.')}.`,
    advice: `Take a newer ${what}.`,
  }
}

function isOlder(version: string, [leastMajor, leastMinor]: Version): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major < leastMajor || (major === leastMajor && minor < leastMinor)
}

const MEMORY: Finding = {
  check: 'store',
  level: 'warning',
  found: 'The store is memoryStore(): its keys are gone with the process, and no other process knows them.',
  advice: 'Use mongooseStore(connection).',
}

export const checkServer: Check = async ({ config, now }) => {
  const admin = adminOf(config.store)
  if (admin === null) return []
  const before = now()
  const facts = await admin.server()
  const after = now()
  return [
    libraryOf(facts),
    featuresOf(facts),
    ...(facts.time === null ? [] : [clockOf(facts.time.getTime(), before, after)]),
  ]
}

function libraryOf({ library, version }: Pick<ServerFacts, 'library' | 'version'>): Finding {
  const found = `${library}; the server says that it is version ${version ?? 'unknown'}.`
  const [name, release = ''] = library.split(' ')
  // One that it does not tell is not known to be old.
  if (name !== 'mongoose' || !/^[0-9]/.test(release)) return { check: 'versions', level: 'ok', found }
  return versionOf('mongoose', release, LEAST_MONGOOSE, found)
}

function featuresOf({ kind, linearizable }: { kind: string; linearizable: boolean }): Finding {
  const check = 'server features'
  if (kind === 'standalone')
    return { check, level: 'ok', found: 'One server, which cannot be deposed: plain reads will do.' }
  if (linearizable) return { check, level: 'ok', found: 'Several servers, with linearizable reads.' }
  return {
    check,
    level: 'warning',
    found: 'Several servers may stand behind this address, and linearizable reads are off or not to be had.',
    advice:
      'For some seconds after a fail-over a revoked key may be accepted. Leave `linearizable` on where the server can; else know it.',
  }
}

/** The answer was made between two looks at the own clock. */
function clockOf(server: number, before: number, after: number): Finding {
  const skew = server < before ? server - before : server > after ? server - after : 0
  const check = 'clock'
  if (Math.abs(skew) < SKEW_MS)
    return { check, level: 'ok', found: 'This clock and that of the server agree.' }
  return {
    check,
    level: Math.abs(skew) < GREAT_SKEW_MS ? 'warning' : 'problem',
    found: `The clock of the server is ${(Math.abs(skew) / 1000).toFixed(1)} s ${skew > 0 ? 'ahead of' : 'behind'} this one.`,
    advice: 'Let NTP set both: a key begins and ends by the clock of the process that verifies it.',
  }
}

export const checkIndexes: Check = async ({ config }) => {
  const admin = adminOf(config.store)
  if (admin === null) return []
  const indexes = await admin.indexes()
  const missing = indexes.filter(({ isThere }) => !isThere)
  const check = 'indexes'
  if (missing.length === 0) return [{ check, level: 'ok', found: `All ${indexes.length} are there.` }]
  const names = missing.map(({ collection, fields }) => `${collection} (${fields})`)
  return [
    {
      check,
      level: 'problem',
      found: `${counted(missing.length, 'is', 'are')} missing: ${names.join('; ')}.`,
      advice: 'Run "sidekey migrate".',
    },
  ]
}
