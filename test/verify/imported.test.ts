/** Tokens of other systems at verification: as bounded, as quick and as silent as our own. */
import { createHash } from 'node:crypto'
import bcrypt from 'bcrypt'
import { type ImportRecord, memoryStore, type Store } from 'sidekey'
import { MISSES_AT_ONCE } from '../../src/verify/miss-gate.js'
import { type TestPermission, testKeys } from '../support/keys.js'
import { edit, keyFor, outcome, until, watchedStore } from './support.js'

const IMPORTED = [
  { source: 'sanctum', separator: '|', covers: 'secret' },
  { source: 'ba', prefix: 'ba_', length: 30 },
  { source: 'slow', separator: '.', hash: 'bcrypt', length: 40 },
] as const

const SECRET = 'iYx2kq0ZtVwLr5bNcGhQe8uJmPoXs1Da'
const sanctum = (id: string, secret = SECRET) => `${id}|${secret}`
const ba = (i: number) => `ba_${String(i).padStart(27, 'x')}`
const row = (
  token: string,
  source: string = token.includes('|') ? 'sanctum' : 'ba',
): ImportRecord<TestPermission> => ({
  source,
  token,
  owner: { id: 'alice' },
})
const sha256 = (text: string) => createHash('sha256').update(text).digest('base64url')

function counted(real: Store = memoryStore()) {
  const reads: string[] = []
  const store: Store = {
    ...real,
    find: id => {
      reads.push('find')
      return real.find(id)
    },
    findAlias: id => {
      reads.push('findAlias')
      return real.findAlias(id)
    },
  }
  return { store, reads }
}

describe('an imported token', () => {
  it('is read once, and then known from memory', async () => {
    const { store, reads } = counted()
    const keys = testKeys({ store, imported: IMPORTED })
    await keys.import([row(ba(1))])
    reads.length = 0
    expect(await keys.verify(ba(1))).toMatchObject({ ok: true })
    expect(reads).toEqual(['findAlias', 'find'])
    for (let i = 0; i < 100; i++) await keys.verify(ba(1))
    expect(reads).toHaveLength(2)
  })

  it('is found without its name once that is known, where the record has changed', async () => {
    const { store, reads } = counted()
    const keys = testKeys({ store, imported: IMPORTED })
    await keys.import([row(ba(1))])
    const verification = await keys.verify(ba(1))
    if (!verification.ok) throw new Error(verification.code)
    await keys.update(verification.apiKey.id, { name: 'other' })
    reads.length = 0
    expect(await keys.verify(ba(1))).toMatchObject({ ok: true, apiKey: { name: 'other' } })
    expect(reads).toEqual(['find'])
  })

  it('gets the app’s own hash when it is next used, and works on', async () => {
    const store = watchedStore()
    const token = sanctum('7')
    const hash = { algorithm: 'sha256', value: sha256(SECRET) } as const
    const rows = [{ source: 'sanctum', id: '7', hash, owner: { id: 'alice' } }]
    const keys = testKeys({ store, imported: IMPORTED, pepper: { current: 'p'.repeat(32) } })
    await keys.import(rows)
    const id = (await keys.lookup(token))?.id ?? ''
    expect((await store.find(id))?.hash).toBe(`$sha256$c=secret$${sha256(SECRET)}`)
    expect(await keys.verify(token)).toMatchObject({ ok: true })
    await until(() => store.renewals.length > 0)
    expect((await store.find(id))?.hash).toMatch(/^\$hmac-sha256\$k=/)
    expect(await keys.verify(token)).toMatchObject({ ok: true })
    expect(await keys.verify(sanctum('7', `${SECRET.slice(1)}x`))).toMatchObject({ code: 'KEY_INVALID' })
    // A repeat of the import still knows it.
    expect(await keys.import(rows)).toMatchObject({ skipped: 1, failed: [] })
  })

  it('is not hashed anew by bcrypt where that would not read it to its end', async () => {
    const long = [{ source: 'long', prefix: 'l_', length: 100 }] as const
    const token = `l_${'x'.repeat(98)}`
    const store = watchedStore()
    const keys = testKeys({ store, imported: long, hash: 'bcrypt', bcryptCost: 10 })
    await keys.import([row(token, 'long')])
    expect(await keys.verify(token)).toMatchObject({ ok: true })
    expect(await keys.verify(token)).toMatchObject({ ok: true })
    expect(store.renewals).toEqual([])
  })

  it('is rotated into one of ours; both live for the grace, and the record is known by the new one', async () => {
    const keys = testKeys({ imported: IMPORTED })
    await keys.import([row(sanctum('7'))])
    const id = (await keys.lookup(sanctum('7')))?.id ?? ''
    const { apiKey, token } = await keys.rotate(id, { grace: '1h' })
    expect(token.startsWith(`acme_test_${id}_`)).toBe(true)
    expect(apiKey).toMatchObject({ start: `acme_test_${id}`, imported: { source: 'sanctum', id: '7' } })
    expect(await keys.verify(token)).toMatchObject({ ok: true, tokenEndsAt: null })
    const old = await keys.verify(sanctum('7'))
    expect(old).toMatchObject({ ok: true, tokenEndsAt: expect.any(Date) })
    await keys.rotate(id, { grace: '0s' })
    expect(await keys.verify(sanctum('7'))).toMatchObject({ code: 'KEY_INVALID' })
    expect((await keys.lookup(sanctum('7')))?.id).toBe(id)
  })

  it('is refused at once, in every process, when its key is revoked', async () => {
    const store = memoryStore()
    const [keys, elsewhere] = [
      testKeys({ store, imported: IMPORTED }),
      testKeys({ store, imported: IMPORTED }),
    ]
    await keys.import([row(ba(1))])
    const verification = await elsewhere.verify(ba(1))
    if (!verification.ok) throw new Error(verification.code)
    await keys.revoke(verification.apiKey.id)
    expect(await elsewhere.verify(ba(1))).toMatchObject({ code: 'KEY_REVOKED' })
  })

  it('works where nothing is kept in memory', async () => {
    const keys = testKeys({ imported: IMPORTED, cache: false })
    await keys.import([row(ba(1)), row(sanctum('7'))])
    for (const token of [ba(1), sanctum('7')]) expect(await keys.verify(token)).toMatchObject({ ok: true })
  })

  it('is nobody’s without the option that says what it looks like', async () => {
    const store = memoryStore()
    await testKeys({ store, imported: IMPORTED }).import([row(ba(1)), row(sanctum('7'))])
    const { store: watched, reads } = counted(store)
    const keys = testKeys({ store: watched })
    for (const token of [ba(1), sanctum('7')])
      expect(await keys.verify(token)).toStrictEqual({ ok: false, code: 'KEY_INVALID', status: 401 })
    expect(reads).toEqual([])
  })

  it('does not open a key of another source, or of ours, whatever its name leads to', async () => {
    const store = memoryStore()
    const keys = testKeys({ store, imported: IMPORTED })
    const own = await keyFor(keys)
    // As somebody may write who can write to the database, but has no secret.
    const name = { keyId: own.apiKey.id, digest: '', at: new Date(), expireAt: null }
    await store.claimAlias({ id: 'token-id:sanctum:9', ...name })
    await edit(store, own.apiKey.id, { hash: `$sha256$c=secret$${sha256(SECRET)}` })
    expect(await keys.verify(sanctum('9'))).toMatchObject({ code: 'KEY_INVALID' })
  })
})

