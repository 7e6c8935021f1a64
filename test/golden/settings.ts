/** The options that the keys of all golden fixtures are made and verified with. They never change: what is made by them is kept. */
import type { ApiKeysOptions, ImportedSource, Store } from 'sidekey'

const EARLIER_PEPPER = 'golden-pepper-of-the-year-before-0123456789'
const PEPPER = 'golden-pepper-of-this-year-0123456789abcdef'

const IMPORTED: readonly ImportedSource[] = [
  { source: 'sanctum', separator: '|', covers: 'secret' },
  { source: 'digest', prefix: 'dig_', length: 36 },
  { source: 'sha512', prefix: 'long_', length: 37, hash: 'sha512', covers: 'secret' },
  { source: 'django', separator: '.', hash: 'pbkdf2-sha256' },
  { source: 'bcrypt', separator: ':', hash: 'bcrypt', covers: 'secret' },
  { source: 'bcrypt-whole', separator: '~', hash: 'bcrypt' },
]

/** @param peppers `earlier`: before the pepper was changed */
export function goldenOptions(store: Store, peppers: 'earlier' | 'now' = 'now'): ApiKeysOptions {
  return {
    prefix: 'golden',
    store,
    permissions: ['reports:read', 'reports:write'],
    roles: { reader: ['reports:read'] },
    grants: () => ['*'],
    actor: (user: { readonly id: string }) => ({ id: user.id }),
    kinds: {
      plain: { hash: 'sha256' },
      peppered: { hash: 'hmac-sha256' },
      slow: { hash: 'bcrypt' },
      publishable: { hash: 'sha256', prefix: 'golden_pub', requiredRestrictions: ['origins'] },
    },
    pepper:
      peppers === 'earlier' ? { current: EARLIER_PEPPER } : { current: PEPPER, previous: EARLIER_PEPPER },
    bcryptCost: 10,
    imported: IMPORTED,
    maxKeysPerOwner: 50,
    logger: { warn: () => {}, error: () => {} },
  }
}
