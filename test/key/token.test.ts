import fc from 'fast-check'
import { decodeBase62 } from '../../src/key/base62.js'
import {
  firstIdAt,
  isKeyId,
  isPrefix,
  isTokenLike,
  MOST_PREFIX,
  newKeyId,
  newToken,
  parseToken,
} from '../../src/key/token.js'
import { checkOf, crc32, FIXTURE, FIXTURE_TIME, tokenOf } from './fixture.js'

const PREFIXES: ReadonlySet<string> = new Set(['acme_test'])
const LATEST = 62 ** 8 - 1
/** When the key with this id was made, in ms since the epoch. */
const timeOf = (id: string) => decodeBase62(id.slice(0, 8))

describe('a new token', () => {
  it('is <prefix>_<16 digits>_<43 digits><6 digits>', () => {
    const { token } = newToken('acme_test', newKeyId(Date.now()))
    expect(token).toMatch(/^acme_test_[0-9A-Za-z]{16}_[0-9A-Za-z]{43}[0-9A-Za-z]{6}$/)
  })

  it('ends with the CRC-32 of all before it', () => {
    expect(crc32('123456789')).toBe(0xcbf43926) // the check value of the standard
    for (let i = 0; i < 200; i++) {
      const { token } = newToken('acme_test', newKeyId(Date.now()))
      expect(token.slice(-6)).toBe(checkOf(token.slice(0, -6)))
    }
  })

  it('is taken apart into what it was made of', () => {
    const made = newToken('acme_test', newKeyId(Date.now()))
    expect(parseToken(made.token, PREFIXES)).toEqual(made)
    expect(made.secret).toBe(made.token.slice(-49))
  })

  it('has a secret of its own each time, for the same id too', () => {
    const id = newKeyId(Date.now())
    const secrets = Array.from({ length: 1000 }, () => newToken('acme_test', id).secret)
    expect(new Set(secrets).size).toBe(1000)
  })

  it('can still be read when it was made by an earlier release', () => {
    expect(parseToken(FIXTURE.token, PREFIXES)).toEqual(FIXTURE)
    expect(timeOf(FIXTURE.id)).toBe(FIXTURE_TIME)
  })
})

describe('an id', () => {
  const time = fc.integer({ min: 0, max: LATEST })

  it('begins with the time in ms, in 8 digits', () => {
    expect(newKeyId(0).slice(0, 8)).toBe('00000000')
    expect(newKeyId(FIXTURE_TIME).slice(0, 8)).toBe('0V76xOIA')
    fc.assert(
      fc.property(time, at => {
        const id = newKeyId(at)
        expect(isKeyId(id)).toBe(true)
        expect(timeOf(id)).toBe(at)
      }),
    )
  })

  it('sorts by age', () => {
    fc.assert(
      fc.property(fc.uniqueArray(time, { minLength: 2, maxLength: 20 }), times => {
        const ids = times.map(newKeyId)
        const byTime = [...times].sort((a, b) => a - b)
        expect(ids.sort().map(timeOf)).toEqual(byTime)
      }),
    )
  })

  it('lies between the first of its time and the first of the next', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: LATEST - 1 }), at => {
        const id = newKeyId(at)
        expect(firstIdAt(at) <= id && id < firstIdAt(at + 1)).toBe(true)
        expect(timeOf(firstIdAt(at))).toBe(at)
      }),
    )
  })

  it('has a first of any time, also of one that no id can say', () => {
    expect([-1, 0].map(firstIdAt)).toEqual(['00000000', '00000000'])
    expect([LATEST, LATEST + 1, Number.MAX_VALUE].map(firstIdAt)).toEqual(Array(3).fill('zzzzzzzz'))
  })

  it('differs from others of the same millisecond', () => {
    const ids = Array.from({ length: 1000 }, () => newKeyId(FIXTURE_TIME))
    expect(new Set(ids).size).toBe(1000)
  })

  it.each([
    ['one digit short', FIXTURE.id.slice(1)],
    ['one digit long', `${FIXTURE.id}0`],
    ['a digit that is none', `${FIXTURE.id.slice(1)}-`],
    ['a path', '../../etc/passwd'],
    ['empty', ''],
    ['a NoSQL operator', { $gt: '' }],
    ['a list that reads as one', [FIXTURE.id]],
    ['a number', 1_234_567_890_123_456],
    ['nothing', undefined],
    ['null', null],
  ])('is not %s', (_, value) => {
    expect(isKeyId(FIXTURE.id)).toBe(true)
    expect(isKeyId(value)).toBe(false)
  })
})

