import { revokeChosen } from '../../../ui/views/admin/revoke-chosen.js'
import { alice, carol, root, type TestKeys, testKeys } from '../../support/keys.js'
import { clientOf } from './client.js'

async function make(keys: TestKeys, count: number, organizationId?: string) {
  const made = []
  for (let i = 0; i < count; i++) {
    const input = { owner: { id: 'alice' }, name: `key ${i}`, ...(organizationId && { organizationId }) }
    made.push((await keys.create(input)).apiKey.id)
  }
  return made
}

const quietly = () => ({ reason: '', onProgress: () => {}, signal: new AbortController().signal })

describe('revoking keys that were chosen', () => {
  it('ends each of them, in parts, with the reason', async () => {
    const keys = testKeys()
    const ids = await make(keys, 120)
    const { client, asked } = clientOf(keys, root)
    const chosen = await Promise.all(ids.map(id => client.get(id)))
    const told: number[] = []
    const result = await revokeChosen(
      client,
      chosen.flatMap(key => key ?? []),
      { ...quietly(), reason: '  found in a log ', onProgress: done => told.push(done) },
    )
    expect(result).toEqual({ revoked: 120, left: [] })
    expect(told).toEqual([50, 100, 120])
    expect(asked.filter(path => path === 'POST /revoke')).toHaveLength(3)
    for (const id of ids) expect((await keys.get(id))?.revoked?.reason).toBe('found in a log')
  })

  it('tells which are left, where the viewer may not revoke them', async () => {
    const keys = testKeys({
      authorize: (_actor, action, key) => (action === 'revoke' && key.name === 'key 1' ? 'deny' : undefined),
    })
    await make(keys, 3, 'acme')
    const { client } = clientOf(keys, carol)
    const { data } = await client.list({ organizationId: 'acme' })
    const { revoked, left } = await revokeChosen(client, data, quietly())
    expect(revoked).toBe(2)
    expect(left.map(({ name }) => name)).toEqual(['key 1'])
  })

  it('takes one that is revoked already, or deleted by now, for no failure', async () => {
    const keys = testKeys()
    const [first = '', second = ''] = await make(keys, 3)
    const { client } = clientOf(keys, alice)
    const { data } = await client.list()
    await keys.revoke(first)
    await keys.delete(second)
    // The deleted one is ended too: its owner could restore it.
    expect(await revokeChosen(client, data, quietly())).toEqual({ revoked: 2, left: [] })
  })

  it('stops when it is told to, and what is done stays done', async () => {
    const keys = testKeys()
    await make(keys, 80)
    const { client } = clientOf(keys, root)
    const { data } = await client.list({ all: true, limit: 80 })
    const control = new AbortController()
    const stopped = revokeChosen(client, data, {
      reason: '',
      onProgress: () => control.abort(),
      signal: control.signal,
    })
    await expect(stopped).rejects.toThrow(/abort/i)
    expect((await client.list({ all: true, status: 'revoked', limit: 100 })).data).toHaveLength(50)
  })
})
