/** Keys for processes to verify, of which each is to be narrowed by an act of its own. */
import { mongooseStore } from 'sidekey/mongoose'
import { type TestKeys, testKeys } from '../support/keys.js'
import type { TestDatabase } from '../support/mongo/database.js'
import { childOf } from '../verify/support.js'
import { KEPT, NARROWING, type Target } from './narrowing.js'
import { inTurns } from './turns.js'

const ACTS = Object.keys(NARROWING)
const AT_ONCE = 8

export interface Targets {
  /** The acts in turn. */
  readonly toNarrow: readonly Target[]
  readonly kept: readonly Target[]
}

export async function createTargets(
  { connection }: Pick<TestDatabase, 'connection'>,
  { narrow, keep = 0 }: { readonly narrow: number; readonly keep?: number },
): Promise<Targets> {
  const keys = testKeys({ store: mongooseStore(connection), cache: false })
  const acts = Array.from({ length: narrow + keep }, (_, n) =>
    n < narrow ? (ACTS[n % ACTS.length] ?? KEPT) : KEPT,
  )
  try {
    const targets = await inTurns([...acts.entries()], AT_ONCE, ([n, act]) =>
      createTarget(keys, `user-${n}`, act),
    )
    return { toNarrow: targets.slice(0, narrow), kept: targets.slice(narrow) }
  } finally {
    await keys.close()
  }
}

async function createTarget(keys: TestKeys, owner: string, act: string): Promise<Target> {
  const isChild = act === "parent's revoke"
  const made = await keys.create({
    name: 'k',
    owner: { type: 'user', id: owner },
    permissions: ['reports:read', 'reports:write', ...(isChild ? (['api-keys:create'] as const) : [])],
  })
  if (!isChild) return { id: made.apiKey.id, token: made.token, owner, act }
  const child = await childOf(keys, made.token, { permissions: ['reports:read'] })
  return { id: child.apiKey.id, token: child.token, owner, act, parentId: made.apiKey.id }
}
