/** What is wrong with those who change keys: with what they tell, and how they wait. */
import { type Mutants, mutant } from './mutant.js'

const ANNOUNCE = 'src/verify/announce.ts'
const CHANGE = 'src/manage/change.ts'
const OUTBOX = 'src/manage/outbox.ts'

export const MUTANTS_OF_WRITERS: Mutants = {
  'a publish before the write': {
    seed: 6,
    patches: [
      {
        file: CHANGE,
        from: '    return (await deps.store.replace(next, current.version))\n',
        to: "    await deps.outbox.settle([next], 'heard')\n    return (await deps.store.replace(next, current.version))\n",
      },
      {
        file: CHANGE,
        from: "  if (reach !== 'left') await deps.outbox.settle([next], current.outbox.length > 0 ? 'heard' : reach)\n",
        to: '',
      },
    ],
  },
  'a second revoke that does not wait': mutant(
    62,
    CHANGE,
    "    if (reach === 'heard') await deps.outbox.settle([made.current], reach)\n",
    '',
  ),
  'an outbox that is emptied before others have heard': mutant(
    19,
    OUTBOX,
    '    const [isTold] = await Promise.all([telling, heard])\n    if (isTold) await clear(keys).catch(unlessTold)\n',
    '    if (await telling) await clear(keys).catch(unlessTold)\n    await heard\n',
  ),
  'a sweep that does not wait': mutant(
    229,
    OUTBOX,
    'await Promise.all([tell(keys), published.heard()])',
    'await tell(keys)',
  ),
  'a bulk revoke that does not wait for its last batch': mutant(
    329,
    OUTBOX,
    'while (ahead.length > 0) await',
    'while (ahead.length > 1) await',
  ),
  "a lease that is removed a lease's life after the publish": mutant(
    2583,
    ANNOUNCE,
    'later(listedAt + leaseMs * CLOCK_RATES - now',
    'later(ticket.at + leaseMs * CLOCK_RATES - now',
  ),
  'a lease that is removed though it was renewed': mutant(
    2583,
    ANNOUNCE,
    'changes.removeLease(id, beat)',
    'changes.removeLease(id)',
  ),
  'an own lease, without the own cache being told': mutant(26, ANNOUNCE, '    drop(named)\n', ''),
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
    12634,
    ANNOUNCE,
    '    await changes.publish({ tag, ...named })\n    const at = clock.monotonic()\n',
    '    const at = clock.monotonic()\n    await changes.publish({ tag, ...named })\n',
  ),
  'a wait without the clocks’ 5 %': mutant(16233, ANNOUNCE, 'CLOCK_RATES = 1.05', 'CLOCK_RATES = 1'),
  'a wait for the shortest of several lives': mutant(
    12838,
    ANNOUNCE,
    'if (lives.some(',
    'if (lives.length > 0 && lives.every(',
  ),
  'a wait that takes over the leases of another': mutant(
    3910,
    ANNOUNCE,
    'waiting.add({ ticket, leases: null,',
    'waiting.add({ ticket, leases: [...waiting][0]?.leases ?? null,',
  ),
  'a publish that counts for what came while it was under way': mutant(
    363,
    ANNOUNCE,
    'for (const { done } of batch) done(ticket)',
    'for (const { done } of [...batch, ...calls.splice(0)]) done(ticket)',
  ),
}
