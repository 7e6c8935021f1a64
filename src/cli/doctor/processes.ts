/** What the processes over the database have left in it: leases, and changes that not all may have heard of. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Check, counted } from './finding.js'

/** Leases that are longer are not waited for. */
const LONGEST_WAIT_MS = 10_000
/** The sweep of a process in use finds what is left behind within some ten seconds. */
const LEFT_BEHIND_MS = 60_000
const MOST = 200

export const checkLeases: Check = async ({ config, interrupts }) => {
  const { changes } = config.store
  const check = 'leases'
  if (changes?.kind !== 'shared') return []
  const first = await changes.leases()
  if (first.length === 0) return [{ check, level: 'ok', found: 'No process verifies from memory just now.' }]
  interrupts.check()
  const longest = Math.max(...first.map(({ leaseMs }) => leaseMs))
  await sleep(Math.min(longest * 1.1, LONGEST_WAIT_MS))
  const beats = new Map((await changes.leases()).map(({ id, beat }) => [id, beat]))
  const dead = first.filter(({ id, beat }) => beats.get(id) === beat)
  const living = `${counted(beats.size - dead.length, 'process verifies', 'processes verify')} from memory.`
  if (dead.length === 0) return [{ check, level: 'ok', found: living }]
  return [
    {
      check,
      level: 'note',
      found: `${living} ${counted(dead.length, 'lease is', 'leases are')} of processes that have died or stand still.`,
      advice: 'The next change waits for them once, for as long as a lease is, and takes them away.',
    },
  ]
}

export const checkPending: Check = async ({ config, now }) => {
  const left = await config.store.pending(new Date(now() - LEFT_BEHIND_MS), MOST)
  const check = 'pending changes'
  if (left.length === 0) return [{ check, level: 'ok', found: 'Every change was told to all.' }]
  const many =
    left.length === MOST ? `${MOST} keys or more have` : counted(left.length, 'key has', 'keys have')
  return [
    {
      check,
      level: 'warning',
      found: `${many} a change of more than a minute ago that not every process may have heard of.`,
      advice:
        'A process that is in use tells it within seconds. If this stays, none is, or it fails: look for "a sweep failed" in its log.',
      keys: left.slice(0, 5).map(({ id }) => id),
    },
  ]
}
