/**
 * A process that changes keys, by what src/manage has for it: `changeKey`, the outbox and the sweep as they are, for one key
 * at a time and in bulk; what is refused, or asked of the app, is left out.
 */
import type { StoredKey } from '../../src/key/record.js'
import { SERVER } from '../../src/manage/actor.js'
import { changeKey } from '../../src/manage/change.js'
import type { Deps } from '../../src/manage/deps.js'
import { createOutbox } from '../../src/manage/outbox.js'
import { createSweeper } from '../../src/manage/sweep.js'
import type { Node, Thing } from './node.js'
import type { SimulatedStore } from './store.js'

/**
 * `disable`: one more change each time. `revoke`: final, so that a second finds nothing left to do; it tells the others and
 * waits all the same. `purge`: at the end the record is gone.
 */
export type Act = 'disable' | 'revoke' | 'purge'

/** What has been changed, and to which version: none may be accepted by an older one any more. */
export interface Changed {
  readonly thing: Thing
  readonly version: number
}

export interface Writer {
  /** Resolves when no process uses what it knew before. */
  change(act: Act, things: readonly Thing[]): Promise<readonly Changed[]>
  /** Does what processes that died have left. */
  sweep(): Promise<void>
}

export function createWriter({ machine, knowledge }: Node, store: SimulatedStore): Writer {
  const outbox = createOutbox({
    store,
    knowledge,
    keep: event => ({ ...event, expireAt: null }),
    emitter: { on: () => () => {}, has: () => false, told() {} },
    creditOutbox: { remove: async () => {} }, // there are none
    retireAlias: async () => {}, // none is imported
    freeSlot: async () => {},
    warn() {},
  })
  const parts: Pick<Deps, 'outbox' | 'now'> = { outbox, now: machine.clock.wall }
  const deps = { ...parts, store } as unknown as Deps // what is not here is not asked for
  const context = { caller: SERVER, request: undefined }

  async function changeOne(act: Act, thing: Thing): Promise<Changed> {
    const { version } = await changeKey(deps, context, act, thing.id, async key => changedBy(act, key))
    return { thing, version }
  }

  /** As a purge does: deleted first, then told and heard of, then removed. */
  async function purge(thing: Thing): Promise<Changed> {
    const reach = 'left'
    const purged = await changeKey(deps, context, 'purge', thing.id, async key => changedBy('purge', key), {
      reach,
    })
    await outbox.drain([purged])
    return { thing, version: purged.version }
  }

  /** As a bulk revoke does: what is revoked already, with an empty outbox, has been heard of. */
  async function revokeAll(things: readonly Thing[]): Promise<Changed[]> {
    const bulk = outbox.inBulk()
    const changed: Changed[] = []
    for (const thing of things) {
      let isNew = false
      const decide = async (key: StoredKey) => {
        isNew = key.revoked === null
        return changedBy('revoke', key)
      }
      const key = await changeKey(deps, context, 'revoke', thing.id, decide, { reach: 'left' })
      if (isNew || key.outbox.length > 0) await bulk.add([key])
      changed.push({ thing, version: key.version })
    }
    await bulk.end()
    return changed
  }

  /** The app changes its own database, and says whom to forget. */
  async function changeUser(thing: Thing): Promise<Changed> {
    const version = await store.users.change(thing.id)
    const published = await knowledge.publish({ keyIds: [], owners: [{ type: 'user', id: thing.id }] })
    await published.heard()
    return { thing, version }
  }

  return {
    async change(act, things) {
      const [first, ...more] = things
      if (first === undefined) return []
      if (more.length > 0) return revokeAll(things)
      if (first.sort === 'user') return [await changeUser(first)]
      return [await (act === 'purge' ? purge(first) : changeOne(act, first))]
    },
    sweep: () => createSweeper(deps, []).sweep(),
  }
}

function changedBy(act: Act, key: StoredKey): StoredKey {
  if (act === 'disable') return { ...key, disabled: { ...BY_SERVER, at: new Date(key.version) } }
  if (act === 'revoke')
    return key.revoked === null ? { ...key, revoked: { ...BY_SERVER, reason: null } } : key
  return key.deleted?.forGood ? key : { ...key, deleted: { ...BY_SERVER, forGood: true } }
}

const BY_SERVER = { at: new Date(0), by: null, rank: 'admin' } as const
