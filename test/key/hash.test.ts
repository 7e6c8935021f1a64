import { createHash, createHmac } from 'node:crypto'
import { inspect } from 'node:util'
import bcrypt from 'bcrypt'
import {
  decoyHash,
  type HashSettings,
  hashMatches,
  hashToken,
  isOutdated,
  isSlow,
  toPepper,
} from '../../src/key/hash.js'
import { newToken } from '../../src/key/token.js'
import { FIXTURE, FIXTURE_HASHES, FIXTURE_PEPPER } from './fixture.js'

const pepper = toPepper(FIXTURE_PEPPER)
const otherPepper = toPepper('another pepper, also of 32 bytes or more')

const sha256: HashSettings = { algorithm: 'sha256', peppers: [], bcryptCost: 10 }
const hmac: HashSettings = { algorithm: 'hmac-sha256', peppers: [pepper], bcryptCost: 10 }
const slow: HashSettings = { algorithm: 'bcrypt', peppers: [], bcryptCost: 10 }
const ALL = [sha256, hmac, slow]

const stranger = newToken(FIXTURE.prefix, FIXTURE.id)

describe('new hashes', () => {
  it('are SHA-256 of the whole token', async () => {
    const expected = `$sha256$${createHash('sha256').update(FIXTURE.token).digest('base64url')}`
    expect(await hashToken(FIXTURE, sha256)).toBe(expected)
    expect(expected).toBe(FIXTURE_HASHES.sha256)
  })

  it('are HMAC-SHA-256 of the whole token under the current pepper', async () => {
    const code = createHmac('sha256', FIXTURE_PEPPER).update(FIXTURE.token).digest('base64url')
    expect(await hashToken(FIXTURE, { ...hmac, peppers: [pepper, otherPepper] })).toBe(
      `$hmac-sha256$k=${pepper.id}$${code}`,
    )
    expect(FIXTURE_HASHES['hmac-sha256']).toBe(`$hmac-sha256$k=${pepper.id}$${code}`)
  })

  it('are bcrypt of the secret part, which is 49 bytes and so within what bcrypt reads', async () => {
    const made = await hashToken(FIXTURE, slow)
    expect(made).toMatch(/^\$2b\$10\$/)
    expect(Buffer.byteLength(FIXTURE.secret)).toBe(49)
    expect(bcrypt.compareSync(FIXTURE.secret, made)).toBe(true)
    expect(bcrypt.compareSync(FIXTURE.token, made)).toBe(false)
  })

  it('are by the algorithm alone: peppers that check old hashes key no new ones', async () => {
    expect(await hashToken(FIXTURE, { ...sha256, peppers: [pepper] })).toBe(FIXTURE_HASHES.sha256)
  })

  it('are plain SHA-256 where there is no pepper to key them with', async () => {
    expect(await hashToken(FIXTURE, { ...hmac, peppers: [] })).toBe(FIXTURE_HASHES.sha256)
  })

  it('have the cost that was set', async () => {
    expect(bcrypt.getRounds(await hashToken(FIXTURE, { ...slow, bcryptCost: 11 }))).toBe(11)
  })
})

describe.each(Object.entries(FIXTURE_HASHES))('a stored %s hash', (_, stored) => {
  it('matches its token in releases to come, whatever new keys are hashed with', async () => {
    for (const { algorithm } of ALL) {
      const settings: HashSettings = { algorithm, peppers: [otherPepper, pepper], bcryptCost: 12 }
      expect(await hashMatches(FIXTURE, stored, settings)).toBe(true)
    }
  })

  it('matches no other token of the same id', async () => {
    expect(await hashMatches(stranger, stored, hmac)).toBe(false)
  })

  it('matches nothing once a character of it has changed', async () => {
    const last = stored.at(-2) === 'a' ? 'b' : 'a'
    const changed = stored.slice(0, -2) + last + stored.slice(-1)
    expect(await hashMatches(FIXTURE, changed, hmac)).toBe(false)
    expect(await hashMatches(FIXTURE, stored.slice(0, -1), hmac)).toBe(false)
    expect(await hashMatches(FIXTURE, `${stored}a`, hmac)).toBe(false)
  })
})

