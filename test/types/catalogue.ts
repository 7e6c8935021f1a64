/** What the catalogue is as a type. Compiled, never run: each `@ts-expect-error` fails the compilation if it is none. */
import { apiKeys, memoryStore } from 'sidekey'
import { requireKey, requireUserOrKey } from 'sidekey/express'

const keys = apiKeys({
  prefix: 'acme_live',
  store: memoryStore(),
  permissions: ['reports:read', 'reports:write', 'billing:invoices:read'],
  roles: { reader: ['reports:read', 'billing:*'] },
  grants: () => ['*'],
})

requireKey(keys, 'reports:read')
requireKey(keys, ['reports:read', 'reports:write'])
requireKey(keys, { any: ['reports:read', { all: ['reports:write', 'billing:invoices:read'] }] })
requireUserOrKey(keys, 'reports:write')
// @ts-expect-error: misspelt
requireKey(keys, 'reports:raed')
// @ts-expect-error: misspelt in a list
requireKey(keys, ['reports:read', 'reports:raed'])
// @ts-expect-error: misspelt within any and all
requireKey(keys, { any: ['reports:read', { all: ['report:write'] }] })
// @ts-expect-error: misspelt
requireUserOrKey(keys, 'report:write')
// @ts-expect-error: a requirement names permissions, not patterns
requireKey(keys, 'reports:*')

export const verified = keys.verify('token', { permissions: { any: ['reports:read'] } })
// @ts-expect-error: misspelt
keys.verify('token', { permissions: 'reports:raed' })

keys.create({
  name: 'a',
  owner: { id: 'alice' },
  permissions: ['reports:read', 'reports:*', 'billing:*', '*'],
})
keys.create({ name: 'a', owner: { id: 'alice' }, permissions: ['api-keys:create', 'api-keys:*'] })
// @ts-expect-error: misspelt
keys.create({ name: 'a', owner: { id: 'alice' }, permissions: ['reports:raed'] })
// @ts-expect-error: a pattern that no permission of the catalogue meets
keys.create({ name: 'a', owner: { id: 'alice' }, permissions: ['rapports:*'] })
// @ts-expect-error: misspelt
keys.as({ id: 'alice' }).update('id', { permissions: ['reports:raed'] })
// @ts-expect-error: a field that does not exist
keys.create({ name: 'a', owner: { id: 'alice' }, permision: ['reports:read'] })
// @ts-expect-error: a bare number is no duration
keys.create({ name: 'a', owner: { id: 'alice' }, expiresIn: 90 })

const store = memoryStore()
const permissions = ['x:y'] as const
const grants = () => ['*']
// @ts-expect-error: a role of a permission that is not in the catalogue
apiKeys({ prefix: 'a', store, permissions, grants, roles: { r: ['x:z'] } })
// @ts-expect-error: a kind that may carry a permission that is not in the catalogue
apiKeys({ prefix: 'a', store, permissions, grants, kinds: { k: { permissions: ['x:z'] } } })
// @ts-expect-error: `any` and `all` side by side would have two meanings
requireKey(keys, { any: ['reports:read'], all: ['reports:write'] })
/** The management permissions are in every catalogue. */
requireKey(keys, 'api-keys:verify')

/** Without a catalogue any permission goes. */
const open = apiKeys({ prefix: 'acme_live', store: memoryStore() })
requireKey(open, 'anything:at:all')
open.create({ name: 'a', owner: { id: 'alice' }, permissions: ['anything:*'] })
