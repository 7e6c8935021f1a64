/** A store whose failures are counted. */
import type { Counters } from '../limit/counters.js'
import { isThenable } from '../soon.js'
import type { Store } from '../store/store.js'

/** The parts of a store that have methods of their own. */
const PARTS = ['changes', 'credits', 'counters']

/** The same store, with `onError` told of each method of it, or of a part of it, that rejects or throws. */
export function countedStore(store: Store, onError: (method: string) => void): Store {
  return counted(store, '', onError)
}

/** The same counters, where they are not the store's. */
export function countedCounters(counters: Counters, onError: (method: string) => void): Counters {
  return counted(counters, 'counters.', onError)
}

function counted<T extends object>(part: T, prefix: string, onError: (method: string) => void): T {
  // All that is no method of the store's is found through the prototype.
  const over = Object.create(part) as T
  for (const name of namesIn(part)) {
    const value: unknown = Reflect.get(part, name)
    if (PARTS.includes(name) && typeof value === 'object' && value !== null)
      define(over, name, counted(value, `${name}.`, onError))
    else if (typeof value === 'function')
      define(over, name, (...given: unknown[]) => called(part, name, given, () => onError(prefix + name)))
  }
  return over
}

function called(part: object, name: string, given: unknown[], failed: () => void): unknown {
  try {
    // Looked up at each call: a store may be wrapped again later.
    const answer: unknown = Reflect.apply(Reflect.get(part, name), part, given)
    if (isThenable(answer)) answer.then(undefined, failed)
    return answer
  } catch (error) {
    failed()
    throw error
  }
}

function define(over: object, name: string, value: unknown): void {
  Object.defineProperty(over, name, { value, enumerable: true, writable: true, configurable: true })
}

/** Of an object and its classes. */
function namesIn(part: object): Set<string> {
  const names = new Set<string>()
  for (let of = part; of !== null && of !== Object.prototype; of = Object.getPrototypeOf(of))
    for (const name of Object.getOwnPropertyNames(of)) if (name !== 'constructor') names.add(name)
  return names
}
