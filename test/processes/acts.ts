/** What processes are killed in the midst of. */
import type { ApiKeys } from '../../src/index.js'
import type { AuditAction } from '../../src/key/audit-event.js'
import { type Owner, type StoredKey, sameOwner } from '../../src/key/record.js'

/** The keys that an act is done to are those of an owner that has no others. */
export interface Subject {
  readonly owner: Owner
  readonly ids: readonly string[]
  readonly tokens: readonly string[]
}

export interface Act {
  /** How many keys there are before, and what is done to them then. */
  readonly keys: number
  readonly before?: (keys: ApiKeys, id: string) => Promise<unknown>
  readonly run: (keys: ApiKeys, subject: Subject) => Promise<unknown>
  /** Whether it was done to this key; `null`: its record is gone. */
  readonly isDone: (key: StoredKey | null) => boolean
  /** The events of one key that it is told by. */
  readonly tells: readonly AuditAction[]
  /** Those of a repeat, where it is another act. */
  readonly tellsAgain?: readonly AuditAction[]
}

/** An act on the one key that there is. */
const onOne = (run: (keys: ApiKeys, id: string) => Promise<unknown>) => ({
  keys: 1,
  run: (keys: ApiKeys, { ids: [id = ''] }: Subject) => run(keys, id),
})

export const ACTS: Readonly<Record<string, Act>> = {
  create: {
    keys: 0,
    run: (keys, { owner }) =>
      keys.create({ name: 'new', owner }, { idempotencyKey: owner.id.replaceAll(' ', '-') }),
    isDone: key => key !== null,
    tells: ['create'],
  },
  'create with credits': {
    keys: 0,
    run: (keys, { owner }) =>
      keys.create(
        { name: 'new', owner, credits: { balance: 5 } },
        { idempotencyKey: owner.id.replaceAll(' ', '-') },
      ),
    isDone: key => key !== null,
    tells: ['create'],
  },
  update: {
    ...onOne((keys, id) => keys.update(id, { name: 'renamed' })),
    isDone: key => key?.name === 'renamed',
    tells: ['update'],
  },
  'update and disable': {
    ...onOne((keys, id) => keys.update(id, { tags: ['off'], enabled: false })),
    isDone: key => key?.disabled != null,
    tells: ['disable', 'update'],
  },
  disable: {
    ...onOne((keys, id) => keys.update(id, { enabled: false })),
    isDone: key => key?.disabled != null,
    tells: ['disable'],
  },
  rotate: {
    ...onOne((keys, id) => keys.rotate(id, { grace: '1h' })),
    isDone: key => (key?.previous.length ?? 0) > 0,
    tells: ['rotate'],
    tellsAgain: ['rotate'],
  },
  revoke: {
    ...onOne((keys, id) => keys.revoke(id, { reason: 'left' })),
    isDone: key => key?.revoked != null,
    tells: ['revoke'],
  },
  transfer: {
    ...onOne((keys, id) => keys.transfer(id, HEIR)),
    isDone: key => key !== null && sameOwner(key.owner, HEIR),
    tells: ['transfer'],
  },
  delete: {
    ...onOne((keys, id) => keys.delete(id)),
    isDone: key => key?.deleted != null,
    tells: ['delete'],
  },
  restore: {
    ...onOne((keys, id) => keys.restore(id)),
    before: (keys, id) => keys.delete(id),
    isDone: key => key?.deleted === null,
    tells: ['restore'],
  },
  purge: {
    ...onOne((keys, id) => keys.purge(id)),
    isDone: key => key === null || key.deleted?.forGood === true,
    tells: ['purge'],
  },
  'purge what is deleted': {
    ...onOne((keys, id) => keys.purge(id)),
    before: (keys, id) => keys.delete(id),
    isDone: key => key === null || key.deleted?.forGood === true,
    tells: ['purge'],
  },
  'revoke all': {
    keys: 2,
    run: (keys, { owner }) => keys.revokeAll({ owner }, { reason: 'left' }),
    isDone: key => key?.revoked != null,
    tells: ['revoke'],
  },
}

/** Who keys are transferred to. */
export const HEIR: Owner = { type: 'service', id: 'heir' }
