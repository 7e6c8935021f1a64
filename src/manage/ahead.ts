/**
 * What a change writes ahead of its record, since the record must not be without it: the key's place among those of its owner, and
 * its account of credits. A check of the same change only looks whether it could be written.
 */
import type { Owner } from '../key/record.js'
import type { CreditRule } from '../key/refill.js'
import type { Deps } from './deps.js'
import { refuseWithoutSlot, takeSlot } from './slots.js'

export interface Ahead {
  /** @throws SidekeyError `KEY_LIMIT_REACHED` */
  takeSlot(owner: Owner, keyId: string, version: number): Promise<void>
  /** Opens an account without any credits, unless it is there. */
  openAccount(keyId: string, rule: CreditRule): Promise<void>
}

export function writingAhead(deps: Deps): Ahead {
  return {
    takeSlot: (owner, keyId, version) => takeSlot(deps, owner, keyId, version),
    async openAccount(keyId, rule) {
      await deps.store.credits.open(keyId, 0, rule, new Date(deps.now()))
    },
  }
}

export function lookingAhead(deps: Deps): Ahead {
  return {
    takeSlot: (owner, keyId) => refuseWithoutSlot(deps, owner, keyId),
    openAccount: async () => {},
  }
}
