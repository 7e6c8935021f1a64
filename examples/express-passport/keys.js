// What the app tells sidekey of its users. This file is new; the lines in app.js that use it end in `// keys`.
import { apiKeys } from 'sidekey'
import { findUser, permissionsOf } from './users.js'

export function createKeys(store) {
  return apiKeys({
    prefix: 'acme_live',
    store,
    permissions: ['reports:read', 'reports:write'],
    actor: user => ({ id: user.id, admin: user.role === 'admin', organizations: user.memberships }),
    user: owner => findUser(owner.id),
    grants: owner => permissionsOf(owner),
  })
}
