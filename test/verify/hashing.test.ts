/** Hashes side by side, renewed when they are used; and a pepper that is rotated without downtime. */
import { memoryStore, type Store } from 'sidekey'
import { FIXTURE, FIXTURE_HASHES, FIXTURE_PEPPER } from '../key/fixture.js'
import { testKeys } from '../support/keys.js'
import { edit, forged, keyFor, outcome, recordIn, settled, until, watchedStore } from './support.js'

const PEPPER = 'the first pepper, of 32 bytes or more'
const NEXT_PEPPER = 'the second pepper, of 32 bytes or more'
const HASHED = { sha256: /^\$sha256\$/, 'hmac-sha256': /^\$hmac-sha256\$k=/, bcrypt: /^\$2b\$10\$/ } as const
const ALGORITHMS = ['sha256', 'hmac-sha256', 'bcrypt'] as const

function keysWith(store: Store, hash: (typeof ALGORITHMS)[number]) {
  return testKeys({ store, hash, pepper: { current: PEPPER }, bcryptCost: 10 })
}

describe('hashes of every algorithm', () => {
  it.each(ALGORITHMS)('live side by side in one store, all accepted under %s', async current => {
    const store = memoryStore()
    const made = []
    for (const algorithm of ALGORITHMS) made.push(await keyFor(keysWith(store, algorithm)))
    const kept = await Promise.all(made.map(one => recordIn(store, one.apiKey.id)))
    for (const [i, algorithm] of ALGORITHMS.entries()) expect(kept[i]?.hash).toMatch(HASHED[algorithm])

    const keys = keysWith(store, current)
    for (const { apiKey, token } of made) {
      expect(await keys.verify(token)).toMatchObject({ ok: true, apiKey: { id: apiKey.id } })
      expect(outcome(await keys.verify(forged(token)))).toBe('KEY_INVALID')
    }
  })

  it.each(Object.entries(FIXTURE_HASHES))(
    'still open a key that an earlier release kept: %s',
    async (_, hash) => {
      const store = memoryStore()
      const keys = testKeys({ store, pepper: { current: PEPPER, previous: [FIXTURE_PEPPER] } })
      const { apiKey } = await keyFor(keys)
      await store.insert({ ...(await recordIn(store, apiKey.id)), id: FIXTURE.id, hash })
      expect(outcome(await keys.verify(FIXTURE.token))).toBe('ok')
    },
  )

  it('are hmac where a pepper is given and no algorithm, and sha256 without one', async () => {
    const store = memoryStore()
    const plain = await keyFor(testKeys({ store }))
    const peppered = await keyFor(testKeys({ store, pepper: { current: PEPPER } }))
    expect((await recordIn(store, plain.apiKey.id)).hash).toMatch(HASHED.sha256)
    expect((await recordIn(store, peppered.apiKey.id)).hash).toMatch(HASHED['hmac-sha256'])
  })

  it('may be of one algorithm for one kind and of another for the next', async () => {
    const store = memoryStore()
    const keys = testKeys({ store, bcryptCost: 10, kinds: { secret: {}, slow: { hash: 'bcrypt' } } })
    const slow = await keyFor(keys, { kind: 'slow' })
    const fast = await keyFor(keys)
    expect((await recordIn(store, slow.apiKey.id)).hash).toMatch(HASHED.bcrypt)
    expect((await recordIn(store, fast.apiKey.id)).hash).toMatch(HASHED.sha256)
    expect(outcome(await keys.verify(slow.token))).toBe('ok')
    expect(outcome(await keys.verify(fast.token))).toBe('ok')
  })

  it.each(['', 'plain', '$argon2id$v=19$m=65536$c2FsdA$aGFzaA', '$hmac-sha256$k=00000000$AAAA'])(
    'that nobody knows accept nothing: %j',
    async hash => {
      const store = memoryStore()
      const keys = keysWith(store, 'sha256')
      const { apiKey, token } = await keyFor(keys)
      await edit(store, apiKey.id, { hash })
      expect(outcome(await keys.verify(token))).toBe('KEY_INVALID')
    },
  )

  it('are never the token itself', async () => {
    const store = memoryStore()
    const keys = testKeys({ store })
    const { apiKey, token } = await keyFor(keys)
    await edit(store, apiKey.id, { hash: token })
    expect(outcome(await keys.verify(token))).toBe('KEY_INVALID')
  })
})

