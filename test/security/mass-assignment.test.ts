/** Fields of a record that are not of the input: refused where a key is made and where it is changed, whoever asks. */
import { memoryStore } from 'sidekey'
import { keyHandler } from 'sidekey/fetch'
import type { StoredKey } from '../../src/key/record.js'
import { alice, deputy, type TestUser, testKeys } from '../support/keys.js'

/** What docs/rest.md says that they take. */
const OF_CREATE = [
  'name owner kind description organizationId permissions roles resources metadata tags restrictions limits',
  'expiresIn expiresAt expiresAfterIdle notBefore credits',
]
  .join(' ')
  .split(' ')
const OF_UPDATE = [...OF_CREATE.filter(name => name !== 'owner' && name !== 'kind'), 'enabled']

async function world() {
  const stored: StoredKey[] = []
  const inner = memoryStore()
  const store = {
    ...inner,
    insert: (key: StoredKey) => {
      stored.push(key)
      return inner.insert(key)
    },
  }
  const keys = testKeys({ store })
  const { apiKey } = await keys.create({ name: 'mine', owner: { id: 'alice' }, credits: { balance: 1 } })
  const handler = keyHandler(keys, { path: '/api-keys' })
  const send = (user: TestUser, method: string, path: string, body: object) =>
    handler(
      new Request(`https://app.example.com/api-keys${path}`, {
        method,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
      { user },
    )
  const shown = await keys.get(apiKey.id)
  const fields = new Set([...Object.keys(shown ?? {}), ...Object.keys(stored[0] ?? {})])
  return { keys, apiKey, send, fields: [...fields], record: { ...stored[0], ...shown } as object }
}

describe.each([
  ['an owner', alice],
  ['an admin who may do everything', deputy],
] as const)('a field of the record that is not taken, from %s', (_, user) => {
  it('is refused where a key is made', async () => {
    const { keys, send, fields, record } = await world()
    const others = fields.filter(name => !OF_CREATE.includes(name))
    expect(others).toEqual(
      expect.arrayContaining(['id', 'hash', 'createdBy', 'parentId', 'outbox', 'version']),
    )
    for (const name of others) {
      const answer = await send(user, 'POST', '', { name: 'new', [name]: Reflect.get(record, name) ?? 'x' })
      expect([name, answer.status]).toEqual([name, 400])
      expect(await answer.text()).toContain(`"path":"${name}"`)
    }
    expect((await keys.list()).data).toHaveLength(1)
  })

  it('is refused where a key is changed', async () => {
    const { keys, apiKey, send, fields, record } = await world()
    const others = fields.filter(name => !OF_UPDATE.includes(name))
    expect(others).toEqual(
      expect.arrayContaining(['owner', 'kind', 'status', 'revoked', 'lastUsedAt', 'deleted']),
    )
    for (const name of others) {
      const answer = await send(user, 'PATCH', `/${apiKey.id}`, {
        name: 'changed',
        [name]: Reflect.get(record, name) ?? 'x',
      })
      expect([name, answer.status]).toEqual([name, 400])
    }
    expect(await keys.get(apiKey.id)).toMatchObject({ name: 'mine', version: 1 })
  })

  it.each<object>([
    { owner: { type: 'user', id: 'alice', admin: true } },
    { restrictions: { ips: [], origins: [], none: true } },
    { credits: { balance: 1, spent: -5 } },
    { credits: { balance: 1, refill: { amount: 1, every: 'day', at: 'now' } } },
    { limits: { requests: { points: 1, per: '1m', used: 0 } } },
  ])('is refused within another: %j', async part => {
    const { keys, send } = await world()
    const answer = await send(user, 'POST', '', { name: 'new', ...part })
    expect(answer.status).toBe(400)
    expect((await keys.list()).data).toHaveLength(1)
  })
})

it.each(['limits', 'credits'])(
  'is for admins alone, though a record has it and input takes it: %s',
  async name => {
    const { keys, apiKey, send } = await world()
    const value = name === 'limits' ? { requests: { points: 1, per: '1m' } } : { balance: 1_000 }
    const changed = name === 'limits' ? value : { refill: { amount: 5, every: 'day' } }
    expect((await send(alice, 'POST', '', { name: 'new', [name]: value })).status).toBe(403)
    expect((await send(alice, 'PATCH', `/${apiKey.id}`, { [name]: changed })).status).toBe(403)
    expect((await keys.list()).data).toMatchObject([{ version: 1 }])
    expect((await send(deputy, 'PATCH', `/${apiKey.id}`, { [name]: changed })).status).toBe(200)
  },
)
