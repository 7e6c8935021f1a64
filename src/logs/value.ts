/** Tokens masked in whatever is logged. */
import { redact } from '../key/redact.js'

/** Deeper than this nobody logs on purpose. */
const DEEPEST = 20

/**
 * A copy of the value without the secrets of tokens of ours, in each string that is in it, however deep, names of fields too.
 * Errors are copied as errors; of other objects that are neither plain nor lists nothing is looked at.
 *
 * @example
 * ```ts
 * console.log(redactValue({ headers: request.headers })) // { headers: { authorization: 'Bearer acme_live_0VbvmdHo9P49d4yC_[redacted]' } }
 * ```
 */
export function redactValue<T>(value: T): T {
  return masked(value, new Map(), 0) as T // of the same shape
}

function masked(value: unknown, seen: Map<object, unknown>, depth: number): unknown {
  if (typeof value === 'string') return redact(value)
  if (typeof value !== 'object' || value === null || depth > DEEPEST) return value
  const known = seen.get(value)
  if (known !== undefined) return known
  if (value instanceof Error) return maskedError(value, seen, depth)
  const isPlain = Array.isArray(value) || isRecord(value)
  if (!isPlain) return value
  const copy: object = Array.isArray(value)
    ? []
    : Object.create(Object.getPrototypeOf(value) as object | null)
  seen.set(value, copy) // before what is in it: it may lead back here
  fill(copy, value, seen, depth)
  return copy
}

/** The enumerable fields, symbols too: winston keeps the line that it writes under one. */
function fill(copy: object, value: object, seen: Map<object, unknown>, depth: number): void {
  for (const key of Reflect.ownKeys(value)) {
    if (key === 'length' && Array.isArray(value)) continue
    const descriptor = Object.getOwnPropertyDescriptor(value, key)
    if (descriptor?.enumerable !== true) continue
    const name = typeof key === 'string' ? redact(key) : key
    const inner = masked(Reflect.get(value, key), seen, depth + 1)
    Object.defineProperty(copy, name, { value: inner, enumerable: true, writable: true, configurable: true })
  }
}

function maskedError(error: Error, seen: Map<object, unknown>, depth: number): Error {
  const copy = Object.create(Object.getPrototypeOf(error) as object) as Error // of the same class
  seen.set(error, copy)
  for (const name of ['message', 'stack', 'cause'] as const) {
    if (!Object.hasOwn(error, name)) continue
    const value = masked(error[name], seen, depth + 1)
    Object.defineProperty(copy, name, { value, enumerable: false, writable: true, configurable: true })
  }
  fill(copy, error, seen, depth)
  return copy
}

function isRecord(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}