describe('a prefix', () => {
  it.each(['a', 'acme', 'acme_live', 'a1_2', 'a__', `a${'b'.repeat(30)}`])('may be %s', text => {
    expect(isPrefix(text)).toBe(true)
    const { token } = newToken(text, FIXTURE.id)
    expect(parseToken(token, new Set([text]))?.prefix).toBe(text)
  })

  it.each(['', 'A', '1a', '_a', 'acme-live', 'acme.', 'ac me', 'acme\n', 'é', `a${'b'.repeat(31)}`])(
    'may not be %j',
    text => {
      expect(isPrefix(text)).toBe(false)
    },
  )

  it('is told from one that begins or ends like it', () => {
    const prefixes = new Set(['acme', 'acme_live', 'live'])
    for (const prefix of prefixes) {
      expect(parseToken(newToken(prefix, FIXTURE.id).token, prefixes)?.prefix).toBe(prefix)
    }
    expect(parseToken(newToken('acme_lives', FIXTURE.id).token, prefixes)).toBeNull()
  })
})

describe('what is worth a closer look', () => {
  const tail = FIXTURE.token.slice('acme_test'.length)

  it.each([
    ['a token', FIXTURE.token, true],
    ['one of the shortest prefix', `a${tail}`, true],
    ['one of the longest', 'a'.repeat(MOST_PREFIX) + tail, true],
    ['one without a prefix', tail, false],
    ['one of a longer prefix', 'a'.repeat(MOST_PREFIX + 1) + tail, false],
    ['one of a far longer prefix', 'a'.repeat(1_000_000) + tail, false],
    ['one that is cut off', FIXTURE.token.slice(0, -1), false],
    ['one without its first mark', `acme_test-${tail.slice(1)}`, false],
    ['one without its second mark', FIXTURE.token.replace(`${FIXTURE.id}_`, `${FIXTURE.id}-`), false],
    ['an empty text', '', false],
    ['one mark', '_', false],
  ])('is a text with the length and the marks of a token: %s', (_, text, like) => {
    expect(isTokenLike(text)).toBe(like)
  })
})

describe('a token with a wrong digit', () => {
  const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

  it('is refused, wherever the digit stands', () => {
    const place = fc.integer({ min: FIXTURE.prefix.length, max: FIXTURE.token.length - 1 })
    fc.assert(
      fc.property(place, fc.constantFrom(...digits, '_'), (i, digit) => {
        const mistyped = FIXTURE.token.slice(0, i) + digit + FIXTURE.token.slice(i + 1)
        expect(parseToken(mistyped, PREFIXES) !== null).toBe(mistyped === FIXTURE.token)
      }),
    )
    expect(parseToken(`${FIXTURE.token.slice(0, -1)}V`, PREFIXES)).toBeNull()
  })
})

describe('a token with a right checksum', () => {
  const secret = FIXTURE.secret.slice(0, 43)
  const withCheck = (body: string) => body + checkOf(body)

  it('is put together by this test as by the code', () => {
    expect(tokenOf('acme_test', FIXTURE.id, secret)).toBe(FIXTURE.token)
  })

  it.each([
    ['of another prefix', tokenOf('acme_live', FIXTURE.id, secret)],
    ['without a prefix', tokenOf('', FIXTURE.id, secret)],
    ['with a short id', tokenOf('acme_test', FIXTURE.id.slice(1), secret)],
    ['with a long id and a short secret', tokenOf('acme_test', `${FIXTURE.id}0`, secret.slice(1))],
    ['with a short secret', tokenOf('acme_test', FIXTURE.id, secret.slice(1))],
    ['with an underscore in its secret', tokenOf('acme_test', FIXTURE.id, `_${secret.slice(1)}`)],
    ['with a NUL in its id', tokenOf('acme_test', `\0${FIXTURE.id.slice(1)}`, secret)],
    ['with another separator before its id', withCheck(`acme_test-${FIXTURE.id}_${secret}`)],
    ['with another separator after its id', withCheck(`acme_test_${FIXTURE.id}-${secret}`)],
    ['with a digit for a separator', withCheck(`acme_test_${FIXTURE.id}0${secret}`)],
  ])('is refused %s', (_, token) => {
    expect(parseToken(token, PREFIXES)).toBeNull()
  })
})
