/** Limits of keys, by what verification answers: over every store. */
import type { Accepted, Verification } from 'sidekey'
import { actingBy, alice, carol, root, type TestKeys, testKeys } from '../support/keys.js'
import { overEveryStore } from '../support/stores.js'
import { makingWith } from './support.js'

const HOUR = { per: '24d' } as const // no window ends while a test runs

/** What each of these verifications came to: `ok`, or the code. */
async function outcomes(all: readonly Promise<Verification>[]): Promise<string[]> {
  return (await Promise.all(all)).map(one => (one.ok ? 'ok' : one.code))
}

/** The code that a promise rejects with, if it does. */
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    error => error.code,
  )

function remaining(verification: Verification): Record<string, number> {
  return Object.fromEntries(
    Object.entries(verification.limits ?? {}).map(([name, state]) => [name, state.remaining]),
  )
}

overEveryStore('Limits', store => {
  let keys: TestKeys
  beforeEach(() => {
    keys = testKeys({ store: store() })
  })
  const make = makingWith(() => keys)
  const points = (points: number, more: object = {}) => ({ points, ...HOUR, ...more })

  it('lets as many requests in as there are points, and refuses the next with what is left', async () => {
    const { token } = await make({ limits: { requests: points(3) } })
    const all = await outcomes(Array.from({ length: 5 }, () => keys.verify(token)))
    expect(all.sort()).toEqual(['RATE_LIMITED', 'RATE_LIMITED', 'ok', 'ok', 'ok'])
    const refused = await keys.verify(token)
    expect(refused).toMatchObject({ ok: false, code: 'RATE_LIMITED', status: 429 })
    expect(remaining(refused)).toEqual({ requests: 0 })
    if (refused.ok) throw new Error('accepted')
    const { resetsAt } = refused.limits?.requests ?? {}
    expect(refused.retryAfter).toBeGreaterThan(0)
    expect((resetsAt?.getTime() ?? 0) % (24 * 86_400_000)).toBe(0)
  })

  it('draws the cost, and nothing for a cost of 0 or more than there is', async () => {
    const { token } = await make({ limits: { requests: points(10) } })
    expect(remaining(await keys.verify(token, { cost: 7 }))).toEqual({ requests: 3 })
    expect(await keys.verify(token, { cost: 4 })).toMatchObject({ code: 'RATE_LIMITED' })
    expect(await keys.verify(token, { cost: 11 })).toMatchObject({ code: 'RATE_LIMITED' })
    expect(remaining(await keys.verify(token, { cost: 0 }))).toEqual({ requests: 3 })
    expect(remaining(await keys.verify(token, { cost: 3 }))).toEqual({ requests: 0 })
  })

  it('draws on the named limit, and one point on requests beside it', async () => {
    const { token } = await make({ limits: { requests: points(10), exports: points(5) } })
    expect(remaining(await keys.verify(token))).toEqual({ requests: 9 })
    expect(remaining(await keys.verify(token, { limit: 'exports', cost: 2 }))).toEqual({
      requests: 8,
      exports: 3,
    })
    expect(remaining(await keys.verify(token, { limit: ['exports', 'requests'], cost: 2 }))).toEqual({
      requests: 6,
      exports: 1,
    })
    expect(remaining(await keys.verify(token, { limit: 'others' }))).toEqual({ requests: 5 })
  })

  it('draws on all that there are where none is called requests', async () => {
    const { token } = await make({ limits: { burst: points(2), daily: points(3) } })
    expect(remaining(await keys.verify(token))).toEqual({ burst: 1, daily: 2 })
  })

  it('tells of a limit whatever it is called', async () => {
    const { token } = await make({ limits: { valueOf: points(1) } })
    for (const isIn of [true, false]) {
      const { ok, limits } = await keys.verify(token)
      expect([ok, Object.keys(limits ?? {})]).toEqual([isIn, ['valueOf']])
    }
  })

  it('takes of all limits or of none', async () => {
    const { token } = await make({ limits: { a: points(1), b: points(5), c: points(9) } })
    expect(await outcomes([keys.verify(token)])).toEqual(['ok'])
    expect(await outcomes([keys.verify(token), keys.verify(token)])).toEqual(['RATE_LIMITED', 'RATE_LIMITED'])
    expect(remaining(await keys.verify(token, { limit: ['b', 'c'], cost: 4 }))).toEqual({ b: 0, c: 4 })
  })

  it('is told to nobody without the secret, and counts nothing that is refused for anything else', async () => {
    const { token } = await make({ limits: { requests: points(1) } })
    const { token: other } = await make({})
    const wrong = `${token.slice(0, -49)}${other.slice(-49)}`
    expect(await outcomes([keys.verify(wrong), keys.verify(token, { permissions: 'exports:run' })])).toEqual([
      'KEY_INVALID',
      'INSUFFICIENT_PERMISSIONS',
    ])
    expect(await outcomes([keys.verify(token)])).toEqual(['ok'])
    expect(await outcomes([keys.verify(wrong), keys.verify(token)])).toEqual(['KEY_INVALID', 'RATE_LIMITED'])
  })

  it('is shared by the keys of an owner, and of an organisation', async () => {
    const owners = { limits: { requests: points(3, { by: 'owner' }) } }
    const [first, second] = [await make(owners), await make(owners)]
    const elsewhere = await make({ ...owners, owner: { id: 'bob' } })
    const many = [first, second, first, second].map(({ token }) => keys.verify(token))
    expect((await outcomes(many)).filter(one => one === 'ok')).toHaveLength(3)
    expect(await outcomes([keys.verify(elsewhere.token)])).toEqual(['ok'])

    const acmes = { organizationId: 'acme', limits: { requests: points(2, { by: 'organization' }) } }
    const inAcme = [await make(acmes), await make({ ...acmes, owner: { id: 'bob' } }), await make(acmes)]
    const found = await outcomes(inAcme.map(({ token }) => keys.verify(token)))
    expect(found.filter(one => one === 'ok')).toHaveLength(2)
  })

  it('of a key that made another holds both', async () => {
    const parent = await make({ permissions: ['reports:*', 'api-keys:*'], limits: { requests: points(3) } })
    const child = await (await actingBy(keys, parent.token)).create({
      name: 'c',
      permissions: ['reports:read'],
    })
    // Its own request, above, was one.
    expect(await outcomes([keys.verify(child.token)])).toEqual(['ok'])
    expect(await outcomes([keys.verify(parent.token)])).toEqual(['ok'])
    expect(await outcomes([keys.verify(child.token), keys.verify(parent.token)])).toEqual([
      'RATE_LIMITED',
      'RATE_LIMITED',
    ])
    await keys.update(parent.apiKey.id, { limits: {} })
    expect(await outcomes([keys.verify(child.token)])).toEqual(['ok'])
  })

  it('that a key shares with the one that made it is drawn on once', async () => {
    const kinds = { secret: { limits: { requests: points(5, { by: 'owner' }) } } }
    const shared = testKeys({ kinds })
    const parent = await shared.create({
      name: 'p',
      owner: { id: 'alice' },
      permissions: ['reports:*', 'api-keys:*'],
    })
    const by = await actingBy(shared, parent.token)
    const child = await by.create({ name: 'c', permissions: ['reports:read'] })
    expect(remaining(await shared.verify(child.token))).toEqual({ requests: 3 })
  })

  it('holds as it was changed, at once', async () => {
    const { token, apiKey } = await make({ limits: { requests: points(1) } })
    expect(await outcomes([keys.verify(token)])).toEqual(['ok'])
    expect(await outcomes([keys.verify(token)])).toEqual(['RATE_LIMITED'])
    await keys.update(apiKey.id, { limits: { requests: points(3) } })
    expect(await keys.get(apiKey.id)).toMatchObject({ limits: { requests: points(3) } })
    expect(await outcomes([keys.verify(token)])).toEqual(['ok'])
    await keys.update(apiKey.id, { limits: {} })
    const free = (await keys.verify(token)) as Accepted
    expect(free.limits).toEqual({})
  })

  it('begins anew with each window', async () => {
    const { token } = await make({ limits: { requests: { points: 1, per: '1s' } } })
    const deadline = Date.now() + 10_000
    let [ok, refused] = [0, 0]
    while (ok < 3 && Date.now() < deadline) {
      if ((await keys.verify(token)).ok) ok++
      else refused++
      await new Promise(resolve => setTimeout(resolve, 50))
    }
    expect(ok).toBe(3)
    expect(refused).toBeGreaterThan(3)
  })
})

