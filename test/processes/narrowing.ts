/** What takes something away from a key, each by what is asked for at the verification. */
import type { ApiKeys } from '../../src/index.js'

export interface Target {
  readonly id: string
  readonly token: string
  readonly owner: string
  readonly act: string
}

export const NARROWING: Readonly<Record<string, (keys: ApiKeys, target: Target) => Promise<unknown>>> = {
  revoke: (keys, { id }) => keys.revoke(id),
  disable: (keys, { id }) => keys.update(id, { enabled: false }),
  delete: (keys, { id }) => keys.delete(id),
  purge: (keys, { id }) => keys.purge(id),
  rotate: (keys, { id }) => keys.rotate(id, { grace: '0s' }),
  permissions: (keys, { id }) => keys.update(id, { permissions: ['reports:write'] }),
  restrictions: (keys, { id }) => keys.update(id, { restrictions: { ips: ['10.0.0.0/8'] } }),
  revokeAll: (keys, { owner }) => keys.revokeAll({ owner: { type: 'user', id: owner } }),
}

/** What every verification asks for. */
export const ASKED = { permissions: 'reports:read', ip: '192.0.2.1' } as const
