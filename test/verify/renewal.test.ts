/** A hash by yesterday's settings is renewed beside the request: when, how often, and what is left as it is. */
import { randomBytes } from 'node:crypto'
import { internalsOf } from '../../src/internals.js'
import { hashMatches } from '../../src/key/hash.js'
import { newKeyId, newToken, parseToken } from '../../src/key/token.js'
import { aKey } from '../../src/store/contract-data.js'
import { toKnown } from '../../src/verify/known.js'
import { createRenewal } from '../../src/verify/renewal.js'
import { testKeys } from '../support/keys.js'
import { settled } from './support.js'

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
  const partsOf = (bytes: number) => {
    const secret = randomBytes(bytes)
      .toString('latin1')
      .replace(/[^a-z]/g, 'x')
    return { ...tokenOf().parts, token: secret, secret }
  }
  const renewedWith = async (hash: 'bcrypt' | 'sha256', bytes: number) => {
    const { renewIfOutdated, renewed, dropped } = scene({ hash, bcryptCost: 10 })
    renewIfOutdated(partsOf(bytes), keyWith('key', '$foreign$'))
    const deadline = performance.now() + 10_000
    while (bytes <= 72 && dropped.length === 0 && performance.now() < deadline) await settled()
    await settled()
    return renewed.length
  }

  it('is hashed by bcrypt as far as bcrypt reads: 72 bytes', async () => {
    expect(await renewedWith('bcrypt', 72)).toBe(1)
    expect(await renewedWith('bcrypt', 73)).toBe(0)
  })

  it('is hashed by others however long it is', async () => {
    expect(await renewedWith('sha256', 73)).toBe(1)
  })
})
