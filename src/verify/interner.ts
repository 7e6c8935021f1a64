/**
 * Values that many keys have alike, kept once: without it each record has copies of its own, as the database's driver makes
 * them, and those take more room than the rest of it.
 */
import { type Owner, ownerName } from '../key/record.js'

export interface Interner {
  text(text: string): string
  list(list: readonly string[]): readonly string[]
  owner(owner: Owner): Owner
}

/** So many are known at once; then it begins anew, and what is in use stays as it is. */
const MOST = 10_000
const EMPTY: readonly string[] = Object.freeze([])

export function createInterner(): Interner {
  const texts = new Map<string, string>()
  const lists = new Map<string, readonly string[]>()
  const owners = new Map<string, Owner>()
  return {
    text: text => once(texts, text, () => text),
    list: list =>
      list.length === 0 ? EMPTY : once(lists, JSON.stringify(list), () => Object.freeze(list.slice())),
    owner: owner => once(owners, ownerName(owner), () => Object.freeze({ ...owner })),
  }
}

function once<T>(known: Map<string, T>, name: string, make: () => T): T {
  const there = known.get(name)
  if (there !== undefined) return there
  if (known.size >= MOST) known.clear()
  const made = make()
  known.set(name, made)
  return made
}