it('compares with the digest that is at hand, made once for each token', () => {
  const binary = createHash('sha256').update(stranger.token).digest('binary')
  const stored = `$sha256$${createHash('sha256').update(stranger.token).digest('base64url')}`
  expect(hashMatches(FIXTURE, stored, sha256, binary)).toBe(true)
  expect(hashMatches(FIXTURE, FIXTURE_HASHES.sha256, sha256, binary)).toBe(false)
})

it('matches a digest of the secret alone by the secret, and not by the digest that is at hand', () => {
  const stored = (text: string) => `$sha256$c=secret$${createHash('sha256').update(text).digest('base64url')}`
  expect(hashMatches(FIXTURE, stored(FIXTURE.secret), sha256)).toBe(true)
  expect(hashMatches(FIXTURE, stored(FIXTURE.token), sha256)).toBe(false)
})

describe('a comparison is slow', () => {
  it.each([
    [FIXTURE_HASHES.bcrypt, true],
    [FIXTURE_HASHES.bcrypt.replace('$2b$', '$2a$'), true],
    [`$bcrypt$c=token${FIXTURE_HASHES.bcrypt}`, true],
    [`$pbkdf2-sha256$i=1000$c2FsdA$${'A'.repeat(43)}`, true],
    [FIXTURE_HASHES.sha256, false],
    [FIXTURE_HASHES['hmac-sha256'], false],
    ['$2b$10$tooshort', false],
    ['$2', false],
    [`x${FIXTURE_HASHES.bcrypt}`, false],
    ['', false],
  ])('with %j: %s', (stored, slowly) => {
    expect(isSlow(stored)).toBe(slowly)
  })
})

describe('a hash that cannot be checked', () => {
  it.each([
    ['empty', ''],
    ['the token in plain text', FIXTURE.token],
    ['the secret in plain text', FIXTURE.secret],
    ['of an algorithm that is not known', '$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHQ$aGFzaGhhc2g'],
    ['without its value', '$sha256$'],
    ['bcrypt of a shape that is none', '$2b$10$tooshort'],
    ['bcrypt with a cost that is none', `$2b$xx$${FIXTURE_HASHES.bcrypt.slice(7)}`],
    ['upper case', FIXTURE_HASHES.sha256.replace('$sha256$', '$SHA256$')],
  ])('matches nothing: %s', async (_, stored) => {
    for (const settings of ALL) expect(await hashMatches(FIXTURE, stored, settings)).toBe(false)
  })

  it('matches nothing where its pepper is gone', async () => {
    const stored = FIXTURE_HASHES['hmac-sha256']
    expect(await hashMatches(FIXTURE, stored, { ...hmac, peppers: [otherPepper] })).toBe(false)
    expect(await hashMatches(FIXTURE, stored, sha256)).toBe(false)
  })

  it('matches nothing where it names a pepper that did not make it', async () => {
    const renamed = FIXTURE_HASHES['hmac-sha256'].replace(pepper.id, otherPepper.id)
    expect(await hashMatches(FIXTURE, renamed, { ...hmac, peppers: [pepper, otherPepper] })).toBe(false)
  })
})

