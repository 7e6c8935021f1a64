/**
 * What the client's types say. Compiled by the test of `test/types`, never run: each `@ts-expect-error` fails
 * the compilation if it is none.
 */
import type { z } from 'zod'
import {
  type ApiKey,
  type AuditEvent,
  type Created,
  type Jsonified,
  type KeyClientErrorCode,
  type KeyConfig,
  keyClient,
  type UsagePeriod,
  type Verification,
} from '../../src/client/index.js'
import type { ErrorCode } from '../../src/errors.js'
import type { actorConfig } from '../../src/http/answers-verification.js'
import type { ApiKey as CoreApiKey } from '../../src/key/record.js'

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false
const holds = <_ extends true>() => {}

const client = keyClient<'reports:read' | 'reports:write'>({ baseUrl: '/api-keys' })
declare const id: string

// The catalogue makes misspelt permissions errors, as it does in the server's code.
client.create({ name: 'a', permissions: ['reports:read', 'reports:*', 'api-keys:read', '*'] })
// @ts-expect-error: misspelt
client.create({ name: 'a', permissions: ['reports:raed'] })
// @ts-expect-error: misspelt
client.update(id, { permissions: ['report:read'] })
client.verify('token', { permissions: { any: ['reports:read', { all: ['reports:write'] }] } })
// @ts-expect-error: misspelt
client.verify('token', { permissions: 'reports:raed' })
// Without a catalogue any permission goes.
keyClient({ baseUrl: '/api-keys' }).create({ name: 'a', permissions: ['anything:*'] })

// @ts-expect-error: a field that there is not
client.create({ name: 'a', expires: '90d' })
// @ts-expect-error: a key without a name
client.create({})
// @ts-expect-error: a bare number is no duration
client.create({ name: 'a', expiresIn: 90 })
client.create({ name: 'a', expiresAt: new Date() })
client.create({ name: 'a', expiresAt: '2099-01-31' })

// @ts-expect-error: two versions at once
client.update(id, {}, { ifVersion: 1, ifMatch: '*' })
client.rotate(id, { grace: '0s', ifVersion: 1 })
// @ts-expect-error: a revoke has no grace
client.revoke(id, { grace: '1h' })
// @ts-expect-error: the route takes one status
client.list({ status: ['active', 'expired'] })
// @ts-expect-error: no status
client.list({ status: 'gone' })
// @ts-expect-error: no filter of the route
client.revokeAll({ tag: 'ci' })
// @ts-expect-error: no action
client.audit({ action: 'look' })
client.usage({ by: 'month', from: new Date(), timeZone: 'Europe/Berlin', owner: { id: 'alice' } })
// @ts-expect-error: no period
client.usage({ by: 'week' })
// @ts-expect-error: an option that there is not
keyClient({ baseUrl: '/api-keys', timeout: 1000 })
keyClient({ baseUrl: '/api-keys', fetch })
keyClient({ baseUrl: '/api-keys', headers: async () => ({ 'x-csrf-token': undefined }) })

// Times are text, wherever they are, and nothing else changes.
holds<Same<ApiKey['createdAt'], string>>()
holds<Same<ApiKey['expiresAt'], string | null>>()
holds<Same<NonNullable<ApiKey['revoked']>['at'], string>>()
holds<Same<ApiKey['lastUsedAt'], string | null | undefined>>()
holds<Same<AuditEvent['at'], string>>()
holds<Same<UsagePeriod['from'], string>>()
holds<Same<UsagePeriod['outcomes'], Readonly<Record<string, number>>>>()
holds<Same<ApiKey['metadata'], CoreApiKey['metadata']>>()
holds<Same<ApiKey['owner'], CoreApiKey['owner']>>()
holds<Same<ApiKey['permissions'], CoreApiKey['permissions']>>()
holds<Same<ApiKey['status'], CoreApiKey['status']>>()
holds<Same<Exclude<keyof CoreApiKey, keyof ApiKey>, never>>()
holds<Same<Jsonified<{ at: Date | null; list: Date[]; n?: number }>['list'], readonly string[]>>()
// @ts-expect-error: the comparison does tell one type from another
holds<Same<ApiKey['createdAt'], Date>>()

// A token may be missing only from what was replayed.
declare const created: Created
// @ts-expect-error: it may have been replayed
created.token.length
if (!created.replayed) created.token.length

// A token that was refused has no owner.
declare const verification: Verification
// @ts-expect-error: it may have been refused
verification.owner
if (verification.ok) verification.tokenEndsAt?.slice(0, 4)
else verification.code.toLowerCase()

// Every code of the server is one of the client's, and the schema of the answer is what the type says.
holds<Same<Exclude<ErrorCode, KeyClientErrorCode>, never>>()
holds<z.output<typeof actorConfig> extends KeyConfig ? true : false>()

export async function namesOf(): Promise<string[]> {
  const names: string[] = []
  for await (const apiKey of client.listAll()) names.push(apiKey.name)
  for await (const event of client.auditAll({ refused: true })) names.push(event.action)
  return names
}
