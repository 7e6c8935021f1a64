/** A hash by yesterday's settings is renewed beside the request: when, how often, and what is left as it is. */
import { internalsOf } from '../../src/internals.js'
import { hashMatches } from '../../src/key/hash.js'
import { newKeyId, newToken, parseToken } from '../../src/key/token.js'
import { aKey } from '../../src/store/contract-data.js'
import { toKnown } from '../../src/verify/known.js'
import { createRenewal } from '../../src/verify/renewal.js'
import { testKeys } from '../support/keys.js'
import { settled, until } from './support.js'

const OUTDATED = '$sha256$c=of yesterday'

type Rehash = Parameters<typeof createRenewal>[0]['rehash']

function scene(options: Parameters<typeof testKeys>[0] = {}, rehash: Rehash = async () => true) {
  const warnings: unknown[][] = []
  const { config } = internalsOf(
    testKeys({ ...options, logger: { warn: (...entry) => warnings.push(entry), error() {} } }),
  )
  const renewed: (readonly [id: string, from: string, to: string])[] = []
  const dropped: string[] = []
  const renewIfOutdated = createRenewal({
    config,
    records: { drop: id => void dropped.push(id) },
    rehash(id, from, to) {
      renewed.push([id, from, to])
      return rehash(id, from, to)
    },
  })
  return { config, renewIfOutdated, renewed, dropped, warnings }
}

function tokenOf(id = newKeyId(1)) {
  const { token } = newToken('acme_test', id)
  const parts = parseToken(token, new Set(['acme_test']))
  if (parts === null) throw new Error('it was just made')
  return { id, parts }
}

const keyWith = (id: string, hash: string, kind = 'secret') => toKnown(aKey({ id, hash, kind }))

describe('a hash that is outdated', () => {
  it('is renewed by today’s settings, and the record is read anew', async () => {
    const { config, renewIfOutdated, renewed, dropped } = scene()
    const { id, parts } = tokenOf()
    renewIfOutdated(parts, keyWith(id, OUTDATED))
    await settled()
    expect(renewed).toEqual([[id, OUTDATED, expect.any(String)]])
    expect(await hashMatches(parts, renewed[0]?.[2] ?? '', config.defaultKind.hash)).toBe(true)
    expect(dropped).toEqual([id])
    renewIfOutdated(parts, keyWith(id, renewed[0]?.[2] ?? ''))
    await settled()
    expect(renewed).toHaveLength(1)
  })

  it('is renewed once at a time, and each key by itself', async () => {
    const ends: (() => void)[] = []
    const { renewIfOutdated, renewed, dropped } = scene({}, () => new Promise<void>(done => ends.push(done)))
    const [one, other] = [tokenOf(), tokenOf()]
    for (let i = 0; i < 3; i++) renewIfOutdated(one.parts, keyWith(one.id, OUTDATED))
    renewIfOutdated(other.parts, keyWith(other.id, OUTDATED))
    await settled()
    expect(renewed.map(([id]) => id)).toEqual([one.id, other.id])
    expect(dropped).toEqual([])
    for (const end of ends) end()
    await settled()
    renewIfOutdated(one.parts, keyWith(one.id, OUTDATED))
    await settled()
    expect(renewed.map(([id]) => id)).toEqual([one.id, other.id, one.id])
  })

  it('is tried again by a later use where that failed, which is told to the logger', async () => {
    const away = new Error('away')
    const { renewIfOutdated, renewed, dropped, warnings } = scene({}, () => Promise.reject(away))
    const { id, parts } = tokenOf()
    for (let i = 1; i <= 2; i++) {
      renewIfOutdated(parts, keyWith(id, OUTDATED))
      await settled()
      expect(renewed).toHaveLength(i)
    }
    expect(dropped).toEqual([])
    expect(warnings[0]).toEqual([
      { err: away, keyId: id },
      'a hash could not be renewed; a later use tries again',
    ])
  })

  it('is left as it is where its kind is no more', async () => {
    const { renewIfOutdated, renewed } = scene()
    const { id, parts } = tokenOf()
    renewIfOutdated(parts, keyWith(id, OUTDATED, 'of yesterday'))
    await settled()
    expect(renewed).toEqual([])
  })
})

describe('a secret of another system', () => {
  /** The keys whose hashes are renewed, of those with secrets of so many bytes and of some with short ones that come after. */
  async function renewedOf(hash: 'bcrypt' | 'sha256', ...lengths: readonly number[]): Promise<string[]> {
    const { renewIfOutdated, renewed } = scene({ hash, bcryptCost: 10 })
    const renew = (id: string, length: number) => {
      const secret = 'x'.repeat(length)
      renewIfOutdated({ ...tokenOf().parts, token: secret, secret }, keyWith(id, '$foreign$'))
    }
    for (const length of lengths) renew(`${length} bytes`, length)
    // Each takes as long by bcrypt: once two have come one after the other, those before have too.
    for (const id of ['later', 'last']) {
      renew(id, 1)
      await until(() => renewed.some(one => one[0] === id))
    }
    return renewed.map(([id]) => id)
  }

  it('is hashed by bcrypt as far as bcrypt reads: 72 bytes', async () => {
    const renewed = await renewedOf('bcrypt', 72, 73)
    expect(new Set(renewed)).toEqual(new Set(['72 bytes', 'later', 'last']))
  })

  it('is hashed by others however long it is', async () => {
    expect(await renewedOf('sha256', 72, 73)).toEqual(['72 bytes', '73 bytes', 'later', 'last'])
  })
})