describe('a hash of yesterday is renewed when its key is used', () => {
  const CHANGES = ALGORITHMS.flatMap(from => ALGORITHMS.filter(to => to !== from).map(to => ({ from, to })))

  it.each(CHANGES)('from $from to $to, and nothing else about the record changes', async ({ from, to }) => {
    const store = watchedStore()
    const { apiKey, token } = await keyFor(keysWith(store, from))
    const before = await recordIn(store, apiKey.id)

    const keys = keysWith(store, to)
    expect(outcome(await keys.verify(token))).toBe('ok')
    await until(() => store.renewals.length > 0)

    const after = await recordIn(store, apiKey.id)
    expect(after.hash).toMatch(HASHED[to])
    expect(after).toEqual({ ...before, hash: after.hash })
    expect(after.version).toBe(1)
    expect(outcome(await keys.verify(token))).toBe('ok')
    await settled()
    expect(store.renewals).toEqual([true])
  })

  it('from bcrypt to bcrypt of a higher cost', async () => {
    const store = watchedStore()
    const { apiKey, token } = await keyFor(keysWith(store, 'bcrypt'))
    await testKeys({ store, hash: 'bcrypt', bcryptCost: 11 }).verify(token)
    await until(() => store.renewals.length > 0)
    expect((await recordIn(store, apiKey.id)).hash).toMatch(/^\$2b\$11\$/)
  })

  it('by one attempt, however many use it at once', async () => {
    let attempts = 0
    let letGo = () => {}
    const gate = new Promise<void>(resolve => {
      letGo = resolve
    })
    const store = watchedStore(() => {
      attempts++
      return gate
    })
    const { token } = await keyFor(keysWith(store, 'sha256'))
    const keys = keysWith(store, 'hmac-sha256')
    const answers = await Promise.all(Array.from({ length: 50 }, () => keys.verify(token)))
    expect(answers.map(outcome)).toEqual(answers.map(() => 'ok'))
    await settled()
    expect(attempts).toBe(1)
    letGo()
    await until(() => store.renewals.length > 0)
    expect(store.renewals).toEqual([true])
  })

  it('but not where the key was rotated in between: the new token stays', async () => {
    let rotated = ''
    const store = watchedStore(async () => {
      rotated = (await today.rotate(apiKey.id, { grace: '1h' })).token
    })
    const today = keysWith(store, 'hmac-sha256')
    const { apiKey, token } = await keyFor(keysWith(store, 'sha256'))

    expect(outcome(await today.verify(token))).toBe('ok')
    await until(() => store.renewals.length > 0)
    expect(store.renewals).toEqual([false])
    expect(outcome(await today.verify(rotated))).toBe('ok')
    expect(outcome(await today.verify(token))).toBe('ok')
    expect((await recordIn(store, apiKey.id)).version).toBe(2)
  })

  it('but not where the key is refused, or the secret is wrong', async () => {
    const store = watchedStore()
    const { apiKey, token } = await keyFor(keysWith(store, 'sha256'))
    const keys = keysWith(store, 'hmac-sha256')
    await keys.verify(forged(token))
    await keys.verify(token, { permissions: 'exports:run' })
    await keys.update(apiKey.id, { enabled: false })
    await keys.verify(token)
    await settled()
    expect(store.renewals).toEqual([])
    expect((await recordIn(store, apiKey.id)).hash).toMatch(HASHED.sha256)
  })

  it('but not by a token in its grace period, whose hash is not the current one', async () => {
    const store = watchedStore()
    const yesterday = keysWith(store, 'sha256')
    const { apiKey, token } = await keyFor(yesterday)
    await yesterday.rotate(apiKey.id)
    const before = await recordIn(store, apiKey.id)
    expect(outcome(await keysWith(store, 'hmac-sha256').verify(token))).toBe('ok')
    await settled()
    expect(store.renewals).toEqual([])
    expect(await recordIn(store, apiKey.id)).toEqual(before)
  })

  it('and where that fails, the key is accepted all the same, and the next use tries again', async () => {
    let failures = 1
    const warnings: object[] = []
    const store = watchedStore(async () => {
      if (failures-- > 0) throw new Error('the database is away')
    })
    const { apiKey, token } = await keyFor(keysWith(store, 'sha256'))
    const keys = testKeys({
      store,
      cache: false,
      pepper: { current: PEPPER },
      logger: { warn: details => warnings.push(details), error: () => {} },
    })
    expect(outcome(await keys.verify(token))).toBe('ok')
    await until(() => warnings.length > 0)
    expect(warnings).toMatchObject([{ keyId: apiKey.id }])
    await settled()

    expect(outcome(await keys.verify(token))).toBe('ok')
    await until(() => store.renewals.length > 0)
    expect(store.renewals).toEqual([true])
  })
})

