/**
 * What a dry import remembers of the rows before, since none of them is in the store: the names that they would have claimed, and
 * the slots. About 100 bytes a row, and with `maxKeysPerOwner` as much an owner.
 */
import { hash as digest } from 'node:crypto'
import type { StoredKey } from '../key/record.js'
import type { Deps } from './deps.js'
import type { Wanted } from './import-draft.js'
import { isLiving, limitReached, livingKeys } from './slots.js'

export interface Rehearsal {
  /** What a row before has done with this name: nothing, the same, or something else. */
  nameOf(row: Wanted): 'new' | 'same' | 'other'
  /**
   * Takes the name, and a slot of the owner's.
   * @throws SidekeyError `KEY_LIMIT_REACHED`
   */
  take(row: Wanted): Promise<void>
}

export function rehearse(deps: Deps): Rehearsal {
  const names = new Map<number, number>()
  const slots = new Map<number, number>()

  async function takeSlot(key: StoredKey): Promise<void> {
    const max = deps.config.maxKeysPerOwner
    if (max === null || !isLiving(key, deps.now())) return
    const owner = shortOf(`${key.owner.type}:${key.owner.id}`)
    const taken = slots.get(owner) ?? (await livingOf(deps, key, max))
    slots.set(owner, Math.min(taken + 1, max))
    if (taken >= max) throw limitReached(max)
  }

  return {
    nameOf(row) {
      const before = names.get(shortOf(row.alias.id))
      if (before === undefined) return 'new'
      return before === meantBy(row) ? 'same' : 'other'
    },
    async take(row) {
      await takeSlot(row.draft)
      names.set(shortOf(row.alias.id), meantBy(row))
    },
  }
}

/** How many living keys the owner has, as far as that is asked. */
async function livingOf(deps: Deps, { owner }: StoredKey, most: number): Promise<number> {
  let count = 0
  for await (const _ of livingKeys(deps, owner)) if (++count >= most) break
  return count
}

/** 53 bits of a digest, as many as a number has: a text would take several times the room. */
function shortOf(text: string): number {
  const bytes = digest('sha256', text, 'buffer')
  return bytes.readUIntBE(0, 6) * 32 + (bytes.readUInt8(6) >>> 3)
}

/** 30 bits, which a map keeps without room of their own: which token of which source a name leads to. */
function meantBy({ alias, input }: Wanted): number {
  return digest('sha256', `${input.source}\0${alias.digest}`, 'buffer').readUInt32BE() >>> 2
}
