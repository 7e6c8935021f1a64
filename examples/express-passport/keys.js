// What the app tells sidekey of its users. This file is new; the lines in app.js that use it end in `// keys`.
import { apiKeys } from 'sidekey'
import { findUser, permissionsOf } from './users.js'

// The page for people, at /api-keys/ui/.
export const page = {
  title: 'Acme API keys',
  loginUrl: '/login',
  links: [{ label: 'Acme reports', href: '/' }],
}

export function createKeys(store) {
  return apiKeys({
    prefix: 'acme_live',
    store,
    permissions: ['reports:read', 'reports:write'],
    actor: user => ({ id: user.id, admin: user.role === 'admin', organizations: user.memberships }),
    user: owner => findUser(owner.id),
    grants: owner => permissionsOf(owner),
    // Whoever makes a token must have logged in lately.
    authorize: (actor, action, _key, req) =>
      actor.via === 'session' && GIVES_TOKEN.includes(action) && !isFresh(req?.session)
        ? 'reauthenticate'
        : undefined,
  })
}

const GIVES_TOKEN = ['create', 'rotate']

function isFresh({ loggedInAt = 0 } = {}) {
  return Date.now() - loggedInAt < Number(process.env.FRESH_MINUTES ?? 30) * 60_000
}
