/** bcrypt, loaded when the first key needs it, off the event loop and few at once (slow.ts). */
import { once } from '../once.js'
import { withSlot } from './slow.js'

const load = once(
  (): Promise<typeof import('bcrypt')> => import('bcrypt').then(module => module.default ?? module),
)

/** bcrypt's hash of `secret` (at most 72 bytes) with `cost` (2^cost rounds). */
export async function bcryptHash(secret: string, cost: number): Promise<string> {
  const bcrypt = await load()
  return withSlot(() => bcrypt.hash(secret, cost))
}

/**
 * Whether `secret` has this bcrypt hash.
 * @throws SidekeyError `STORE_UNAVAILABLE` when too many comparisons wait already.
 */
export async function bcryptCompare(secret: string, stored: string): Promise<boolean> {
  const bcrypt = await load()
  return withSlot(() => bcrypt.compare(secret, stored))
}
