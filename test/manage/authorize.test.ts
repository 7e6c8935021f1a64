import type { Action, ApiKey, Decision, RequestActor } from 'sidekey'
import { alice, bob, refusalCode, root, testKeys } from '../support/keys.js'

describe('authorize', () => {
  it('is told who asks, for what, of which key, with the request, and what the table says', async () => {
    const asked: {
      actor: RequestActor
      action: Action
      apiKey: ApiKey
      request: unknown
      decision: string
    }[] = []
    const keys = testKeys({
      authorize: (actor, action, apiKey, request, decision) => {
        asked.push({ actor, action, apiKey, request, decision })
        return undefined
      },
    })
    const request = { headers: {} }
    const { id } = (await keys.as(alice, request).create({ name: 'k' })).apiKey
    expect(asked[0]).toMatchObject({ action: 'create', request, decision: 'allow' })
    expect(asked[0]?.actor).toMatchObject({ via: 'session', id: 'alice', admin: false })
    await refusalCode(keys.as(bob).revoke(id))
    expect(asked.at(-1)).toMatchObject({ actor: { id: 'bob' }, apiKey: { id }, decision: 'deny' })
    expect(JSON.stringify(asked)).not.toContain('$sha256$')
  })

  it('narrows the table, and widens it for a session', async () => {
    let answer: Decision | undefined = 'deny'
    const keys = testKeys({ authorize: () => answer })
    expect(await refusalCode(keys.as(alice).create({ name: 'k' }))).toBe('FORBIDDEN')
    answer = undefined
    const { id } = (await keys.as(alice).create({ name: 'k' })).apiKey
    answer = 'deny'
    expect(await refusalCode(keys.as(root).revoke(id))).toBe('NOT_FOUND')
    expect((await keys.as(alice).list()).data).toEqual([])
    answer = 'allow'
    expect(await keys.as(bob).revoke(id)).toMatchObject({ revoked: { by: 'bob' } })
  })

  it('asks for a fresh login of those alone whom it would help', async () => {
    const keys = testKeys({ authorize: (_, action) => (action === 'rotate' ? 'reauthenticate' : undefined) })
    const { id } = (await keys.as(alice).create({ name: 'k' })).apiKey
    expect(await refusalCode(keys.as(alice).rotate(id))).toBe('REAUTHENTICATION_REQUIRED')
    expect(await refusalCode(keys.as(bob).rotate(id))).toBe('NOT_FOUND')
    expect(await refusalCode(keys.as(root).rotate(id))).toBe('FORBIDDEN')
    expect(await keys.get(id)).toMatchObject({ version: 1 })
  })

  it('asks for a fresh login before a key is made', async () => {
    const keys = testKeys({ authorize: () => 'reauthenticate' })
    expect(await refusalCode(keys.as(alice).create({ name: 'k' }))).toBe('REAUTHENTICATION_REQUIRED')
    expect((await keys.list()).data).toEqual([])
  })

  it('tells nobody of a key that they may not see, also where it asks everybody for a fresh login', async () => {
    const keys = testKeys({ authorize: () => 'reauthenticate' })
    const { id } = (await keys.create({ name: 'k', owner: { id: 'alice' } })).apiKey
    expect(await refusalCode(keys.as(bob).revoke(id))).toBe('NOT_FOUND')
    expect(await keys.as(bob).get(id)).toBeNull()
  })

  it('is asked once about a key that is to be read, and not again where it refuses', async () => {
    const asked: Action[] = []
    const keys = testKeys({
      authorize: (_, action) => {
        asked.push(action)
        return 'deny'
      },
    })
    const { id } = (await keys.create({ name: 'k', owner: { id: 'alice' } })).apiKey
    expect(await keys.as(alice).get(id)).toBeNull()
    expect(asked).toEqual(['read'])
  })

  it('is told to the logger, once, where it answers what is no answer, and only then', async () => {
    const told: unknown[][] = []
    let answer: unknown = 'deny'
    const keys = testKeys({
      authorize: () => answer as Decision, // as a careless app would
      logger: { warn: (...args) => void told.push(args), error: () => {} },
    })
    const make = () => refusalCode(keys.as(alice).create({ name: 'k' }))
    for (answer of ['deny', 'reauthenticate']) await make()
    expect(told).toEqual([])
    answer = true
    expect(await make()).toBe('FORBIDDEN')
    expect(await make()).toBe('FORBIDDEN')
    expect(told).toEqual([
      [
        { option: 'authorize', help: 'docs/warnings.md#malformed-answer' },
        'authorize must answer "allow", "deny", "reauthenticate" or undefined; anything else refuses',
      ],
    ])
    const { id } = (await keys.create({ name: 'k', owner: { id: 'alice' } })).apiKey
    expect(await refusalCode(keys.as(alice).revoke(id))).toBe('NOT_FOUND')
  })

  it('is not asked by server code', async () => {
    const keys = testKeys({ authorize: () => 'deny' })
    const { id } = (await keys.create({ name: 'k', owner: { id: 'alice' } })).apiKey
    expect(await keys.revoke(id)).toMatchObject({ revoked: { by: null } })
  })

  it('lets nothing through when it throws', async () => {
    const keys = testKeys({ authorize: () => Promise.reject(new Error('the policy service is away')) })
    await expect(keys.as(alice).create({ name: 'k' })).rejects.toThrow('policy service')
    expect((await keys.list()).data).toEqual([])
  })
})
