/** How keys are hashed, and whether all of them can still be checked. */
import { counted, type Finding, type Patient } from './finding.js'
import type { Seen } from './keys.js'

const PEPPER_BYTES = 32

export function hashFindings({ config, by }: Patient, seen: Seen): Finding[] {
  return [mixOf(seen), ...pepperFindings(config.kinds, by, seen), ...outdatedOf(seen)]
}

function mixOf({ hashes, living }: Seen): Finding {
  const parts = [...hashes].map(([name, { count }]) => `${name} ${count.toLocaleString('en')}`)
  const found = living === 0 ? 'There are no living keys.' : `Living keys by hash: ${parts.join(', ')}.`
  return { check: 'hash mix', level: 'ok', found }
}

function pepperFindings(kinds: Patient['config']['kinds'], by: Patient['by'], { hashes }: Seen): Finding[] {
  const check = 'pepper'
  const peppers = new Map(
    [...kinds.values()].flatMap(kind => kind.hash.peppers.map(one => [one.id, one] as const)),
  )
  const used = [...hashes].flatMap(([name, tally]) =>
    name.startsWith('hmac') ? [{ id: name.split(' ')[1] ?? '', tally }] : [],
  )
  if (by === 'database') {
    if (used.length === 0) return []
    const ids = used.map(({ id }) => id).join(', ')
    return [
      {
        check,
        level: 'note',
        found: `Hashes are keyed by a pepper (${ids}), which only the app's config has.`,
      },
    ]
  }
  const findings: Finding[] = []
  for (const { id, tally } of used) {
    if (peppers.has(id)) continue
    findings.push({
      check,
      level: 'problem',
      found: `${counted(tally.count, 'key is', 'keys are')} hashed under the pepper ${id}, which the options do not have: refused.`,
      advice: 'Put that pepper into pepper.previous; if it is lost, these keys must be rotated.',
      keys: tally.examples,
    })
  }
  for (const [id, { key }] of peppers) {
    if ((key.symmetricKeySize ?? 0) >= PEPPER_BYTES) continue
    findings.push({
      check,
      level: 'warning',
      found: `The pepper ${id} has less than ${PEPPER_BYTES} bytes.`,
      advice: 'Make 32 random bytes the current one, and this one previous.',
    })
  }
  if (findings.length > 0) return findings
  const has =
    peppers.size === 0 ? 'None is set, and no hash needs one.' : 'Every hash that needs one has its own.'
  return [{ check, level: 'ok', found: has }]
}

function outdatedOf({ outdated }: Seen): Finding[] {
  if (outdated.count === 0) return []
  return [
    {
      check: 'hash mix',
      level: 'note',
      found: `${counted(outdated.count, 'key is', 'keys are')} not hashed as a new one would be.`,
      advice: 'Each is hashed anew when it is next used. Keep earlier peppers until none is left.',
      keys: outdated.examples,
    },
  ]
}
