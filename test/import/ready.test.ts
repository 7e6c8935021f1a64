/**
 * Ready mappings: tokens that Django REST Framework API Key, Laravel Sanctum and Unkey have handed out go on working.
 *
 * Sanctum's table is as its migration makes it (laravel/sanctum, database/migrations), its tokens and hashes as
 * `HasApiTokens::createToken` and `PersonalAccessToken::findToken` have them. Unkey's rows are as https://unkey.com/docs
 * documents the answer of `apis.listKeys` (v2), its hashes as `keys.migrateKeys` takes them: SHA-256, base64.
 */
import { testKeys } from '../support/keys.js'
import { drfKeys } from './drf.js'
import { fixture, importText } from './support.js'

const DRF = [{ source: 'drf', separator: '.', length: 41, hash: 'sha512' }] as const

describe.each(drfKeys())('keys of Django REST Framework API Key, %s', (_, { tokens, csv, dumpdata }) => {
  const token = (name: string) => tokens[name] ?? ''
  const options = {
    from: 'drf',
    defaults: { owner: { type: 'service', id: 'django' }, permissions: ['reports:read'] },
  }

  it.each([
    ['CSV', csv],
    ['dumpdata', dumpdata],
  ])('are let in by the tokens that it has handed out: %s', async (_, text) => {
    const keys = testKeys({ imported: DRF })
    const outcome = await importText(keys, text, options)
    // PBKDF2 over SHA-1 is not taken.
    expect(outcome).toMatchObject({ rows: 7, imported: 6, failed: 1, done: true })
    expect(outcome.failures).toEqual([
      { row: 3, line: expect.any(Number), reason: expect.stringMatching(/^hash: takes/) },
    ])
    for (const name of ['plain', 'old', 'ending', 'with "quotes", and\na line break']) {
      expect(await keys.verify(token(name), { permissions: 'reports:read' })).toMatchObject({
        ok: true,
        owner: { type: 'service', id: 'django' },
        apiKey: { name: name.replace('\n', ' '), start: token(name).slice(0, 9) },
      })
      expect(await keys.verify(`${token(name).slice(0, -1)}!`)).toMatchObject({ code: 'KEY_INVALID' })
    }
    expect(await keys.verify(token('ended'))).toMatchObject({ code: 'KEY_EXPIRED' })
    expect(await keys.verify(token('revoked'))).toMatchObject({ code: 'KEY_REVOKED' })
    expect(await keys.verify(token('older'))).toMatchObject({ code: 'KEY_INVALID' })
    expect((await keys.lookup(token('ending')))?.expiresAt).toEqual(new Date('2999-01-02T03:04:05Z'))
  })

  it('are of the only source that there is, whatever it is called, or of the one that is called so', async () => {
    const legacy = { ...DRF[0], source: 'legacy' }
    const one = testKeys({ imported: [legacy] })
    expect(await importText(one, csv, options)).toMatchObject({ imported: 6 })
    expect(await one.lookup(token('plain'))).toMatchObject({ imported: { source: 'legacy' } })
    const two = testKeys({ imported: [{ source: 'old', prefix: 'old_' }, ...DRF] })
    expect(await importText(two, csv, options)).toMatchObject({ imported: 6 })
    expect(await two.lookup(token('plain'))).toMatchObject({ imported: { source: 'drf' } })
    const none = testKeys({ imported: [{ source: 'old', prefix: 'old_' }, legacy] })
    await expect(importText(none, csv, options)).rejects.toMatchObject({ errors: [{ path: 'source' }] })
  })

  it('need an owner, which its table does not have', async () => {
    const keys = testKeys({ imported: DRF })
    await expect(importText(keys, csv, { from: 'drf' })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      errors: [{ path: 'defaults.owner' }],
    })
  })
})

