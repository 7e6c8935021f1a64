/** What is wrong with those who verify: with leases, caches and reads. */
import { type Mutants, mutant } from './mutant.js'

const COHERENCE = 'src/verify/coherence.ts'
const CACHE = 'src/verify/cache.ts'
const READS = 'src/verify/reads.ts'
const KNOWLEDGE = 'src/verify/knowledge.ts'

export const MUTANTS_OF_READERS: Mutants = {
  'a lease that starts at the answer': mutant(
    7310,
    COHERENCE,
    '    holdsUntil = began + leaseMs\n    holdsUntilWall = beganWall + leaseMs\n',
    '    holdsUntil = clock.monotonic() + leaseMs\n    holdsUntilWall = clock.wall() + leaseMs\n',
  ),
  // Merely to insert it after the read does no harm here: what is read without a lease is not kept.
  'a first lease that is used before it is inserted, after the changes are read': mutant(
    593,
    COHERENCE,
    `      await changes.insertLease({ id, tag: null, beat: 0, leaseMs })
      if (!isCurrent()) return letGo(id)
      const tag = (await changes.read(1)).tag ?? (await firstTag())
      if (!isCurrent()) return letGo(id)
      newEpoch()
      applied = tag
`,
    `      const tag = (await changes.read(1)).tag ?? (await firstTag())
      if (!isCurrent()) return letGo(id)
      newEpoch()
      applied = tag
      holdsUntil = clock.monotonic() + leaseMs
      holdsUntilWall = clock.wall() + leaseMs
      await changes.insertLease({ id, tag: null, beat: 0, leaseMs })
      if (!isCurrent()) return letGo(id)
`,
  ),
  'a first lease that is used before the changes are read': mutant(
    16,
    COHERENCE,
    `      const tag = (await changes.read(1)).tag ?? (await firstTag())
      if (!isCurrent()) return letGo(id)
      newEpoch()
`,
    `      holdsUntil = clock.monotonic() + leaseMs
      holdsUntilWall = clock.wall() + leaseMs
      const tag = (await changes.read(1)).tag ?? (await firstTag())
      if (!isCurrent()) return letGo(id)
`,
  ),
  'a lapsed lease that keeps its cache': {
    seed: 98,
    patches: [
      {
        file: COHERENCE,
        from: '    newEpoch()\n    if (lease !== null) letGo(lease)\n',
        to: '    if (lease !== null) letGo(lease)\n',
      },
      { file: COHERENCE, from: '      newEpoch()\n      applied = tag\n', to: '      applied = tag\n' },
    ],
  },
  'a lapsed lease that is renewed, with the new tag taken over unapplied': mutant(
    98,
    COHERENCE,
    `    const known = lease !== null && holds(began) ? await readChanges() : null
    if (!isCurrent()) return
`,
    `    const known = lease !== null ? await readChanges() : null
    if (!isCurrent()) return
    if (known !== null && !holds(began)) applied = known.tag
`,
  ),
  'a lease that is renewed with a tag before its entries are applied': mutant(
    873,
    COHERENCE,
    `      apply(known)
      const renewed = await changes.renewLease(lease, applied ?? null)
      if (!isCurrent()) return
`,
    `      const renewed = await changes.renewLease(lease, known.tag)
      if (!isCurrent()) return
      apply(known)
`,
  ),
  'an unknown tag, of which only the entries are applied that are there': mutant(
    9326,
    COHERENCE,
    '    if (known < 0) newEpoch()\n    else for (const entry of recent.slice(known + 1)) drop(entry)\n',
    '    for (const entry of recent.slice(known + 1)) drop(entry)\n',
  ),
  'a lease that holds by the monotonic clock alone': mutant(
    342,
    COHERENCE,
    'now < holdsUntil && clock.wall() < holdsUntilWall',
    'now < holdsUntil',
  ),
  "a lease that holds by the machine's clock alone": mutant(
    55,
    COHERENCE,
    '(now: number) => now < holdsUntil && clock.wall() < holdsUntilWall',
    '(_: number) => clock.wall() < holdsUntilWall',
  ),
  'a cache that is used until its lease is removed': mutant(
    2411,
    COHERENCE,
    `    newEpoch()
    if (last !== null) await changes.removeLease(last).catch(() => {})
`,
    `    if (last !== null) await changes.removeLease(last).catch(() => {})
    newEpoch()
`,
  ),
  'a load that is kept across a change or an epoch': mutant(
    65,
    READS,
    'if (isUnderWay()) keep(name, value, issuedAt)',
    'keep(name, value, issuedAt)',
  ),
  'a load that a change does not detach': mutant(
    1263,
    READS,
    'detach: name => void flights.delete(name)',
    'detach: () => {}',
  ),
  'a load that an epoch does not detach': mutant(
    17656,
    READS,
    '      for (const name of flights.keys()) if (is(name)) flights.delete(name)\n',
    '',
  ),
  'a call without a lease that joins a load': mutant(
    616,
    READS,
    'const flight = standing.holds(clock.monotonic()) ? flights.get(name) : undefined',
    'const flight = flights.get(name)',
  ),
  'a call without a lease that joins a load once its turn has come': mutant(
    2537,
    READS,
    'if (standing.holds(clock.monotonic())) return joinable',
    'if (standing.holds(clock.monotonic()) || flights.has(name)) return flights.get(name)?.promise ?? joinable',
  ),
  'a cell that is dropped and lives on': mutant(39, CACHE, '    cell.live = false\n', ''),
  'owners who are not dropped': mutant(
    26,
    KNOWLEDGE,
    '      grants.dropWhere(name => name.startsWith(grantsOf(owner)))\n',
    '',
  ),
}
