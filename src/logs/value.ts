/** Tokens masked in whatever is logged. */
import { type RedactOptions, redactor } from '../key/redact.js'

/** Deeper than this nobody logs on purpose, and what is there is left out: it is not looked at. */
const DEEPEST = 100
const TOO_DEEP = '[too deep]'

type Mask = (text: string) => string

/**
 * A copy of the value without the secrets of tokens of ours, and without what `patterns` match, in each string that is in it, however
 * deep, names of fields too. Errors are copied as errors; of other objects that are neither plain nor lists nothing is looked at, and
 * what is more than 100 levels deep is left out.
 *
 * @throws SidekeyError `INVALID_OPTION` where `patterns` is no list of regular expressions
 * @example
 * ```ts
 * console.log(redactValue({ headers: request.headers })) // { headers: { authorization: 'Bearer acme_live_0VbvmdHo9P49d4yC_[redacted]' } }
 * ```
 */
export function redactValue<T>(value: T, options?: RedactOptions): T {
  return maskedBy(redactor(options), value)
}

/** The same, where the options have been looked at. */
export function maskedBy<T>(mask: Mask, value: T): T {
  return masked(value, { mask, seen: new Map() }, 0) as T // of the same shape
}

interface Work {
  readonly mask: Mask
  readonly seen: Map<object, unknown>
}

function masked(value: unknown, work: Work, depth: number): unknown {
  const { mask, seen } = work
  if (typeof value === 'string') return mask(value)
  if (typeof value !== 'object' || value === null) return value
  const known = seen.get(value)
  if (known !== undefined) return known
  const isPlain = Array.isArray(value) || isRecord(value)
  if (!isPlain && !(value instanceof Error)) return value
  if (depth > DEEPEST) return TOO_DEEP
  if (value instanceof Error) return maskedError(value, work, depth)
  const copy: object = Array.isArray(value)
    ? []
    : Object.create(Object.getPrototypeOf(value) as object | null)
  seen.set(value, copy) // before what is in it: it may lead back here
  fill(copy, value, work, depth)
  return copy
}

/** The enumerable fields, symbols too: winston keeps the line that it writes under one. */
function fill(copy: object, value: object, work: Work, depth: number): void {
  for (const key of Reflect.ownKeys(value)) {
    if (key === 'length' && Array.isArray(value)) continue
    const descriptor = Object.getOwnPropertyDescriptor(value, key)
    if (descriptor?.enumerable !== true) continue
    const name = typeof key === 'string' ? work.mask(key) : key
    const inner = masked(Reflect.get(value, key), work, depth + 1)
    Object.defineProperty(copy, name, { value: inner, enumerable: true, writable: true, configurable: true })
  }
}

function maskedError(error: Error, work: Work, depth: number): Error {
  const copy = Object.create(Object.getPrototypeOf(error) as object) as Error // of the same class
  work.seen.set(error, copy)
  for (const name of ['message', 'stack', 'cause', 'errors']) {
    if (!Object.hasOwn(error, name)) continue
    const value = masked(Reflect.get(error, name), work, depth + 1)
    Object.defineProperty(copy, name, { value, enumerable: false, writable: true, configurable: true })
  }
  fill(copy, error, work, depth)
  return copy
}

function isRecord(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}
