/** Keys of every kind that there is to be stored, as an app comes to have them. */
import { createHash, pbkdf2Sync } from 'node:crypto'
import bcrypt from 'bcrypt'
import { type ApiKeys, apiKeys, type CreateInput, type Store } from 'sidekey'
import type { GoldenToken } from './fixture.js'
import { goldenOptions } from './settings.js'

const alice = { id: 'alice' }
const READ = ['reports:read']

type Facts = Partial<Omit<GoldenToken, 'name' | 'token' | 'keyId'>>

/** Makes them all in a store that is empty, and tells of their tokens. */
export async function tellStory(real: Store): Promise<GoldenToken[]> {
  // Hashes stay as they were made, though their tokens are seen again.
  const store: Store = { ...real, rehash: async () => false }
  const tokens: GoldenToken[] = []
  const note = (name: string, token: string, keyId: string, facts: Facts = {}) =>
    void tokens.push({ name, token, keyId, owner: 'alice', code: null, permissions: READ, ...facts })

  const earlier = apiKeys(goldenOptions(store, 'earlier'))
  const old = await earlier.create({ name: 'old pepper', owner: alice, kind: 'peppered', permissions: READ })
  note('hmac-sha256, by a pepper that has been replaced', old.token, old.apiKey.id)
  await earlier.close()

  const keys = apiKeys(goldenOptions(store))
  const make = async (name: string, input: Partial<CreateInput> = {}, facts: Facts = {}) => {
    const { apiKey, token } = await keys.create({ name, owner: alice, permissions: READ, ...input })
    note(name, token, apiKey.id, facts)
    return { id: apiKey.id, token }
  }
  await make('sha256')
  await make('hmac-sha256', { kind: 'peppered' })
  await make('bcrypt', { kind: 'slow' })
  await make(
    'restricted',
    { restrictions: { ips: ['10.0.0.0/8', '2001:db8::/32'], origins: [] } },
    { ip: '10.1.2.3' },
  )
  await make(
    'publishable',
    { kind: 'publishable', restrictions: { ips: [], origins: ['https://app.example.com'] } },
    { origin: 'https://app.example.com' },
  )
  await make('all fields', {
    description: 'has all of them',
    organizationId: 'acme',
    roles: ['reader'],
    resources: ['project:42'],
    metadata: { team: 'a', nested: { list: [1, 'two', null] } },
    tags: ['ci', 'eu'],
    expiresAt: '2999-01-01T00:00:00Z',
    limits: { minute: { points: 60, per: '1m' }, day: { points: 1000, per: '1d' } },
  })
  await make('of an organisation', { owner: { type: 'organization', id: 'acme' } }, { owner: 'acme' })
  await make('scheduled', { notBefore: '2999-01-01T00:00:00Z' }, { code: 'KEY_NOT_YET_VALID' })
  await make('ended', { expiresIn: '1ms' }, { code: 'KEY_EXPIRED' })
  await make('ends unused', { expiresAfterIdle: '365d' })
  const named = { name: 'idempotent', owner: alice, permissions: READ }
  const once = await keys.create(named, { idempotencyKey: 'golden-1' })
  if ('token' in once) note('made by an idempotent call', once.token, once.apiKey.id)

  await changed(keys, make, note)
  await paid(keys, make)
  await imported(keys, note)
  for (const { token, ip, origin } of tokens)
    await keys.verify(token, { ...(ip && { ip }), ...(origin && { origin }) })
  await keys
    .as({ id: 'mallory' })
    .get(tokens[0]?.keyId ?? '')
    .catch(() => null)
  await keys
    .as({ id: 'mallory' })
    .revoke(tokens[0]?.keyId ?? '')
    .catch(() => null)
  await keys.close()
  await leaveUntold(store, tokens.find(({ name }) => name === 'sha256')?.keyId ?? '')
  return tokens
}

type Make = (
  name: string,
  input?: Partial<CreateInput>,
  facts?: Facts,
) => Promise<{ id: string; token: string }>
type Note = (name: string, token: string, keyId: string, facts?: Facts) => void

