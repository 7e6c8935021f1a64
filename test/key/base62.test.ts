import fc from 'fast-check'
import { decodeBase62, encodeBase62, isBase62, randomBase62 } from '../../src/key/base62.js'

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

describe('base62', () => {
  it('writes and reads known numbers', () => {
    expect(encodeBase62(0, 6)).toBe('000000')
    expect(encodeBase62(61, 2)).toBe('0z')
    expect(encodeBase62(62, 2)).toBe('10')
    expect(encodeBase62(0xffffffff, 6)).toBe('4gfFC3')
    expect(decodeBase62('4gfFC3')).toBe(0xffffffff)
  })

  it('reads back every number that it wrote', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 62 ** 8 - 1 }), value => {
        expect(decodeBase62(encodeBase62(value, 8))).toBe(value)
      }),
    )
  })

  it('sorts as text the way the numbers sort', () => {
    const time = fc.integer({ min: 0, max: 62 ** 8 - 1 })
    fc.assert(
      fc.property(time, time, (a, b) => {
        expect(encodeBase62(a, 8) < encodeBase62(b, 8)).toBe(a < b)
      }),
    )
  })

  it('takes the 62 digits and nothing else', () => {
    for (let code = 0; code < 0x300; code++) {
      const character = String.fromCharCode(code)
      expect(isBase62(character)).toBe(DIGITS.includes(character))
    }
    expect(isBase62('')).toBe(false)
    expect(isBase62('ab-c')).toBe(false)
    expect(isBase62('-ab-', 1, 3)).toBe(true)
    expect(isBase62('-ab-', 1, 4)).toBe(false)
  })
})

describe('random digits', () => {
  it.each([0, 1, 8, 43, 1000])('come in the length that was asked for: %i', length => {
    const digits = randomBase62(length)
    expect(digits).toHaveLength(length)
    expect([...digits].every(digit => DIGITS.includes(digit))).toBe(true)
  })

  it('favour no digit (chi-square: a modulo of bytes would give more than 1500, chance gives about 61)', () => {
    const drawn = 310_000
    const counts = new Map([...DIGITS].map(digit => [digit, 0]))
    for (const digit of randomBase62(drawn)) counts.set(digit, (counts.get(digit) ?? 0) + 1)
    const expected = drawn / 62
    let chiSquare = 0
    for (const count of counts.values()) chiSquare += (count - expected) ** 2 / expected
    expect(counts.size).toBe(62)
    // 61 degrees of freedom: more than 170 has a chance below 1 in 10^11.
    expect(chiSquare).toBeLessThan(170)
  })

  it('do not repeat themselves', () => {
    const drawn = Array.from({ length: 1000 }, () => randomBase62(43))
    expect(new Set(drawn).size).toBe(1000)
  })
})
