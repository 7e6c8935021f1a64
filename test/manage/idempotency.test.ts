import { randomUUID } from 'node:crypto'
import { SidekeyError, type Store } from 'sidekey'
import { actingBy, alice, bob, refusal, refusalCode, type TestKeys, testKeys } from '../support/keys.js'
import { overEveryStore } from '../support/stores.js'

overEveryStore('idempotency', store => {
  let keys: TestKeys
  beforeEach(() => {
    keys = testKeys({ store: store() })
  })
  afterEach(() => keys.close())
  /** The same keys in a process whose clock says `ms`. */
  const keysAt = (ms: number) => {
    const clock = Date.now
    Date.now = () => ms
    const later = testKeys({ store: store() })
    Date.now = clock
    return later
  }
  const input = { name: 'CI', permissions: ['reports:read'], metadata: { a: 1, b: 2 } } as const

  it('answers a repeat with the same record, without the token, and makes no second key', async () => {
    const idempotencyKey = randomUUID()
    const first = await keys.as(alice).create(input, { idempotencyKey })
    const again = await keys
      .as(alice)
      .create({ metadata: { b: 2, a: 1 }, permissions: ['reports:read'], name: 'CI' }, { idempotencyKey })
    expect(first).toMatchObject({ token: expect.stringMatching(/^acme_test_/) })
    expect(again).toEqual({ apiKey: first.apiKey, replayed: true })
    expect((await keys.list()).data).toHaveLength(1)
    expect((await keys.audit({ action: 'create' })).data).toHaveLength(1)
  })

  it('refuses the same key with another input', async () => {
    await keys.as(alice).create(input, { idempotencyKey: 'x' })
    expect(await refusalCode(keys.as(alice).create({ name: 'other' }, { idempotencyKey: 'x' }))).toBe(
      'IDEMPOTENCY_MISMATCH',
    )
    expect((await keys.list()).data).toHaveLength(1)
  })

  it('keeps actors apart', async () => {
    const made = []
    for (const face of [keys.as(alice), keys.as(bob)])
      made.push(await face.create(input, { idempotencyKey: 'x' }))
    made.push(await keys.create({ ...input, owner: { id: 'alice' } }, { idempotencyKey: 'x' }))
    expect(new Set(made.map(({ apiKey }) => apiKey.id)).size).toBe(3)
    for (const one of made) expect(one).toHaveProperty('token')
  })

  it('makes one key of many requests at once, in two processes', async () => {
    const other = testKeys({ store: store() })
    const answers = await Promise.allSettled(
      Array.from({ length: 20 }, (_, i) =>
        (i % 2 ? keys : other).as(alice).create(input, { idempotencyKey: 'race' }),
      ),
    )
    const tokens = answers.filter(answer => answer.status === 'fulfilled' && 'token' in answer.value)
    expect(tokens).toHaveLength(1)
    for (const answer of answers) {
      if (answer.status === 'rejected')
        expect(answer.reason).toMatchObject({ code: 'IDEMPOTENCY_IN_PROGRESS', retryAfter: 1 })
    }
    expect((await keys.list()).data).toHaveLength(1)
    await other.close()
  })

  it('goes on with what a process that died has begun, once', async () => {
    await new Promise<void>(reached => {
      const insert = () => {
        reached()
        return new Promise<boolean>(() => {}) // never: here it died
      }
      const dying = testKeys({ store: { ...store(), insert } })
      void dying.as(alice).create(input, { idempotencyKey: 'died' })
    })
    expect(await refusalCode(keys.as(alice).create(input, { idempotencyKey: 'died' }))).toBe(
      'IDEMPOTENCY_IN_PROGRESS',
    )
    const later = keysAt(Date.now() + 31_000)
    const answers = await Promise.all(
      [1, 2, 3].map(() => later.as(alice).create(input, { idempotencyKey: 'died' })),
    )
    expect(answers.filter(answer => 'token' in answer)).toHaveLength(1)
    expect(new Set(answers.map(({ apiKey }) => apiKey.id)).size).toBe(1)
    expect((await keys.list()).data).toHaveLength(1)
  })

  it('is answered with the record, also where that was made right after it was looked for', async () => {
    const real = store()
    let [goOn, reached] = [() => {}, () => {}]
    const slow = testKeys({
      store: {
        ...real,
        insert: async key => {
          reached()
          await new Promise<void>(resolve => {
            goOn = resolve
          })
          return real.insert(key)
        },
      },
    })
    const claimed = new Promise<void>(resolve => {
      reached = resolve
    })
    const first = slow.as(alice).create(input, { idempotencyKey: 'late' })
    await claimed
    const asking = testKeys({
      store: {
        ...real,
        events: async query => {
          goOn()
          await first
          return real.events(query)
        },
      },
    })
    const repeat = await asking.as(alice).create(input, { idempotencyKey: 'late' })
    expect(repeat).toMatchObject({ apiKey: { id: (await first).apiKey.id } })
    expect(repeat).not.toHaveProperty('token')
    await Promise.all([slow.close(), asking.close()])
  })

  it('lets what was refused be asked again', async () => {
    const bounded = testKeys({ store: store(), maxKeysPerOwner: 1 })
    const first = await bounded.as(alice).create({ name: 'first' })
    const again = () => bounded.as(alice).create(input, { idempotencyKey: 'x' })
    expect(await refusalCode(again())).toBe('KEY_LIMIT_REACHED')
    await bounded.revoke(first.apiKey.id)
    expect(await again()).toHaveProperty('token')
    await bounded.close()
  })

  it('never brings back what was deleted, purged or given away', async () => {
    for (const end of ['delete', 'purge'] as const) {
      const { apiKey } = await keys.as(alice).create(input, { idempotencyKey: end })
      await keys[end](apiKey.id)
      const later = keysAt(Date.now() + 60_000)
      expect(await refusalCode(later.as(alice).create(input, { idempotencyKey: end }))).toBe('CONFLICT')
    }
    const { apiKey } = await keys.as(alice).create(input, { idempotencyKey: 'transfer' })
    await keys.transfer(apiKey.id, { id: 'mallory' })
    expect(await refusalCode(keys.as(alice).create(input, { idempotencyKey: 'transfer' }))).toBe('CONFLICT')
    expect((await keys.list()).data).toHaveLength(1)
  })

  it('answers a key that may make others, but not read them, what it has made', async () => {
    const { token } = await keys.as(alice).create({ name: 'maker', permissions: ['api-keys:create'] })
    const byKey = await actingBy(keys, token)
    const first = await byKey.create({ name: 'child' }, { idempotencyKey: 'x' })
    expect(await byKey.create({ name: 'child' }, { idempotencyKey: 'x' })).toEqual({
      apiKey: first.apiKey,
      replayed: true,
    })
  })

  it('claims nothing where nothing was written: what fails before can be repeated at once', async () => {
    let away = true
    const claimSlot: Store['claimSlot'] = (...asked) =>
      away ? Promise.reject(new SidekeyError('STORE_UNAVAILABLE', 'Away.')) : store().claimSlot(...asked)
    const bounded = testKeys({ store: { ...store(), claimSlot }, maxKeysPerOwner: 5 })
    const ask = () => bounded.as(alice).create(input, { idempotencyKey: 'x' })
    expect(await refusalCode(ask())).toBe('STORE_UNAVAILABLE')
    away = false
    expect(await ask()).toHaveProperty('token')
  })

  it.each(['', ' ', 'a b', 'ü', 'x'.repeat(256), 'a\n', 42, null])(
    'refuses %j for an idempotency key',
    async key => {
      const options = { idempotencyKey: key as string } // whatever a caller without types gives
      const { errors } = await refusal(keys.as(alice).create(input, options))
      expect(errors).toEqual([{ path: 'idempotencyKey', message: expect.stringContaining('takes 1 to 255') }])
      expect((await keys.list()).data).toHaveLength(0)
    },
  )
})
