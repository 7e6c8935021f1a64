/** What takes something away from a key, each by what is asked for at the verification. */
import type { ApiKeys, Verification } from '../../src/index.js'

export interface Target {
  readonly id: string
  readonly token: string
  readonly owner: string
  /** One of `NARROWING`, or `KEPT`. */
  readonly act: string
  /** Of a key that was made by a key: the one that made it. */
  readonly parentId?: string
}

/** The act of a target that nothing is taken away from. */
export const KEPT = 'kept'

export const NARROWING: Readonly<Record<string, (keys: ApiKeys, target: Target) => Promise<unknown>>> = {
  revoke: (keys, { id }) => keys.revoke(id),
  disable: (keys, { id }) => keys.update(id, { enabled: false }),
  delete: (keys, { id }) => keys.delete(id),
  purge: (keys, { id }) => keys.purge(id),
  rotate: (keys, { id }) => keys.rotate(id, { grace: '0s' }),
  permissions: (keys, { id }) => keys.update(id, { permissions: ['reports:write'] }),
  restrictions: (keys, { id }) => keys.update(id, { restrictions: { ips: ['10.0.0.0/8'] } }),
  resources: (keys, { id }) => keys.update(id, { resources: ['project:2'] }),
  // An end must lie ahead; this one has come before the first round trip to the server is over.
  expiry: (keys, { id }) => keys.update(id, { expiresIn: '1ms' }),
  transfer: (keys, { id }) => keys.transfer(id, { type: 'user', id: 'heir' }),
  revokeAll: (keys, { owner }) => keys.revokeAll({ owner: { type: 'user', id: owner } }),
  "parent's revoke": (keys, { id, parentId }) => keys.revoke(parentId ?? id),
}

/** What every verification asks for. */
export const ASKED = { permissions: 'reports:read', ip: '192.0.2.1', resource: 'project:1' } as const

/** What a verification has come to: `ok` only where nothing of it was taken away. */
export function outcomeFor({ owner }: Target, answer: Verification): string {
  if (!answer.ok) return answer.code
  return answer.owner.id === owner ? 'ok' : 'another owner'
}
