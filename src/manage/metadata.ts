import type { Metadata } from '../key/record.js'

/** How large metadata may be as JSON, in bytes. */
export const METADATA_BYTES = 8 * 1024
const MAX_DEPTH = 8
const FORBIDDEN: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype', '_bsontype'])

export function isMetadata(value: unknown): value is Metadata {
  return metadataFault(value) === null
}

/**
 * What is wrong with metadata, or `null`. Only plain JSON is taken; keys that a database or a merge could read as
 * something else (`$…`, with a dot, `__proto__`) are not, at any depth.
 */
export function metadataFault(value: unknown): string | null {
  if (!isPlainObject(value)) return 'takes an object'
  const fault = jsonFault(value, 1)
  if (fault !== null) return fault
  const bytes = Buffer.byteLength(JSON.stringify(value))
  return bytes > METADATA_BYTES ? `takes at most ${METADATA_BYTES} bytes of JSON` : null
}

function jsonFault(value: unknown, depth: number): string | null {
  if (depth > MAX_DEPTH) return `takes at most ${MAX_DEPTH} levels`
  if (value === null || typeof value === 'boolean') return null
  if (typeof value === 'string') return textFault(value)
  if (typeof value === 'number') return Number.isFinite(value) ? null : 'takes only JSON values'
  if (Array.isArray(value)) return firstFault(value, one => jsonFault(one, depth + 1))
  if (!isPlainObject(value)) return 'takes only JSON values'
  return firstFault(Object.entries(value), ([key, one]) => keyFault(key) ?? jsonFault(one, depth + 1))
}

function keyFault(key: string): string | null {
  const bad =
    key === '' || key.startsWith('$') || key.includes('.') || key.includes('\0') || FORBIDDEN.has(key)
  return bad
    ? `takes no key that is empty, begins with $, has a dot, or is one of ${[...FORBIDDEN].join(', ')}`
    : textFault(key)
}

/** A lone surrogate cannot be written as UTF-8: what is stored would be another text. */
export function textFault(text: string): string | null {
  return /\p{Surrogate}/u.test(text) ? 'takes well-formed Unicode' : null
}

function firstFault<T>(items: Iterable<T>, faultOf: (item: T) => string | null): string | null {
  for (const item of items) {
    const fault = faultOf(item)
    if (fault !== null) return fault
  }
  return null
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