describe('tokens of Laravel Sanctum', () => {
  const secretOf = (name: string) => `Zq8vT2mKx0Rb7LwYc5NdJf3HgPs9AeUiOo1Gh${name}`
  const csv = fixture('sanctum.csv', secretOf, 'hex')
  const IMPORTED = [{ source: 'sanctum', separator: '|', covers: 'secret' }] as const

  it('go on working, with their abilities, owners and times', async () => {
    const keys = testKeys({ imported: IMPORTED, user: owner => ({ id: owner.id }) })
    const outcome = await importText(keys, csv, { from: 'sanctum' })
    expect(outcome).toMatchObject({ rows: 5, imported: 4, failed: 1 })
    expect(outcome.failures).toEqual([
      { row: 4, line: 5, reason: 'owner: the mapping has no type for what the column of types says' },
    ])
    const verify = (n: number) => keys.verify(`${n}|${secretOf(String(n))}`, { permissions: 'reports:read' })
    expect(await verify(1)).toMatchObject({ ok: true, owner: { type: 'user', id: '42' }, permissions: ['*'] })
    expect(await verify(2)).toMatchObject({
      ok: true,
      permissions: ['reports:read', 'exports:run'],
      apiKey: { name: 'CI, "nightly"', start: '2|', expiresAt: new Date('2999-01-02T03:04:05Z') },
    })
    expect(await verify(3)).toMatchObject({
      owner: { type: 'organization', id: '7' },
      apiKey: { organizationId: '7', createdAt: new Date('2026-01-02T03:04:07Z') },
    })
    expect(await verify(4)).toMatchObject({ code: 'KEY_INVALID' })
    expect(await verify(5)).toMatchObject({ code: 'KEY_EXPIRED' })
    const phone = await keys.lookup(`1|${secretOf('1')}`)
    expect(phone?.imported).toEqual({ source: 'sanctum', id: '1' })
    // As another id's secret it is nobody's.
    expect(await keys.verify(`2|${secretOf('1')}`)).toMatchObject({ code: 'KEY_INVALID' })
  })

  it('also of those that were made before ids were in them, by a source of their own', async () => {
    const secret = secretOf('x')
    const keys = testKeys({ imported: [...IMPORTED, { source: 'sanctum-old', length: 38 }] })
    const row = fixture('sanctum.csv', () => secret, 'hex')
      .split('\n')
      .slice(0, 2)
      .join('\n')
    expect(await importText(keys, row, { from: 'sanctum', source: 'sanctum-old' })).toMatchObject({
      imported: 1,
    })
    expect(await keys.verify(secret)).toMatchObject({ ok: true })
  })
})

describe('keys of Unkey', () => {
  const jsonl = fixture('unkey.jsonl', () => 'acme_off0PoXs1DaYtRb7Lw', 'base64')

  it('go on working: those that are recoverable, and those whose hash is at hand', async () => {
    const keys = testKeys({ imported: [{ source: 'unkey', prefix: 'acme_', length: [20, 60] }] })
    const outcome = await importText(keys, jsonl, {
      from: 'unkey',
      defaults: { owner: { type: 'service', id: 'none' } },
    })
    expect(outcome).toMatchObject({ rows: 4, imported: 3, failed: 1 })
    expect(outcome.failures).toEqual([{ row: 4, line: 4, reason: 'hash: takes token or hash, one of them' }])
    expect(await keys.verify('acme_3ZHfq8LmT2vKxRb7Lw')).toMatchObject({ ok: true, owner: { id: 'none' } })
    expect(await keys.verify('acme_off0PoXs1DaYtRb7Lw')).toMatchObject({ code: 'KEY_DISABLED' })
    expect(await keys.lookup('acme_9QwePoXs1DaYtRb7Lw')).toMatchObject({
      name: 'full',
      start: 'acme_9Qwe',
      owner: { type: 'user', id: 'user_42' },
      permissions: ['reports:read', 'exports:run'],
      metadata: { plan: 'pro' },
      expiresAt: new Date(32472144000000),
      lastUsedAt: new Date(1735689600000),
      limits: { requests: { points: 100, per: '1m' } },
      credits: { balance: 5, refill: { amount: 1000, every: 'day', max: 1000 } },
      imported: { source: 'unkey', id: 'key_3cGKbMxRyIzhCxo1Idjz8q' },
    })
  })
})
