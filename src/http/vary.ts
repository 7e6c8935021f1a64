import type { Config } from '../config.js'

/** What an answer depends on: a cache must not give one caller's to another. */
export function varyOf({ headers }: Config): string {
  return [...headers, 'cookie'].join(', ')
}

/** `Vary` with more in it, beside what the app or its other middlewares have put there. */
export function mergedVary(existing: unknown, more: string): string {
  if (existing === undefined) return more
  const names = [existing, more].flat().flatMap(one => String(one ?? '').split(','))
  const seen = new Map(names.map(name => [name.trim().toLowerCase(), name.trim()] as const).reverse())
  seen.delete('')
  return seen.has('*') ? '*' : [...seen.values()].reverse().join(', ')
}
