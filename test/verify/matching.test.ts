/** Which of a key's hashes a token has, by itself: what is compared, and what is told at once. */
import crypto, { createHash, hash } from 'node:crypto'
import bcrypt from 'bcrypt'
import { type ApiKeysOptions, memoryStore } from 'sidekey'
import { toConfig } from '../../src/config.js'
import { parseForeign } from '../../src/key/foreign-token.js'
import { createMatcher, type Kept, type Presented } from '../../src/verify/matching.js'
import { FIXTURE, FIXTURE_HASHES } from '../key/fixture.js'

const IMPORTED = [
  { source: 'quick', prefix: 'q_', length: 30 },
  { source: 'slow', separator: '.', hash: 'bcrypt', length: 40 },
  { source: 'other', separator: '|', hash: 'bcrypt', length: 40 },
  { source: 'stretched', separator: ':', hash: 'pbkdf2-sha256', length: 40 },
] as const

function matcherOf(options: Partial<ApiKeysOptions> = {}) {
  const config = toConfig({ prefix: 'acme_test', store: memoryStore(), imported: IMPORTED, ...options })
  return { config, matcher: createMatcher(config) }
}

const digestOf = (token: string) => hash('sha256', token, 'binary')

const OURS: Presented = { parsed: FIXTURE, digest: digestOf(FIXTURE.token) }
const KEY: Kept = { kind: 'secret', prefix: 'acme_test', imported: null }
const SHA256 = FIXTURE_HASHES.sha256
/** Of the fixture's secret, and of another. */
const BCRYPT = bcrypt.hashSync(FIXTURE.secret, 4)
const NOT_BCRYPT = bcrypt.hashSync('of nobody', 4)
const NOT_SHA256 = `$sha256$${'A'.repeat(43)}`

function foreign(token: string): Presented {
  const parsed = parseForeign(token, matcherOf().config.imported)
  if (parsed === null) throw new Error('it has no such shape')
  return { parsed, digest: digestOf(token) }
}

const importedFrom = (source: string): Kept => ({ ...KEY, imported: { source, id: null } })

const compared = () => jest.spyOn(bcrypt, 'compare')
const costs = (spy: ReturnType<typeof compared>) => spy.mock.calls.map(([, hash]) => String(hash).slice(0, 7))

afterEach(() => jest.restoreAllMocks())

describe('a token of ours', () => {
  it('is told at once by a fast hash, whichever of several it is', () => {
    const { matcher } = matcherOf()
    for (const hashes of [
      [SHA256],
      [SHA256, NOT_SHA256],
      [NOT_SHA256, SHA256],
      [BCRYPT, NOT_SHA256, SHA256],
    ]) {
      expect(matcher.known(OURS, KEY, hashes)).toBe(SHA256)
      expect(matcher.match(OURS, KEY, hashes)).toBe(SHA256)
    }
    expect(matcher.known(OURS, KEY, [NOT_SHA256])).toBeNull()
    expect(matcher.match(OURS, KEY, [NOT_SHA256])).toBeNull()
  })

  it('is told by the hash of a key whose kind the options no longer name, too', () => {
    expect(matcherOf().matcher.match(OURS, { ...KEY, kind: 'gone' }, [SHA256])).toBe(SHA256)
  })

  it('has none of the hashes of a key with another prefix, of another system, or of no key', async () => {
    const { matcher } = matcherOf()
    for (const key of [{ ...KEY, prefix: 'acme_live' }, null]) {
      expect(matcher.known(OURS, key, [SHA256])).toBeNull()
      expect(matcher.match(OURS, key, [SHA256])).toBeNull()
      expect(await matcher.match(OURS, key, [BCRYPT])).toBeNull()
    }
  })

  it('is compared with every fast hash, whichever it has', () => {
    const { matcher } = matcherOf()
    const spy = jest.spyOn(crypto, 'timingSafeEqual')
    for (const hashes of [
      [SHA256, NOT_SHA256, NOT_SHA256],
      [NOT_SHA256, NOT_SHA256, SHA256],
    ]) {
      spy.mockClear()
      matcher.known(OURS, KEY, hashes)
      expect(spy).toHaveBeenCalledTimes(3)
    }
  })

  it('is compared by a slow hash where it has no fast one: all of those, and told which', async () => {
    const { matcher } = matcherOf()
    const spy = compared()
    expect(matcher.known(OURS, KEY, [BCRYPT])).toBeNull()
    expect(spy).not.toHaveBeenCalled()
    expect(await matcher.match(OURS, KEY, [NOT_SHA256, NOT_BCRYPT, BCRYPT])).toBe(BCRYPT)
    expect(spy).toHaveBeenCalledTimes(2)
  })

  it('is compared by no slow hash where it has a fast one', () => {
    const { matcher } = matcherOf()
    const spy = compared()
    expect(matcher.match(OURS, KEY, [BCRYPT, SHA256])).toBe(SHA256)
    expect(spy).not.toHaveBeenCalled()
  })

  it('is known at once by the slow hash that it was shown to have, as long as that is one of the key’s', async () => {
    const { matcher } = matcherOf()
    expect(await matcher.match(OURS, KEY, [NOT_BCRYPT, BCRYPT])).toBe(BCRYPT)
    const spy = compared()
    expect(matcher.known(OURS, KEY, [NOT_BCRYPT, BCRYPT])).toBe(BCRYPT)
    expect(matcher.match(OURS, KEY, [BCRYPT])).toBe(BCRYPT)
    expect(spy).not.toHaveBeenCalled()
    expect(matcher.known(OURS, KEY, [NOT_BCRYPT])).toBeNull()
    expect(matcher.known({ ...OURS, digest: digestOf('of another token') }, KEY, [BCRYPT])).toBeNull()
    expect(matcher.known(OURS, null, [BCRYPT])).toBeNull()
  })

  it('is not remembered by a slow hash that it has not', async () => {
    const { matcher } = matcherOf()
    const spy = compared()
    for (let i = 1; i <= 2; i++) {
      expect(await matcher.match(OURS, KEY, [NOT_BCRYPT])).toBeNull()
      expect(await matcher.match(OURS, { ...KEY, prefix: 'acme_live' }, [BCRYPT])).toBeNull()
      expect(spy).toHaveBeenCalledTimes(2 * i)
    }
  })

  it('is remembered, however many others come that have no slow hash', async () => {
    const { matcher } = matcherOf()
    expect(await matcher.match(OURS, KEY, [BCRYPT])).toBe(BCRYPT)
    compared().mockImplementation(async () => false)
    // As many as are remembered.
    for (let i = 0; i < 10_000; i++) {
      expect(await matcher.match({ ...OURS, digest: String(i) }, KEY, [BCRYPT])).toBeNull()
    }
    expect(matcher.known(OURS, KEY, [BCRYPT])).toBe(BCRYPT)
  })

  it('that names no key is compared with what a new key of its prefix would have', async () => {
    const kinds = {
      slow: { hash: 'bcrypt' },
      quick: { hash: 'sha256' },
      other: { prefix: 'acme_pub', hash: 'sha256' },
    } as const
    const { matcher } = matcherOf({ kinds, bcryptCost: 10 })
    const spy = compared()
    // Of two kinds with one prefix it is the first.
    expect(await matcher.match(OURS, null, [])).toBeNull()
    expect(costs(spy)).toEqual(['$2b$10$'])
    const timed = jest.spyOn(crypto, 'timingSafeEqual')
    const published = { ...OURS, parsed: { ...FIXTURE, prefix: 'acme_pub' } }
    expect(matcher.match(published, null, [])).toBeNull()
    expect(timed).toHaveBeenCalledTimes(1)
    expect(spy).toHaveBeenCalledTimes(1)
  })
})

