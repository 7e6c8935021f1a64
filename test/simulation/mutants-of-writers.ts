/** What is wrong with those who change keys: with what they tell, and how they wait. */
import { type Mutants, mutant } from './mutant.js'

const ANNOUNCE = 'src/verify/announce.ts'
const CHANGE = 'src/manage/change.ts'
const OUTBOX = 'src/manage/outbox.ts'

export const MUTANTS_OF_WRITERS: Mutants = {
  'a publish before the write': mutant(
    6,
    CHANGE,
    '    if (await deps.store.replace(next, current.version)) {\n',
    `    await deps.outbox.settle([next], 'heard')
    if (await deps.store.replace(next, current.version)) return next
    if (await deps.store.replace(next, current.version)) {
`,
  ),
  'a second revoke that does not wait': mutant(
    41,
    CHANGE,
    "      if (reach === 'heard') await deps.outbox.settle([current], reach)\n",
    '',
  ),
  'an outbox that is emptied before others have heard': mutant(
    6,
    OUTBOX,
    "      if (reach === 'heard') await published?.heard()\n      await tellIfPossible(keys)\n",
    "      await tellIfPossible(keys)\n      if (reach === 'heard') await published?.heard()\n",
  ),
  'a sweep that does not wait': mutant(
    75,
    OUTBOX,
    '      await published.heard()\n      await tell(keys)\n',
    '      await tell(keys)\n',
  ),
  'a bulk revoke that does not wait for its last batch': mutant(
    73,
    OUTBOX,
    'while (ahead.length > 0) await',
    'while (ahead.length > 1) await',
  ),
  "a lease that is removed a lease's life after the publish": mutant(
    9065,
    ANNOUNCE,
    'clock.after(listedAt + leaseMs * CLOCK_RATES - now',
    'clock.after(ticket.at + leaseMs * CLOCK_RATES - now',
  ),
  'a lease that is removed though it was renewed': mutant(
    89,
    ANNOUNCE,
    'changes.removeLease(id, beat)',
    'changes.removeLease(id)',
  ),
  'an own lease, without the own cache being told': mutant(7, ANNOUNCE, '    drop(named)\n', ''),
  'an earlier tag that counts as heard': mutant(
    6,
    ANNOUNCE,
    'since < 0 ? [] : tags.slice(since)',
    'since < 0 ? [] : tags',
  ),
  'a tag that is not found and counts as heard': mutant(
    101,
    ANNOUNCE,
    'const isHeard = (tag: string | null) => ',
    'const isHeard = (tag: string | null) => since < 0 || ',
  ),
  'a wait that is measured from before the publish': mutant(
    1913,
    ANNOUNCE,
    '    await changes.publish({ tag, ...named })\n    const at = clock.monotonic()\n',
    '    const at = clock.monotonic()\n    await changes.publish({ tag, ...named })\n',
  ),
  'a wait without the clocks’ 5 %': mutant(7305, ANNOUNCE, 'CLOCK_RATES = 1.05', 'CLOCK_RATES = 1'),
  'a wait for the shortest of several lives': mutant(
    1394,
    ANNOUNCE,
    'if (lives.some(',
    'if (lives.length > 0 && lives.every(',
  ),
  'a wait that takes over the leases of another': mutant(
    87,
    ANNOUNCE,
    'waiting.add({ ticket, leases: null,',
    'waiting.add({ ticket, leases: [...waiting][0]?.leases ?? null,',
  ),
  'a publish that counts for what came while it was under way': mutant(
    338,
    ANNOUNCE,
    'for (const { done } of batch) done(ticket)',
    'for (const { done } of [...batch, ...calls.splice(0)]) done(ticket)',
  ),
}
