/** An oracle of permissions: patterns are sets of concrete permissions, told by regular expressions. */
import fc from 'fast-check'
import { runs } from '../support/runs.js'

/**
 * Every permission of up to four segments over three names, one of which begins like another. The patterns below use
 * two of the names, and three segments.
 */
const UNIVERSE: readonly string[] = [1, 2, 3, 4].flatMap(length => wordsOf(['a', 'ab', 'c'], length))

function wordsOf(letters: readonly string[], length: number): string[] {
  if (length === 1) return [...letters]
  return wordsOf(letters, length - 1).flatMap(head => letters.map(letter => `${head}:${letter}`))
}

const sets = new Map<string, ReadonlySet<string>>()

/** The permissions of the universe that a pattern allows: `*` is one segment, at the end one or more. */
export function setOf(pattern: string): ReadonlySet<string> {
  let set = sets.get(pattern)
  if (set === undefined) {
    const source = pattern.replace(/\*$/, '.+').replaceAll('*', '[^:]+')
    set = new Set(UNIVERSE.filter(permission => new RegExp(`^${source}$`).test(permission)))
    sets.set(pattern, set)
  }
  return set
}

export function unionOf(patterns: readonly string[]): Set<string> {
  return new Set(patterns.flatMap(pattern => [...setOf(pattern)]))
}

const segments = (letters: readonly string[]) =>
  fc.array(fc.constantFrom(...letters), { minLength: 1, maxLength: 3 }).map(parts => parts.join(':'))
export const pattern = segments(['a', 'ab', '*'])
export const patterns = fc.array(pattern, { maxLength: 4 })
export const permission = segments(['a', 'ab'])

export const RUNS = runs(2000)
