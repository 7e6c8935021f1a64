/** Tokens of other systems: what has the shape of one, taken apart, and what it is found by. */
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import {
  aliasOfHash,
  aliasOfId,
  aliasOfToken,
  type ForeignShape,
  type ForeignToken,
  fingerprintOf,
  LEAST_SECRET,
  MOST_ID_PART,
  parseAs,
  parseForeign,
} from '../../src/key/foreign-token.js'
import { runs } from '../support/runs.js'

const WHOLE: ForeignShape = {
  source: 'old',
  prefix: 'ba_',
  least: 24,
  most: 40,
  separator: null,
  hash: 'sha256',
  covers: 'token',
}
const PARTED: ForeignShape = { ...WHOLE, source: 'laravel', prefix: '', least: 18, most: 300, separator: '|' }

const of = (length: number) => 'x'.repeat(length)
const secret = of(LEAST_SECRET)

function parsed(token: string, shape: ForeignShape): ForeignToken {
  const answer = parseAs(token, shape)
  if (answer === null) throw new Error('The token has another shape.')
  return answer
}

describe('a token that is found by its digest', () => {
  it('is its prefix and its secret', () => {
    const token = `ba_${of(21)}`
    expect(parseAs(token, WHOLE)).toEqual({ shape: WHOLE, token, secret: of(21), idPart: null })
  })

  it.each([
    ['as short as it may be', `ba_${of(21)}`, true],
    ['one character shorter', `ba_${of(20)}`, false],
    ['as long as it may be', `ba_${of(37)}`, true],
    ['one character longer', `ba_${of(38)}`, false],
    ['of another prefix', `bb_${of(21)}`, false],
    ['with its prefix at the end', `${of(21)}ba_`, false],
    ['with its prefix at both ends', `ba_${of(21)}ba_`, true],
    ['with the first and the last visible character', `ba_!~${of(21)}`, true],
    ['with the neighbours of the comma', `ba_+-${of(21)}`, true],
    ['with a comma', `ba_,${of(21)}`, false],
    ['with a comma at its end', `ba_${of(21)},`, false],
    ['with a space', `ba_ ${of(21)}`, false],
    ['with DEL', `ba_${of(21)}\x7f`, false],
    ['with a line break at its end', `ba_${of(21)}\n`, false],
    ['with a letter beyond ASCII', `ba_${of(21)}é`, false],
  ])('%s', (_, token, taken) => {
    expect(parseAs(token, WHOLE) !== null).toBe(taken)
  })

  it.each([' ', ',', 'é'])('begins with no %j either, where it has no prefix', character => {
    const bare = { ...WHOLE, prefix: '' }
    expect(parseAs(`x${of(30)}`, bare)).not.toBeNull()
    expect(parseAs(`${character}${of(30)}`, bare)).toBeNull()
  })

  it('has a secret that cannot be guessed, however short a token may be', () => {
    const short = { ...WHOLE, least: 1 }
    expect(parseAs(`ba_${secret}`, short)?.secret).toBe(secret)
    expect(parseAs(`ba_${secret.slice(1)}`, short)).toBeNull()
  })
})

describe('a token that is found by its id part', () => {
  it('is what stands before the separator, and the secret after it', () => {
    const token = `7|${secret}`
    expect(parseAs(token, PARTED)).toEqual({ shape: PARTED, token, secret, idPart: '7' })
  })

  it('has its prefix in its id part', () => {
    const shape = { ...PARTED, prefix: 'sk_' }
    expect(parseAs(`sk_7|${secret}`, shape)?.idPart).toBe('sk_7')
    expect(parseAs(`7|${secret}`, shape)).toBeNull()
  })

  it.each([
    ['without an id part', `|x${secret}`, false],
    ['with one of a character', `7|${secret}`, true],
    ['with one as long as it may be', `${of(MOST_ID_PART)}|${secret}`, true],
    ['with one that is longer', `${of(MOST_ID_PART + 1)}|${secret}`, false],
    ['without a separator', of(20), false],
    ['with two separators', `7|${secret}|`, false],
    ['with two separators side by side', `7||${secret}`, false],
    ['with a secret as short as it may be', `77|${secret}`, true],
    ['with one that is shorter', `77|${secret.slice(1)}`, false],
    ['without a secret', `${of(20)}|`, false],
  ])('%s', (_, token, taken) => {
    expect(parseAs(token, PARTED) !== null).toBe(taken)
  })

  it('is any text of which that can be said by a regular expression', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '|', '~', ',', ' '), minLength: 14, maxLength: 30 })
    fc.assert(
      fc.property(text, fc.integer({ min: 0, max: 12 }), (tail, front) => {
        const token = `${of(front)}${tail}`
        const is = token.length >= 18 && /^[!-+\--{}~]{1,128}\|[!-+\--{}~]{16,}$/.test(token)
        expect(parseAs(token, PARTED) !== null).toBe(is)
      }),
      runs(500),
    )
  })
})

describe('several shapes', () => {
  const other = { ...WHOLE, source: 'later', prefix: '' }

  it('are tried in their order', () => {
    const token = `ba_${of(21)}`
    expect(parseForeign(token, [WHOLE, other])?.shape).toBe(WHOLE)
    expect(parseForeign(token, [other, WHOLE])?.shape).toBe(other)
    expect(parseForeign(of(30), [WHOLE, other])?.shape).toBe(other)
  })

  it('may all be others', () => {
    expect(parseForeign('short', [WHOLE, other])).toBeNull()
    expect(parseForeign(of(30), [])).toBeNull()
  })
})

describe('what a token is found by', () => {
  const sha = (algorithm: string, text: string) => createHash(algorithm).update(text).digest('base64url')
  const token = `ba_${of(21)}`

  it('is its id part, of its source', () => {
    expect(aliasOfToken(parsed(`7|${secret}`, PARTED))).toBe('token-id:laravel:7')
    expect(aliasOfId('laravel', '7')).toBe('token-id:laravel:7')
  })

  it.each([
    ['sha256', 'token', `token:$sha256$${sha('sha256', token)}`],
    ['sha256', 'secret', `token:$sha256$c=secret$${sha('sha256', of(21))}`],
    ['sha512', 'token', `token:$sha512$${sha('sha512', token)}`],
    ['sha512', 'secret', `token:$sha512$c=secret$${sha('sha512', of(21))}`],
    ['bcrypt', 'token', `token:$sha256$${sha('sha256', token)}`],
    ['pbkdf2-sha256', 'token', `token:$sha256$${sha('sha256', token)}`],
  ] as const)('is else its digest, as %s of the %s has it', (hash, covers, alias) => {
    expect(aliasOfToken(parsed(token, { ...WHOLE, hash, covers }))).toBe(alias)
  })

  it('is the same whatever the source, by its digest', () => {
    const [one, two] = ['a', 'b'].map(source => aliasOfToken(parsed(token, { ...WHOLE, source })))
    expect(one).toBe(two)
    expect(aliasOfHash('$sha256$x')).toBe('token:$sha256$x')
  })
})

it('tells the hashes of two rows apart by a digest of each, which is the hash of no token', () => {
  expect(fingerprintOf('$sha256$x')).toBe(
    createHash('sha256').update('imported\0$sha256$x').digest('base64url'),
  )
  expect(fingerprintOf('$sha256$y')).not.toBe(fingerprintOf('$sha256$x'))
})
