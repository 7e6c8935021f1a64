/** Hashes of other systems as they are kept, and what stands in for one that is not known. */
import {
  decoyLike,
  equal,
  type ForeignAlgorithm,
  firstDecoy,
  foreignMatches,
  isSlowForeign,
} from '../../src/key/foreign-hash.js'
import { FIXTURE, FIXTURE_HASHES } from './fixture.js'

const NONE = 'A'.repeat(43)
const DOTS = '.'.repeat(53)
const PBKDF2 = '$pbkdf2-sha256$i=1000$c2FsdA$kPFfV0b8S8Xh6nO4mZ9hTqLw2rYcJdUe1sGvBiKaMxo'
const PBKDF2_OF_SECRET = PBKDF2.replace('i=1000', 'i=1000,c=secret')
const BCRYPT = FIXTURE_HASHES.bcrypt
const BCRYPT_OF_TOKEN = `$bcrypt$c=token${BCRYPT}`

describe('a comparison is slow', () => {
  it.each([
    [PBKDF2, true],
    [PBKDF2_OF_SECRET, true],
    [BCRYPT_OF_TOKEN, true],
    [FIXTURE_HASHES.sha256, false],
    [FIXTURE_HASHES['hmac-sha256'], false],
    [`$sha512$${'A'.repeat(86)}`, false],
    ['x$pbkdf2-sha256$', false],
    ['x$bcrypt$', false],
    ['', false],
  ])('with %s: %s', (stored, slow) => {
    expect(isSlowForeign(stored)).toBe(slow)
  })
})

describe('what is compared with where a token is not known', () => {
  it.each([
    [PBKDF2, `$pbkdf2-sha256$i=1000$c2FsdA$${NONE}`],
    [PBKDF2_OF_SECRET, `$pbkdf2-sha256$i=1000,c=secret$c2FsdA$${NONE}`],
    [BCRYPT_OF_TOKEN, `$bcrypt$c=token$2b$10$${DOTS}`],
    [BCRYPT_OF_TOKEN.replace('$10$', '$04$'), `$bcrypt$c=token$2b$04$${DOTS}`],
    [BCRYPT, `$2b$10$${DOTS}`],
    [BCRYPT.replace('$10$', '$12$'), `$2b$12$${DOTS}`],
  ])('has the work of %s, and is the hash of no token', async (like, decoy) => {
    expect(decoyLike(like)).toBe(decoy)
    expect(decoyLike(decoy)).toBe(decoy)
    expect(await foreignMatches(FIXTURE, decoy)).toBe(false)
  })

  it.each<[ForeignAlgorithm, string | null]>([
    ['bcrypt', `$2b$10$${DOTS}`],
    ['pbkdf2-sha256', `$pbkdf2-sha256$i=600000$${'A'.repeat(22)}$${NONE}`],
    ['sha256', null],
    ['sha512', null],
  ])('is one of the usual work before a hash has been seen: %s', async (algorithm, decoy) => {
    expect(firstDecoy(algorithm)).toBe(decoy)
  })
})

describe('two hashes', () => {
  it('are the same by every character', () => {
    expect(equal('$sha256$x', '$sha256$x')).toBe(true)
    expect(equal('', '')).toBe(true)
    expect(equal('$sha256$x', '$sha256$y')).toBe(false)
    expect(equal('$sha256$x', '$sha256$xx')).toBe(false)
  })

  it('are not the same because one is written in the bytes of the other', () => {
    expect(equal('é', 'Ã©')).toBe(false)
    expect(equal('Ã©', 'é')).toBe(false)
  })
})
