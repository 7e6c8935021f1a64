/** Hashes of other systems: read in every encoding, written in one, compared within bounds. */
import { createHash, pbkdf2Sync } from 'node:crypto'
import bcrypt from 'bcrypt'
import { foreignMatches, isSlowForeign, MOST_COST, MOST_ITERATIONS } from '../../src/key/foreign-hash.js'
import { hashMatches, isOutdated } from '../../src/key/hash.js'
import { type NamedHash, readHash, TAKES_HASH } from '../../src/key/imported-hash.js'

const PARTS = { token: '7|iYx2kq0ZtVwLr5bNcGhQe8uJmPoXs1Da', secret: 'iYx2kq0ZtVwLr5bNcGhQe8uJmPoXs1Da' }
const OTHER = { token: '7|iYx2kq0ZtVwLr5bNcGhQe8uJmPoXs1Db', secret: 'iYx2kq0ZtVwLr5bNcGhQe8uJmPoXs1Db' }
const SETTINGS = { algorithm: 'sha256', peppers: [], bcryptCost: 10 } as const

const sha = (algorithm: 'sha256' | 'sha512', text: string) => createHash(algorithm).update(text).digest()
const unpadded = (base64: string) => base64.replace(/=+$/, '')
/** As Django 5 writes it. */
const django = (password: string, salt: string, iterations: number) =>
  `pbkdf2_sha256$${iterations}$${salt}$${pbkdf2Sync(password, salt, iterations, 32, 'sha256').toString('base64')}`
/** As passlib writes it: base64 with a dot for the plus, and no padding. */
const passlib = (password: string, salt: Buffer, iterations: number) => {
  const ab64 = (bytes: Buffer) => unpadded(bytes.toString('base64')).replaceAll('+', '.')
  return `$pbkdf2-sha256$${iterations}$${ab64(salt)}$${ab64(pbkdf2Sync(password, salt, iterations, 32, 'sha256'))}`
}

function written(given: string | NamedHash, covers: 'token' | 'secret'): string {
  const read = readHash(given, covers)
  if ('fault' in read) throw new Error(read.fault)
  return read.hash
}

const ALGORITHMS = ['sha256', 'sha512'] as const
const DIGESTS = ALGORITHMS.flatMap(algorithm =>
  (['hex', 'HEX', 'base64', 'unpadded', 'base64url'] as const).map(encoding => ({ algorithm, encoding })),
)

describe('a digest', () => {
  it.each(DIGESTS)('by $algorithm is read in $encoding', ({ algorithm, encoding }) => {
    for (const covers of ['token', 'secret'] as const) {
      const bytes = sha(algorithm, PARTS[covers])
      const value = {
        hex: bytes.toString('hex'),
        HEX: bytes.toString('hex').toUpperCase(),
        base64: bytes.toString('base64'),
        unpadded: unpadded(bytes.toString('base64')),
        base64url: bytes.toString('base64url'),
      }[encoding]
      const hash = written({ algorithm, value }, covers)
      expect(hash).toBe(
        `$${algorithm}$${covers === 'secret' ? 'c=secret$' : ''}${bytes.toString('base64url')}`,
      )
      expect(hashMatches(PARTS, hash, SETTINGS)).toBe(true)
      expect(hashMatches(OTHER, hash, SETTINGS)).toBe(false)
    }
  })

  it.each([
    ['of another length', { algorithm: 'sha256', value: sha('sha512', 'x').toString('hex') }],
    ['with a digit that is none', { algorithm: 'sha256', value: `${'0'.repeat(63)}g` }],
    ['with a first digit that is none', { algorithm: 'sha256', value: `g${'0'.repeat(63)}` }],
    ['with padding in its middle', { algorithm: 'sha256', value: `${'A'.repeat(20)}=${'A'.repeat(23)}` }],
    ['with more padding than there is', { algorithm: 'sha256', value: `${'A'.repeat(43)}===` }],
    ['cut off', { algorithm: 'sha256', value: sha('sha256', 'x').toString('base64url').slice(1) }],
    ['with bits that do not count', { algorithm: 'sha256', value: `${'A'.repeat(42)}B` }],
    ['empty', { algorithm: 'sha256', value: '' }],
  ] as const)('is not taken %s, and not repeated', (_, given) => {
    const read = readHash(given, 'token')
    expect(read).toHaveProperty('fault')
    if (given.value !== '') expect(JSON.stringify(read)).not.toContain(given.value)
  })
})