describe('Limits of a kind', () => {
  const kinds = { secret: { limits: { requests: { points: 2, ...HOUR }, exports: { points: 1, ...HOUR } } } }

  it('hold its keys, but where they have one of that name themselves', async () => {
    const keys = testKeys({ kinds })
    const owner = { id: 'alice' }
    const plain = await keys.create({ name: 'k', owner })
    const wider = await keys.create({ name: 'k', owner, limits: { requests: { points: 4, ...HOUR } } })
    expect(remaining(await keys.verify(plain.token, { limit: 'exports' }))).toEqual({
      requests: 1,
      exports: 0,
    })
    expect(remaining(await keys.verify(wider.token, { limit: 'exports' }))).toEqual({
      requests: 3,
      exports: 0,
    })
  })

  it('are told to whoever makes keys', async () => {
    const { kinds: told } = await testKeys({ kinds }).as(alice).config()
    expect(told).toMatchObject([{ limits: kinds.secret.limits }])
  })
})

describe('Who may set limits', () => {
  const limits = { requests: { points: 5, ...HOUR } }
  it.each([
    ['an owner', alice, 'FORBIDDEN'],
    ["an organisation's admin", carol, 'FORBIDDEN'],
    ['an admin', root, undefined],
  ] as const)('%s: %s', async (_who, user, code) => {
    const keys = testKeys()
    const input = {
      name: 'k',
      limits,
      ...(user === carol && { owner: { type: 'organization', id: 'acme' } }),
    }
    const made = keys.as(user).create(input)
    expect(await codeOf(made)).toBe(code)
    const { apiKey } = await keys.create({ name: 'k', owner: input.owner ?? { id: user.id } })
    const changed = keys.as(user).update(apiKey.id, { limits })
    expect(await codeOf(changed)).toBe(code)
    expect((await keys.get(apiKey.id))?.limits).toEqual(code === undefined ? limits : {})
  })

  it('not a key, nor may it act on one that is held to less', async () => {
    const keys = testKeys()
    const make = (more: object) =>
      keys.create({ name: 'k', owner: { id: 'alice' }, permissions: ['reports:read'], ...more })
    const acting = await make({ permissions: ['reports:*', 'api-keys:*'], limits })
    const by = await actingBy(keys, acting.token)
    expect(await codeOf(by.create({ name: 'c', limits }))).toBe('FORBIDDEN')
    const free = await make({})
    const narrower = await make({ limits: { requests: { points: 4, ...HOUR } } })
    const wider = await make({ limits: { requests: { points: 6, ...HOUR } } })
    expect(await codeOf(by.update(free.apiKey.id, { name: 'n' }))).toBe('NOT_FOUND')
    expect(await codeOf(by.update(wider.apiKey.id, { name: 'n' }))).toBe('NOT_FOUND')
    expect(await codeOf(by.update(narrower.apiKey.id, { name: 'n' }))).toBeUndefined()
  })
})

it.each([
  [{ limit: '' }, 'limit'],
  [{ limit: [] }, 'limit'],
  [{ limit: 7 }, 'limit'],
  [{ cost: -1 }, 'cost'],
  [{ cost: 1.5 }, 'cost'],
  [{ cost: Number.NaN }, 'cost'],
  [{ cost: '1' }, 'cost'],
])('verify refuses %j, naming the field', async (request, path) => {
  const keys = testKeys()
  await expect(keys.verify('x', request as object)).rejects.toMatchObject({
    code: 'INVALID_INPUT',
    errors: [{ path }],
  })
})
