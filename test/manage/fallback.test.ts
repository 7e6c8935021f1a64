/** Moving slowly: the option `fallback` asks the old system about tokens that are nobody's here, and takes their keys over. */
import { createHash } from 'node:crypto'
import { inspect } from 'node:util'
import { type FallbackAnswer, memoryStore, type Store } from 'sidekey'
import { toConfig } from '../../src/config.js'
import { MISSES_AT_ONCE } from '../../src/verify/miss-gate.js'
import { type TestPermission, testKeys } from '../support/keys.js'
import { overEveryStore } from '../support/stores.js'
import { outcome } from '../verify/support.js'

const IMPORTED = [
  { source: 'old', prefix: 'old_' },
  { source: 'parted', separator: '|' },
] as const

const tokenOf = (i: number | string) => `old_${String(i).padStart(24, 'x')}`
const PARTED = '7|iYx2kq0ZtVwLr5bNcGhQe8uJmPoXs1Da'
const ALICE: FallbackAnswer<TestPermission> = {
  owner: { id: 'alice' },
  name: 'of old',
  permissions: ['reports:read'],
}

type Ask = (token: string, context: { readonly signal: AbortSignal }) => unknown

/** Keys over a store, and how often their old system was asked about what. */
function moving(
  store: Store,
  answer: Ask = token => (token.includes('nobody') ? null : ALICE),
  more: object = {},
) {
  const asked: string[] = []
  const errors: unknown[] = []
  const keys = testKeys({
    store,
    imported: IMPORTED,
    fallback: ((token, context) => {
      asked.push(token)
      return answer(token, context)
    }) as Ask as () => null, // whatever an app may answer
    logger: { warn() {}, error: (...told: unknown[]) => errors.push(told) },
    ...more,
  })
  return { keys, asked, errors }
}

overEveryStore('A token that only the old system knows', store => {
  it('is let in, and its key is taken over: the old system is asked once', async () => {
    const { keys, asked } = moving(store())
    for (const token of [tokenOf(1), PARTED]) {
      const request = { permissions: 'reports:read' } as const
      expect(await keys.verify(token, request)).toMatchObject({
        ok: true,
        owner: { type: 'user', id: 'alice' },
        apiKey: { name: 'of old', imported: { source: token === PARTED ? 'parted' : 'old' } },
      })
      for (let i = 0; i < 5; i++) expect(await keys.verify(token)).toMatchObject({ ok: true })
    }
    expect(asked).toEqual([tokenOf(1), PARTED])
    // Another process finds it.
    const other = moving(store())
    expect(await other.keys.verify(tokenOf(1))).toMatchObject({ ok: true })
    expect(other.asked).toEqual([])
  })

  it('becomes one key, however many processes meet it at once', async () => {
    const processes = Array.from({ length: 4 }, () => {
      const asking = { now: 0, most: 0 }
      const ask = async () => {
        asking.most = Math.max(asking.most, ++asking.now)
        await new Promise(setImmediate)
        asking.now--
        return ALICE
      }
      return { ...moving(store(), ask), asking }
    })
    const verifications = await Promise.all(
      processes.flatMap(({ keys }) => [1, 2, 3].map(() => keys.verify(tokenOf(1)))),
    )
    const ids = verifications.map(verification =>
      verification.ok ? verification.apiKey.id : verification.code,
    )
    expect(new Set(ids).size).toBe(1)
    // Once at a time in a process at most. A read from before the key was taken over may come after it, and lead to another.
    for (const { asking } of processes) expect(asking.most).toBeLessThan(2)
    expect(processes.flatMap(({ asked }) => asked)).not.toEqual([])
    const [first] = processes
    expect((await first?.keys.list())?.data).toHaveLength(1)
    expect((await first?.keys.audit({ action: 'import' }))?.data).toHaveLength(1)
  })

  it('is let in also where the process that took it over died half-way, or has not come to its end', async () => {
    const real = store()
    let dies = true
    const dying: Store = {
      ...real,
      insertMany: keys => (dies ? Promise.reject(new Error('killed')) : real.insertMany(keys)),
    }
    expect(await moving(dying).keys.verify(tokenOf(1))).toMatchObject({ ok: false, status: 503 })
    dies = false
    const other = moving(real)
    expect(await other.keys.verify(tokenOf(1))).toMatchObject({ ok: true })
    expect((await other.keys.list()).data).toHaveLength(1)
  })

  it('is kept as a hash alone', async () => {
    const { keys } = moving(store())
    const verification = await keys.verify(tokenOf(1))
    if (!verification.ok) throw new Error(verification.code)
    const record = await store().find(verification.apiKey.id)
    expect(record?.hash).toBe(`$sha256$${createHash('sha256').update(tokenOf(1)).digest('base64url')}`)
    expect(JSON.stringify([record, await keys.audit()])).not.toContain(tokenOf(1))
  })

  it('is ours from then on: what is revoked, deleted or removed here is not asked about again', async () => {
    const { keys, asked } = moving(store())
    const ids: string[] = []
    for (const n of [1, 2, 3]) {
      const verification = await keys.verify(tokenOf(n))
      if (verification.ok) ids.push(verification.apiKey.id)
    }
    await keys.revoke(ids[0] ?? '')
    await keys.delete(ids[1] ?? '')
    await keys.purge(ids[2] ?? '')
    const later = moving(store())
    const codes = await Promise.all([1, 2, 3].map(n => later.keys.verify(tokenOf(n)).then(outcome)))
    expect(codes).toEqual(['KEY_REVOKED', 'KEY_INVALID', 'KEY_INVALID'])
    expect([...asked, ...later.asked]).toHaveLength(3)
  })
})

