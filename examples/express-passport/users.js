// The app's own users, as it has always kept them.
import { scryptSync, timingSafeEqual } from 'node:crypto'

const acme = role => [{ id: 'acme', role }]
const users = [
  {
    id: 'alice',
    name: 'Alice',
    role: 'user',
    memberships: acme('member'),
    may: ['reports:read', 'reports:write', 'api-keys:*'],
  },
  { id: 'bob', name: 'Bob', role: 'user', memberships: acme('member'), may: ['reports:read'] },
  {
    id: 'carol',
    name: 'Carol',
    role: 'user',
    memberships: acme('admin'),
    may: ['reports:read', 'reports:write', 'api-keys:*'],
  },
  { id: 'root', name: 'Root', role: 'admin', memberships: [], may: ['*'] },
]
const hash = (password, salt) => scryptSync(password, salt, 32)
const passwords = new Map(users.map(({ id }) => [id, hash(`${id}-password`, id)]))

export function findUser(id) {
  return users.find(user => user.id === id)
}

export function findUserByLogin(id, password) {
  const stored = passwords.get(id)
  return stored && timingSafeEqual(stored, hash(password, id)) ? findUser(id) : undefined
}

// What a user, or the organisation acme, may do today: null for who is no longer there.
export function permissionsOf(owner) {
  if (owner.type === 'organization') return ['reports:read', 'reports:write']
  return findUser(owner.id)?.may ?? null
}
