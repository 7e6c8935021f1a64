/** A store that serves until its n-th call. */
import type { Store } from '../../src/store/store.js'

/** `before`: the call does not leave the process. `during`: it does, and its answer does not come back. */
export const MOMENTS = ['before', 'during'] as const
export type Moment = (typeof MOMENTS)[number]

/** Asked as often as it takes others to hear of a change: only the first time counts as a call. */
const REPEATED: ReadonlySet<string | symbol> = new Set(['leases', 'tags'])

/** From the n-th call on nothing is answered any more, and nothing more is asked. */
export function dyingStore(store: Store, n: number, moment: Moment, onReached: () => void): Store {
  let calls = 0
  const asked = new Set<string | symbol>()
  const stopping =
    (name: string | symbol, call: (...args: unknown[]) => unknown) =>
    (...args: unknown[]) => {
      if (calls < n && REPEATED.has(name) && asked.has(name)) return call(...args)
      asked.add(name)
      calls++
      if (calls < n) return call(...args)
      if (calls === n) {
        if (moment === 'during') void call(...args)
        onReached()
      }
      return new Promise(() => {})
    }
  const dying = <T extends object>(object: T): T =>
    new Proxy(object, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name)
        if (typeof member === 'function') return stopping(name, member.bind(target) as () => unknown) // one of the store's
        return typeof member === 'object' && member !== null ? dying(member) : member
      },
    })
  return dying(store)
}
