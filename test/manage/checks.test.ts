/** Checks of management, by which the program answers `--dry-run`: the decisions of the operations, and no write. */
import { memoryStore, type Store } from 'sidekey'
import { internalsOf } from '../../src/internals.js'
import type { CreditStore } from '../../src/store/credit-store.js'
import { refusalCode, testKeys } from '../support/keys.js'

const READS: ReadonlySet<PropertyKey> = new Set<keyof Store>(['find', 'list', 'slots', 'lastUses', 'events'])
const READS_OF_CREDITS: ReadonlySet<PropertyKey> = new Set<keyof CreditStore>([
  'of',
  'pending',
  'unconfirmed',
])

/** A store, and what is called of it from `watch()` on that is no mere read. */
function watched() {
  const written: string[] = []
  let watches = false
  const watching = <T extends object>(target: T, reads: ReadonlySet<PropertyKey>): T =>
    new Proxy(target, {
      get(on, name) {
        const value: unknown = Reflect.get(on, name)
        if (typeof value !== 'function') return value
        return (...args: unknown[]) => {
          if (watches && !reads.has(name)) written.push(String(name))
          return Reflect.apply(value, on, args)
        }
      },
    })
  const memory = memoryStore()
  const store = watching({ ...memory, credits: watching(memory.credits, READS_OF_CREDITS) }, READS)
  return {
    store,
    watch: () => {
      watches = true
    },
    written,
  }
}

const OWNER = { id: 'alice' }

describe('a check', () => {
  it('of any operation writes nothing, and tells whether it would change the key', async () => {
    const { store, watch, written } = watched()
    const keys = testKeys({ store, maxKeysPerOwner: 5, cache: false })
    const [living, revoked, deleted] = await Promise.all(
      ['living', 'revoked', 'deleted'].map(
        async name => (await keys.create({ name, owner: OWNER })).apiKey.id,
      ),
    )
    if (living === undefined || revoked === undefined || deleted === undefined) throw new Error('made above')
    await keys.revoke(revoked)
    await keys.delete(deleted)
    const { checks } = internalsOf(keys)
    watch()

    await checks.create({ name: 'new', owner: OWNER, credits: { balance: 5 } })
    await checks.revokeAll({ owner: OWNER }, { reason: 'left' })
    const changes = async (check: Promise<{ readonly changes: boolean }>) => (await check).changes
    const patch = { expiresIn: '9d', credits: { refill: { amount: 5, every: 'day' } } }
    expect(await changes(checks.update(living, patch))).toBe(true)
    expect(await changes(checks.rotate(living, { grace: '1h' }))).toBe(true)
    expect(await changes(checks.revoke(living))).toBe(true)
    expect(await changes(checks.revoke(revoked))).toBe(false)
    expect(await changes(checks.delete(living))).toBe(true)
    expect(await changes(checks.restore(deleted))).toBe(true)
    expect(await changes(checks.restore(living))).toBe(false)
    expect(await changes(checks.purge(living))).toBe(true)
    expect(written).toEqual([])
  })

  it('counts the places that an owner has, as they are taken', async () => {
    const keys = testKeys({ maxKeysPerOwner: 2 })
    const before = testKeys({ store: internalsOf(keys).config.store })
    const { checks } = internalsOf(keys)
    const input = { name: 'k', owner: OWNER }
    // Made before there was a bound.
    const first = (await before.create(input)).apiKey
    await checks.create(input)
    await before.create(input)
    expect(await refusalCode(checks.create(input))).toBe('KEY_LIMIT_REACHED')
    await checks.update(first.id, { expiresIn: '1d' })
    await keys.revoke(first.id)
    await checks.create(input)
    await keys.create(input)
    expect(await refusalCode(checks.create(input))).toBe('KEY_LIMIT_REACHED')
  })
})