/** What management does to keys. */
async function changed(keys: ApiKeys, make: Make, note: Note): Promise<void> {
  const rotated = await make('rotated twice, the first token')
  const second = await keys.rotate(rotated.id, { grace: '7d' })
  note('rotated twice, the second token', second.token, rotated.id)
  const third = await keys.rotate(rotated.id, { grace: '7d' })
  note('rotated twice, the third token', third.token, rotated.id)
  const cut = await make('rotated at once, the first token', {}, { code: 'KEY_INVALID' })
  note('rotated at once', (await keys.rotate(cut.id, { grace: '0s' })).token, cut.id)
  const slow = await make('bcrypt, rotated, the first token', { kind: 'slow' })
  note('bcrypt, rotated', (await keys.rotate(slow.id, { grace: '7d' })).token, slow.id)

  const updated = await make('updated')
  await keys.update(updated.id, { name: 'renamed', tags: ['new'] })
  const given = await make('given away', {}, { owner: 'bob' })
  await keys.transfer(given.id, { id: 'bob' })
  const disabled = await make('disabled', {}, { code: 'KEY_DISABLED' })
  await keys.update(disabled.id, { enabled: false })
  const revoked = await make('revoked', {}, { code: 'KEY_REVOKED' })
  await keys.revoke(revoked.id, { reason: 'leaked' })
  const deleted = await make('deleted', {}, { code: 'KEY_INVALID' })
  await keys.delete(deleted.id)
  const restored = await make('restored')
  await keys.delete(restored.id)
  await keys.restore(restored.id)
  const purged = await make('purged', {}, { code: 'KEY_INVALID' })
  await keys.purge(purged.id)
}

async function paid(keys: ApiKeys, make: Make): Promise<void> {
  const plain = await make('credits', { credits: { balance: 100 } }, { balance: 111 })
  await keys.credits.add(plain.id, 10, { reason: 'order 4711' })
  await keys.credits.refund(plain.id, 2, { ref: 'request-1' })
  await make(
    'credits that come back',
    { credits: { balance: 500, refill: { amount: 5, every: 'day', max: 1000 } } },
    { balance: 499, refills: true },
  )
}

/** Tokens of other systems, by each hash that there is. */
async function imported(keys: ApiKeys, note: Note): Promise<void> {
  const secret = 'Zk3vT9qLw0xR7bNcGhQe8uJmPoXs1Da4'
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
  const sha512 = (text: string) => createHash('sha512').update(text).digest('base64')
  const derived = pbkdf2Sync(`dj1.${secret}`, 'salt', 1000, 32, 'sha256').toString('base64')
  const rows = [
    {
      source: 'sanctum',
      id: '7',
      token: `7|${secret}`,
      hash: { algorithm: 'sha256', value: sha256(secret) },
    },
    {
      source: 'digest',
      token: `dig_${secret}`,
      hash: { algorithm: 'sha256', value: sha256(`dig_${secret}`) },
    },
    { source: 'sha512', token: `long_${secret}`, hash: { algorithm: 'sha512', value: sha512(secret) } },
    { source: 'django', id: 'dj1', token: `dj1.${secret}`, hash: `pbkdf2_sha256$1000$salt$${derived}` },
    { source: 'bcrypt', id: 'b1', token: `b1:${secret}`, hash: await bcrypt.hash(secret, 10) },
    { source: 'bcrypt-whole', id: 'b2', token: `b2~${secret}`, hash: await bcrypt.hash(`b2~${secret}`, 10) },
  ] as const
  for (const { token, ...row } of rows) {
    const { failed } = await keys.import([{ ...row, owner: alice, permissions: ['reports:read'] }])
    if (failed[0] !== undefined) throw new Error(`${row.source}: ${failed[0].reason}`)
    const apiKey = await keys.lookup(token)
    note(`imported, ${row.source}`, token, apiKey?.id ?? '')
  }
}

/** As a process leaves a record that dies right after a change: the audit has not been told of it. */
async function leaveUntold(store: Store, id: string): Promise<void> {
  const dies = { appendEvents: async () => [], clearOutboxes: async () => {} }
  const keys = apiKeys(goldenOptions({ ...store, ...dies }))
  await keys.update(id, { description: 'not told to the audit' })
  await keys.close()
}