describe('the option fallback', () => {
  it('is asked about tokens of an imported shape alone', async () => {
    const { keys, asked } = moving(memoryStore())
    const jwt = `eyJhbGciOiJIUzI1NiJ9.${'x'.repeat(40)}.${'y'.repeat(40)}`
    for (const token of [
      '',
      'old_short',
      jwt,
      `acme_test_${'0'.repeat(16)}_${'x'.repeat(49)}`,
      'x'.repeat(9_999),
    ])
      expect(await keys.verify(token)).toMatchObject({ ok: false })
    expect(asked).toEqual([])
  })

  it('is asked once at a time about a token, and not again for a while after a no', async () => {
    const { keys, asked } = moving(memoryStore())
    const answers = await Promise.all(Array.from({ length: 20 }, () => keys.verify(tokenOf('nobody'))))
    answers.push(await keys.verify(tokenOf('nobody')))
    for (const answer of answers)
      expect(answer).toStrictEqual({ ok: false, code: 'KEY_INVALID', status: 401 })
    expect(asked).toHaveLength(1)
  })

  it('is asked at a bounded rate, whatever comes', async () => {
    const { keys, asked } = moving(memoryStore())
    const flood = Array.from({ length: 2_000 }, (_, i) => keys.verify(tokenOf(`nobody${i}`)).then(outcome))
    expect(new Set(await Promise.all(flood))).toEqual(new Set(['KEY_INVALID', 'STORE_UNAVAILABLE']))
    expect(asked.length).toBeLessThan(MISSES_AT_ONCE * 4)
  })

  it('is asked at a bounded rate where it fails, too, and so is the store', async () => {
    const store = memoryStore()
    let finds = 0
    const counting: Store = {
      ...store,
      find: id => {
        finds++
        return store.find(id)
      },
    }
    const { keys, asked } = moving(counting, () => Promise.reject(new Error('away')))
    const flood = Array.from({ length: 2_000 }, (_, i) => keys.verify(tokenOf(`nobody${i}`)).then(outcome))
    expect(new Set(await Promise.all(flood))).toEqual(new Set(['STORE_UNAVAILABLE']))
    expect(asked.length).toBeLessThan(MISSES_AT_ONCE * 4)
    expect(finds).toBeLessThan(MISSES_AT_ONCE * 4)
  })

  it('fails with the token in its error: the log has the error without it', async () => {
    const failure = Object.assign(new Error(`GET https://old.example/check/${tokenOf(1)} failed`), {
      code: 'ECONNREFUSED',
      config: { data: tokenOf(1) },
      cause: new Error(tokenOf(1)),
    })
    const { keys, errors } = moving(memoryStore(), () => Promise.reject(failure))
    await keys.verify(tokenOf(1))
    const told = inspect(errors, { depth: null, showHidden: true })
    expect(told).toContain('GET https://old.example/check/[redacted] failed')
    expect(told).toContain('ECONNREFUSED')
    expect(told).not.toContain(tokenOf(1))
  })

  it('is not asked where a token is looked up', async () => {
    const { keys, asked } = moving(memoryStore())
    expect(await keys.lookup(tokenOf(1))).toBeNull()
    expect(asked).toEqual([])
  })

  it.each<[string, Ask]>([
    [
      'throws',
      () => {
        throw new Error('old system')
      },
    ],
    ['rejects', () => Promise.reject(new Error('old system'))],
    ['takes too long', () => new Promise(() => {})],
  ])('that %s makes it 503, not 401, and is asked again', async (_, failing) => {
    let fails = true
    const { keys, asked, errors } = moving(memoryStore(), (...args) => (fails ? failing(...args) : ALICE), {
      fallbackTimeout: '50ms',
    })
    expect(await keys.verify(tokenOf(1))).toMatchObject({ ok: false, code: 'STORE_UNAVAILABLE', status: 503 })
    expect(errors).toHaveLength(1)
    expect(inspect(errors, { depth: null })).not.toContain(tokenOf(1))
    fails = false
    expect(await keys.verify(tokenOf(1))).toMatchObject({ ok: true })
    expect(asked).toHaveLength(2)
  })

  it('is told when it need not go on', async () => {
    let told: AbortSignal | undefined
    const { keys } = moving(
      memoryStore(),
      (_, { signal }) => {
        told = signal
        return new Promise(() => {})
      },
      { fallbackTimeout: '20ms' },
    )
    await keys.verify(tokenOf(1))
    expect(told?.aborted).toBe(true)
  })

  it.each<[string, unknown]>([
    ['true', true],
    ['a text', 'alice'],
    ['no owner', { name: 'x' }],
    ['permissions beyond the catalogue', { ...ALICE, permissions: ['admin:all'] }],
    ['a field that there is not', { ...ALICE, isAdmin: true }],
    ['a hash', { ...ALICE, hash: '$sha256$x' }],
  ])('that answers %s lets nobody in, and the log says why', async (_, answer) => {
    const { keys, errors } = moving(memoryStore(), () => answer)
    expect(await keys.verify(tokenOf(1))).toMatchObject({ ok: false, code: 'STORE_UNAVAILABLE' })
    expect(JSON.stringify(errors)).toContain('cannot be taken over')
    expect(inspect(errors, { depth: null })).not.toContain(tokenOf(1))
    expect((await keys.list()).data).toEqual([])
  })

  it('cannot say which source or token it is', async () => {
    const { keys } = moving(memoryStore(), () => ({ ...ALICE, source: 'parted', token: PARTED, id: 'x' }))
    expect(await keys.verify(tokenOf(1))).toMatchObject({ ok: true, apiKey: { imported: { source: 'old' } } })
    expect(await keys.lookup(PARTED)).toBeNull()
  })

  it('does not let a wrong secret in beside the id of a key that it has told of', async () => {
    const { keys, asked } = moving(memoryStore())
    await keys.verify(PARTED)
    expect(await keys.verify(`7|${'w'.repeat(32)}`)).toMatchObject({ code: 'KEY_INVALID' })
    expect(asked).toEqual([PARTED])
  })

  it('answers of a key that has ended, as of any', async () => {
    const { keys } = moving(memoryStore(), token => ({
      ...ALICE,
      enabled: !token.endsWith('1'),
      revoked: token.endsWith('2'),
    }))
    expect(await keys.verify(tokenOf(1))).toMatchObject({ code: 'KEY_DISABLED' })
    expect(await keys.verify(tokenOf(2))).toMatchObject({ code: 'KEY_REVOKED' })
  })

  it('needs the shapes that it is asked about', () => {
    const options = { prefix: 'acme_test', store: memoryStore(), fallback: () => null }
    expect(() => toConfig(options)).toThrow(/fallback: needs imported/)
    expect(() => toConfig({ ...options, imported: IMPORTED })).not.toThrow()
  })
})