describe('a hash is outdated', () => {
  const both: HashSettings = { ...hmac, peppers: [otherPepper, pepper] }

  it.each([
    ['sha256 for sha256', FIXTURE_HASHES.sha256, sha256, false],
    ['hmac for sha256', FIXTURE_HASHES['hmac-sha256'], sha256, true],
    ['bcrypt for sha256', FIXTURE_HASHES.bcrypt, sha256, true],
    ['sha256 for hmac', FIXTURE_HASHES.sha256, hmac, true],
    ['hmac under the current pepper', FIXTURE_HASHES['hmac-sha256'], hmac, false],
    ['hmac under an earlier pepper', FIXTURE_HASHES['hmac-sha256'], both, true],
    ['sha256 for bcrypt', FIXTURE_HASHES.sha256, slow, true],
    ['bcrypt of the cost that is set', FIXTURE_HASHES.bcrypt, slow, false],
    ['bcrypt of a lower cost', FIXTURE_HASHES.bcrypt, { ...slow, bcryptCost: 11 }, true],
    ['bcrypt of a higher cost', FIXTURE_HASHES.bcrypt, { ...slow, bcryptCost: 9 }, false],
    ['sha256 for sha256, with peppers', FIXTURE_HASHES.sha256, { ...sha256, peppers: [pepper] }, false],
    [
      'hmac for sha256, with its pepper',
      FIXTURE_HASHES['hmac-sha256'],
      { ...sha256, peppers: [pepper] },
      true,
    ],
    ['sha256 for hmac without a pepper', FIXTURE_HASHES.sha256, { ...hmac, peppers: [] }, false],
    ['hmac for hmac without a pepper', FIXTURE_HASHES['hmac-sha256'], { ...hmac, peppers: [] }, true],
    ['sha256 of the secret for sha256', `$sha256$c=secret$${'A'.repeat(43)}`, sha256, true],
  ])('only where a new key would get another: %s', (_, stored, settings, outdated) => {
    expect(isOutdated(stored, settings)).toBe(outdated)
  })

  it('never right after it was made', async () => {
    for (const settings of [...ALL, both]) {
      expect(isOutdated(await hashToken(FIXTURE, settings), settings)).toBe(false)
    }
  })
})

describe('the hash that an unknown id is compared with', () => {
  it.each(ALL)('is of the kind that a known id has: $algorithm', async settings => {
    const decoy = decoyHash(settings)
    expect(isOutdated(decoy, settings)).toBe(false)
    expect(await hashMatches(FIXTURE, decoy, settings)).toBe(false)
  })
})

it('compares an unknown id with the hash of the empty text, which is no token, or with dots', () => {
  expect(decoyHash(sha256)).toBe(`$sha256$${createHash('sha256').digest('base64url')}`)
  const code = createHmac('sha256', FIXTURE_PEPPER).digest('base64url')
  expect(decoyHash(hmac)).toBe(`$hmac-sha256$k=${pepper.id}$${code}`)
  expect(decoyHash({ ...slow, bcryptCost: 4 })).toBe(`$2b$04$${'.'.repeat(53)}`)
  expect(decoyHash({ ...slow, bcryptCost: 12 })).toBe(`$2b$12$${'.'.repeat(53)}`)
})

describe('a pepper', () => {
  it('is the same as text and as bytes', async () => {
    const bytes = toPepper(new TextEncoder().encode(FIXTURE_PEPPER))
    expect(bytes.id).toBe(pepper.id)
    const settings = { ...hmac, peppers: [bytes] }
    expect(await hashMatches(FIXTURE, FIXTURE_HASHES['hmac-sha256'], settings)).toBe(true)
  })

  it('stays what it was where the bytes it was made of are overwritten', async () => {
    const bytes = new TextEncoder().encode(FIXTURE_PEPPER)
    const settings = { ...hmac, peppers: [toPepper(bytes)] }
    bytes.fill(0)
    expect(await hashMatches(FIXTURE, FIXTURE_HASHES['hmac-sha256'], settings)).toBe(true)
  })

  it('shows nothing of itself where it is printed', () => {
    const text = `${inspect(pepper, { depth: null, showHidden: true })}${JSON.stringify(pepper)}`
    expect(text).toContain(pepper.id)
    expect(text).not.toContain(FIXTURE_PEPPER)
    expect(text).not.toContain(
      Buffer.from(FIXTURE_PEPPER)
        .toString('hex')
        .replace(/(..)(?!$)/g, '$1 ')
        .slice(0, 20),
    )
    expect(text).not.toContain([...Buffer.from(FIXTURE_PEPPER)].slice(0, 5).join(','))
  })

  it('is named by a digest, which tells nothing of it', () => {
    const digest = createHash('sha256').update(`sidekey pepper id\0${FIXTURE_PEPPER}`).digest('base64url')
    expect(pepper.id).toBe(digest.slice(0, 8))
    expect(pepper.id).not.toBe(otherPepper.id)
  })
})