describe('a pepper that is rotated', () => {
  const first = { current: PEPPER }
  const both = { current: NEXT_PEPPER, previous: PEPPER }
  const last = { current: NEXT_PEPPER }

  it('leaves keys working, and gives each the new pepper when it is used', async () => {
    const store = watchedStore()
    const used = await keyFor(testKeys({ store, pepper: first }))
    const unused = await keyFor(testKeys({ store, pepper: first }))
    const before = (await recordIn(store, used.apiKey.id)).hash

    const between = testKeys({ store, pepper: both })
    const fresh = await keyFor(between)
    expect(outcome(await between.verify(used.token))).toBe('ok')
    await until(() => store.renewals.length > 0)
    const pepperOf = (hash: string) => hash.split('$')[2]
    const now = await recordIn(store, used.apiKey.id)
    expect(pepperOf(now.hash)).not.toBe(pepperOf(before))
    expect(pepperOf(now.hash)).toBe(pepperOf((await recordIn(store, fresh.apiKey.id)).hash))
    expect(now.version).toBe(1)

    // Once the old pepper is given up, only the keys that were not used meanwhile are lost.
    const after = testKeys({ store, pepper: last })
    expect(outcome(await after.verify(used.token))).toBe('ok')
    expect(outcome(await after.verify(fresh.token))).toBe('ok')
    expect(outcome(await after.verify(unused.token))).toBe('KEY_INVALID')
    expect(outcome(await between.verify(unused.token))).toBe('ok')
  })

  it('may have several that went before it', async () => {
    const store = memoryStore()
    const oldest = await keyFor(testKeys({ store, pepper: first }))
    const older = await keyFor(testKeys({ store, pepper: last }))
    const keys = testKeys({
      store,
      pepper: { current: Buffer.alloc(32, 7), previous: [Buffer.from(NEXT_PEPPER), PEPPER] },
    })
    expect(outcome(await keys.verify(oldest.token))).toBe('ok')
    expect(outcome(await keys.verify(older.token))).toBe('ok')
  })

  it('leaves keys that were made before there was any, and keys made with one that is no more', async () => {
    const store = memoryStore()
    const before = await keyFor(testKeys({ store }))
    expect(outcome(await testKeys({ store, pepper: first }).verify(before.token))).toBe('ok')

    const peppered = await keyFor(testKeys({ store, pepper: first }))
    const back = testKeys({ store, hash: 'sha256', pepper: first })
    expect(outcome(await back.verify(peppered.token))).toBe('ok')
    await settled()
    expect(outcome(await testKeys({ store }).verify(peppered.token))).toBe('ok')
  })
})