describe('a token of an imported shape that is no key', () => {
  it.each([
    ['with a wrong secret', sanctum('7', `${SECRET.slice(1)}x`)],
    ['with an unknown id', sanctum('8')],
    ['with an unknown digest', ba(2)],
    ['with a wrong secret under a slow hash', `abcd.${'y'.repeat(35)}`],
    ['with an unknown id under a slow hash', `abce.${'y'.repeat(35)}`],
    ['that was removed for good', ba(3)],
    ['of another shape', 'ba_short'],
    ['too long', `1|${'x'.repeat(1_000_000)}`],
    ['with a space in it', sanctum('7', SECRET.replace('k', ' '))],
    ['with two separators', `7|7|${SECRET}`],
  ])('is answered in the same words: %s', async (_, token) => {
    const keys = testKeys({ imported: IMPORTED })
    await keys.import([row(sanctum('7')), row(ba(1)), row(ba(3)), row(`abcd.${'x'.repeat(35)}`, 'slow')])
    await keys.purge((await keys.lookup(ba(3)))?.id ?? '')
    expect(await keys.verify(token)).toStrictEqual({ ok: false, code: 'KEY_INVALID', status: 401 })
    expect(await keys.lookup(token)).toBeNull()
  })

  it('costs the store the same two reads, whether or not there is such a name', async () => {
    const { store, reads } = counted()
    const keys = testKeys({ store, imported: IMPORTED })
    await keys.import([row(sanctum('7'))])
    for (const token of [sanctum('7', `${SECRET.slice(1)}x`), sanctum('8')]) {
      reads.length = 0
      await keys.verify(token)
      expect(reads).toEqual(['findAlias', 'find'])
      // And nothing while it is remembered.
      await keys.verify(token)
      expect(reads).toHaveLength(2)
    }
  })

  it('costs a slow comparison where the source’s hashes are slow: also of a key that has been used since', async () => {
    const store = watchedStore()
    const keys = testKeys({ store, imported: IMPORTED })
    const used = `abcd.${'x'.repeat(35)}`
    const slowRow = { source: 'slow', id: 'abcd', hash: bcrypt.hashSync(used, 5), owner: { id: 'alice' } }
    await keys.import([slowRow])
    await keys.verify(used)
    await until(() => store.renewals.length > 0)
    const compare = jest.spyOn(bcrypt, 'compare')
    const costs: unknown[] = []
    for (const token of [`abcd.${'y'.repeat(35)}`, `abce.${'y'.repeat(35)}`]) {
      compare.mockClear()
      await keys.verify(token)
      // In memory and in the store's answer, as for our own; each of the cost that the source's hashes have.
      costs.push(compare.mock.calls.map(([, hash]) => String(hash).slice(0, 7)))
    }
    compare.mockRestore()
    expect(costs).toEqual([['$2b$05$'], ['$2b$05$']])
  })

  it('reaches the store at no more than the rate of all that is unknown', async () => {
    const { store, reads } = counted()
    const keys = testKeys({ store, imported: IMPORTED })
    const outcomes = await Promise.all(
      Array.from({ length: 2_000 }, (_, i) => keys.verify(ba(i)).then(outcome)),
    )
    expect(new Set(outcomes)).toEqual(new Set(['KEY_INVALID', 'STORE_UNAVAILABLE']))
    expect(reads.filter(read => read === 'findAlias').length).toBeLessThan(MISSES_AT_ONCE * 4)
  })
})
