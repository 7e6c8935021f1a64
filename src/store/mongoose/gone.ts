import type { KeyDocument } from './documents.js'
import { type On, PRIMARY } from './operations.js'

/** Those of these keys of which nothing is to be kept: their records are gone, or are about to go. */
export function goneOf(onKeys: On<KeyDocument>, ids: readonly string[]): Promise<string[]> {
  return onKeys(async collection => {
    const there = { _id: { $in: [...ids] }, 'deleted.forGood': { $ne: true } }
    const found = await collection.find(there, { ...PRIMARY, projection: { _id: 1 } }).toArray()
    const kept = new Set(found.map(({ _id }) => _id))
    return ids.filter(id => !kept.has(id))
  })
}