describe('a hash that says how it was made', () => {
  it.each([
    ['Django’s PBKDF2', django(PARTS.token, 'salt of Django', 1000), 'token'],
    ['Django’s PBKDF2 with a salt of 129 bytes', django(PARTS.token, `x${'é'.repeat(64)}`, 1000), 'token'],
    ['passlib’s PBKDF2', passlib(PARTS.token, Buffer.from('0123456789abcdef'), 1000), 'token'],
    [
      'passlib’s PBKDF2 with dots in its salt',
      passlib(PARTS.token, Buffer.from('++++++++', 'base64'), 1000),
      'token',
    ],
    ['Django’s PBKDF2 with a letter beyond ASCII', django(PARTS.token, 'sält', 1000), 'token'],
    ['PBKDF2 of the secret', django(PARTS.secret, 'aSalt', 1000), 'secret'],
    ['Django’s SHA-512 without a salt', `sha512$$${sha('sha512', PARTS.token).toString('hex')}`, 'token'],
    ['bcrypt of the secret', bcrypt.hashSync(PARTS.secret, 4), 'secret'],
    ['bcrypt of the whole token', bcrypt.hashSync(PARTS.token, 4), 'token'],
    ['PHP’s bcrypt', bcrypt.hashSync(PARTS.token, 4).replace('$2b$', '$2y$'), 'token'],
    ['ours of SHA-512', `$sha512$${sha('sha512', PARTS.token).toString('base64url')}`, 'token'],
    ['ours', `$sha256$${sha('sha256', PARTS.token).toString('base64url')}`, 'token'],
  ] as const)('is read: %s', async (_, given, covers) => {
    const hash = written(given, covers)
    expect(await hashMatches(PARTS, hash, SETTINGS)).toBe(true)
    expect(await hashMatches(OTHER, hash, SETTINGS)).toBe(false)
    // It gives way to a hash of the app's own, unless it is one.
    expect(isOutdated(hash, SETTINGS)).toBe(!hash.startsWith('$sha256$'))
    expect(isOutdated(written({ algorithm: 'sha256', value: 'A'.repeat(43) }, 'secret'), SETTINGS)).toBe(true)
  })

  it.each([
    ['MD5', '5f4dcc3b5aa765d61d8327deb882cf99'],
    ['SHA-1', 'sha1$salt$5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8'],
    ['Argon2', '$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHQ$dGVzdA'],
    ['a digest without a word', sha('sha256', 'x').toString('hex')],
    ['Django’s PBKDF2 with a salt of 130 bytes', django('x', 'é'.repeat(65), 1000)],
    ['passlib’s PBKDF2 with a salt that is not base64', `$pbkdf2-sha256$1000$!!abcd!!$${'A'.repeat(43)}`],
    ['PBKDF2 without a salt', `pbkdf2_sha256$1000$$${'A'.repeat(43)}=`],
    ['PBKDF2 of no rounds', `pbkdf2_sha256$0$salt$${'A'.repeat(43)}=`],
    ['PBKDF2 over the bound', `pbkdf2_sha256$${MOST_ITERATIONS + 1}$salt$${'A'.repeat(43)}=`],
    ['PBKDF2 far over it', `pbkdf2_sha256$999999999999$salt$${'A'.repeat(43)}=`],
    ['bcrypt over the bound', `$2b$${MOST_COST + 1}$${'.'.repeat(53)}`],
    ['bcrypt of a cost that there is not', `$2b$03$${'.'.repeat(53)}`],
    ['a password that cannot be used', '!'],
    ['nothing', ''],
  ])('is not taken: %s', (_, given) => {
    expect(readHash(given, 'token')).toEqual({ fault: expect.any(String) })
  })
})

describe('what is wrong with a hash', () => {
  const key = 'A'.repeat(43)

  it.each<[string | NamedHash, string]>([
    [{ algorithm: 'sha256', value: 'x' }, 'takes a sha256 of 32 bytes, in hex or base64'],
    ['$sha512$x', 'takes a sha512 of 64 bytes, in hex or base64'],
    [`$2b$15$${'.'.repeat(53)}`, 'takes bcrypt of a cost from 4 to 14'],
    [`$2b$03$${'.'.repeat(53)}`, 'takes bcrypt of a cost from 4 to 14'],
    [`$pbkdf2-sha256$2000001$c2FsdA$${key}`, 'takes PBKDF2 of at most 2000000 iterations'],
    [`$pbkdf2-sha256$1000$c2FsdA$${key.slice(1)}B`, 'takes PBKDF2 with a key of 32 bytes, in base64'],
    [`$pbkdf2-sha256$1000$.$${key}`, 'takes PBKDF2 with a salt in base64'],
    ['sha1$x', TAKES_HASH],
  ])('is said of %j', (given, fault) => {
    expect(readHash(given, 'token')).toEqual({ fault })
  })

  it('is nothing where its work is as much as may be', () => {
    expect(readHash(`$2b$14$${'.'.repeat(53)}`, 'secret')).toEqual({ hash: `$2b$14$${'.'.repeat(53)}` })
    expect(readHash(`$pbkdf2-sha256$i=2000000$c2FsdA$${key}`, 'secret')).toEqual({
      hash: `$pbkdf2-sha256$i=2000000,c=secret$c2FsdA$${key}`,
    })
  })
})

describe('a hostile work factor in the database', () => {
  it.each([
    ['PBKDF2', `$pbkdf2-sha256$i=99999999$c2FsdA$${'A'.repeat(43)}`],
    ['PBKDF2 by one', `$pbkdf2-sha256$i=${MOST_ITERATIONS + 1}$c2FsdA$${'A'.repeat(43)}`],
    ['bcrypt of the token', `$bcrypt$c=token$2b$31$${'.'.repeat(53)}`],
    ['bcrypt', `$2b$31$${'.'.repeat(53)}`],
  ])('is not worked off: %s', (_, stored) => {
    // At once, and not by a promise: nothing is computed.
    expect(hashMatches(PARTS, stored, SETTINGS)).toBe(false)
    expect(foreignMatches(PARTS, stored)).toBe(false)
  })

  it('is worked off beside the event loop where it is within the bound', async () => {
    const stored = `$pbkdf2-sha256$i=${MOST_ITERATIONS}$c2FsdA$${'A'.repeat(43)}`
    expect(isSlowForeign(stored)).toBe(true)
    let turns = 0
    let done = false
    const compared = Promise.resolve(hashMatches(PARTS, stored, SETTINGS)).finally(() => {
      done = true
    })
    while (!done && turns < 100) {
      await new Promise(resolve => setImmediate(resolve))
      turns++
    }
    expect(turns).toBe(100)
    expect(await compared).toBe(false)
  })
})
