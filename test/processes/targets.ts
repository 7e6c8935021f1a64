/** Keys for processes to verify, each with the act that it is to be narrowed by. */
import { randomUUID } from 'node:crypto'
import type { TestKeys } from '../support/keys.js'
import { childOf } from '../verify/support.js'
import type { Target } from './narrowing.js'
import { inTurns } from './turns.js'

const AT_ONCE = 8

/** A key for each of these acts, of an owner that has no others. */
export function createTargets(keys: TestKeys, acts: readonly string[]): Promise<Target[]> {
  return inTurns(acts, AT_ONCE, act => createTarget(keys, act))
}

async function createTarget(keys: TestKeys, act: string): Promise<Target> {
  const owner = `user-${randomUUID()}`
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
