/** What options take, and what they do not, for `options.test.ts`. */
import { type ApiKeysOptions, memoryStore } from 'sidekey'
import { quiet } from './support/keys.js'

export const SECRET = 'hunter2-hunter2-hunter2-hunter2-hunter2'

/** What each option does not take. The type makes a row for every option a must. */
export const WRONG: { readonly [option in keyof Required<ApiKeysOptions>]: readonly unknown[] } = {
  prefix: [undefined, null, 42, '', 'Acme', '1acme', '_acme', 'acme-live', 'acme live', `a${'b'.repeat(31)}`],
  store: [undefined, null, {}, 'memory', { find: true }, () => memoryStore()],
  permissions: ['reports:read', [42], [''], ['reports:*'], ['*'], ['reports read'], [':'], { 0: 'a' }],
  roles: [['viewer'], { viewer: 'reports:read' }, { viewer: [42] }, { viewer: ['a b'] }, { 'A role': ['*'] }],
  kinds: [{}, ['secret'], { secret: true }, { 'A kind': {} }, { '': {} }],
  hash: ['md5', 'sha512', 'SHA256', '', 42, null],
  pepper: [
    SECRET,
    null,
    {},
    { current: '' },
    { current: 42 },
    { current: new Uint8Array() },
    { previous: SECRET },
  ],
  bcryptCost: [9, 17, 4, 12.5, '12', Number.NaN, Number.POSITIVE_INFINITY, null],
  headers: ['authorization', [], [42], [''], ['x api key'], ['x-api-key:'], ['x-api-key\r\n']],
  actor: ['user', {}, null],
  user: ['user', {}, null],
  grants: [['*'], '*', null, true],
  authorize: ['allow', {}, true],
  organizationRoles: [
    ['owner'],
    { owner: 'all' },
    { owner: { organizationKeys: ['read'] } },
    { owner: { organizationKeys: ['transfer', 'read'], memberKeys: [] } },
    { owner: { organizationKeys: [], memberKeys: ['read', 'rotate'] } },
    { owner: { organizationKeys: [], memberKeys: ['revoke'] } },
    { '': { organizationKeys: [], memberKeys: [] } },
    null,
  ],
  maxKeysPerOwner: [0, -1, 1.5, '5', 10_001, Number.NaN, Number.POSITIVE_INFINITY, null],
  retention: [30, '30', '', '30 bananas', '-30d', '0s', '1001y', null],
  auditRetention: [365, '365', '0s', '1d', null],
  expiringBefore: ['7d', [7], ['7'], ['0s'], Array.from({ length: 11 }, () => '1d'), null],
  trustedOrigins: [
    'https://a.example.com',
    ['*'],
    ['null'],
    [''],
    ['a.example.com'],
    ['https://a.example.com/'],
    ['https://a.example.com/path'],
    ['https://*.example.com '],
    [42],
  ],
  logger: ['console', {}, { warn: () => {} }, { warn: 'x', error: 'y' }, null],
}

/** And what each does take. */
export const RIGHT: { readonly [option in keyof Required<ApiKeysOptions>]: readonly unknown[] } = {
  prefix: ['a', 'acme_live', `a${'b'.repeat(30)}`],
  store: [memoryStore()],
  permissions: [[], ['a'], ['reports:read', 'a:b:c']],
  roles: [{}, { viewer: [] }, { viewer: ['reports:*'], admin: ['*'] }],
  kinds: [
    { secret: {} },
    { secret: {}, publishable: { prefix: 'acme_pub', expiresIn: '1d', maxExpiresIn: '1d' } },
  ],
  hash: ['sha256', 'bcrypt'],
  pepper: [
    { current: SECRET },
    { current: Buffer.alloc(32, 1), previous: SECRET },
    { current: SECRET, previous: [Buffer.alloc(32, 1), `${SECRET}2`] },
    { current: SECRET, previous: [] },
  ],
  bcryptCost: [10, 16],
  headers: [['X-Key'], ['authorization', 'x-api-key', 'x-other']],
  actor: [() => ({ id: 'x' })],
  user: [() => null],
  grants: [() => ['*'], async () => null],
  authorize: [() => 'allow'],
  organizationRoles: [
    {},
    { owner: { organizationKeys: ['read', 'create'], memberKeys: ['read', 'revoke'] } },
  ],
  maxKeysPerOwner: [1, 10_000],
  retention: ['1s', '30d', '1000y'],
  auditRetention: ['7d', '1y'],
  expiringBefore: [[], ['14d', '1h', '1h']],
  trustedOrigins: [[], ['https://a.example.com', 'http://localhost:3000']],
  logger: [quiet, console],
}