describe('a token of another system', () => {
  const quick = foreign(`q_${'x'.repeat(28)}`)
  const QUICK = `$sha256$${createHash('sha256').update(quick.parsed.token).digest('base64url')}`
  const slow = foreign(`abcd.${'x'.repeat(35)}`)
  const other = foreign(`abcd|${'x'.repeat(35)}`)
  const stretched = foreign(`abcd:${'x'.repeat(35)}`)

  it('is told by its hash, where the key is of its source', () => {
    const { matcher } = matcherOf()
    expect(matcher.match(quick, importedFrom('quick'), [NOT_SHA256, QUICK])).toBe(QUICK)
    for (const key of [importedFrom('slow'), KEY, null]) expect(matcher.match(quick, key, [QUICK])).toBeNull()
  })

  it('that names no key is compared with what new keys have', async () => {
    const { matcher } = matcherOf()
    const timed = jest.spyOn(crypto, 'timingSafeEqual')
    expect(matcher.match(quick, null, [])).toBeNull()
    expect(timed).toHaveBeenCalledTimes(1)
    const spy = compared()
    expect(await matcherOf({ hash: 'bcrypt', bcryptCost: 10 }).matcher.match(quick, null, [])).toBeNull()
    expect(costs(spy)).toEqual(['$2b$10$'])
  })

  it('is compared by a slow hash where those of its source are slow, whatever the key has', async () => {
    const { matcher } = matcherOf()
    const spy = compared()
    for (const [key, hashes] of [
      [null, []],
      [importedFrom('slow'), [NOT_SHA256]],
    ] as const) {
      spy.mockClear()
      expect(await matcher.match(slow, key, hashes)).toBeNull()
      expect(costs(spy)).toEqual(['$2b$10$'])
    }
  })

  it('is compared at the cost of the last hash of its source that was seen', async () => {
    const { matcher } = matcherOf()
    const first = bcrypt.hashSync('of nobody', 5)
    const last = bcrypt.hashSync('of nobody', 4)
    const spy = compared()
    await matcher.match(slow, importedFrom('slow'), [last, first])
    expect(costs(spy)).toEqual(['$2b$04$', '$2b$05$'])
    const ofUnknown = async (presented: Presented) => {
      spy.mockClear()
      expect(await matcher.match(presented, null, [])).toBeNull()
      return costs(spy)
    }
    expect(await ofUnknown(slow)).toEqual(['$2b$05$'])
    expect(await ofUnknown(other)).toEqual(['$2b$10$'])
    matcher.known(slow, importedFrom('slow'), [last])
    expect(await ofUnknown(slow)).toEqual(['$2b$04$'])
    expect(await ofUnknown(other)).toEqual(['$2b$10$'])
  })

  it('of whose source PBKDF2 is the hash is compared by that', async () => {
    const { matcher } = matcherOf()
    const seen = `$pbkdf2-sha256$i=2$${'A'.repeat(22)}$${'B'.repeat(43)}`
    expect(await matcher.match(stretched, importedFrom('stretched'), [seen])).toBeNull()
    const timed = jest.spyOn(crypto, 'timingSafeEqual')
    expect(await matcher.match(stretched, null, [])).toBeNull()
    expect(timed).toHaveBeenCalledTimes(2)
  })
})
