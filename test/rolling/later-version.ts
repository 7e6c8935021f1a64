/**
 * A later version of sidekey, as far as this one could notice: every document has more in it, at its top and within lists, and
 * the audit tells of acts that are not known here.
 */
import type { Patch } from '../support/patching.js'

const MONGOOSE = 'src/store/mongoose'

export const LATER_VERSION: readonly Patch[] = [
  {
    file: `${MONGOOSE}/documents.ts`,
    from: 'return { _id: id, owner: ownerKey(owner), state: stateOf(rest), ...rest }',
    to: `return Object.assign({ _id: id, owner: ownerKey(owner), state: stateOf(rest), ...rest }, { region: 'eu', policy: { v: 2 } })`,
  },
  {
    file: `${MONGOOSE}/events.ts`,
    from: 'return { _id: id, ...rest,',
    to: "return { _id: id, device: 'phone', ...rest,",
  },
  // Of these the records hold some too, until the audit is told.
  {
    file: 'src/manage/audit.ts',
    from: '...requestFacts(request),',
    to: "...requestFacts(request), ...{ session: 's-1' },",
  },
  {
    file: 'src/manage/audit.ts',
    from: '    ...rest,\n    owner: rest.owner &&',
    to: "    ...rest,\n    ...(rest.action === 'restore' && { action: 'unseal' as 'restore' }),\n    owner: rest.owner &&",
  },
  {
    file: `${MONGOOSE}/leases.ts`,
    from: 'insertOne({ _id: id, ackedTag: tag, beat, leaseMs }',
    to: 'insertOne({ _id: id, ackedTag: tag, beat, leaseMs, protocol: 2 }',
  },
  {
    file: `${MONGOOSE}/changes.ts`,
    from: 'return { tag, keyIds: [...keyIds],',
    to: "return { tag, why: 'told by a later version', keyIds: [...keyIds],",
  },
  {
    file: `${MONGOOSE}/owners.ts`,
    from: 'at: slot.at, version: slot.version }',
    to: "at: slot.at, version: slot.version, since: 'later' }",
  },
  {
    file: `${MONGOOSE}/credits.ts`,
    from: 'refunds: [], opening: at }',
    to: "refunds: [], opening: at, currency: 'eur' }",
  },
]
