/** One token, with its hashes as they were written on the day that they were first made: they must match for ever. */
import type { ParsedToken } from '../../src/key/token.js'

export const FIXTURE_TIME = Date.parse('2026-01-02T03:04:05.678Z')
export const FIXTURE_PEPPER = 'pepper of the fixture, 32 bytes or more'

export const FIXTURE: ParsedToken = {
  prefix: 'acme_test',
  id: '0V76xOIAk3yF1xT9',
  secret: 'Zq8vT2mKx0Rb7LwYc5NdJf3HgPs9AeUiOo1GhV6DzQk157sEU',
  token: 'acme_test_0V76xOIAk3yF1xT9_Zq8vT2mKx0Rb7LwYc5NdJf3HgPs9AeUiOo1GhV6DzQk157sEU',
}

export const FIXTURE_HASHES = {
  sha256: '$sha256$ZIJTizpv1QuXBJwn3lO5wwmUDtVifv9oOhucIwc_HYg',
  'hmac-sha256': '$hmac-sha256$k=9CSiuqdZ$AwTMsTjZO49w9w_POrCRxdn8RfPxRb38610UZaDJ2vI',
  bcrypt: '$2b$10$9bjlib9eJTmxaTdbsroSv.TY4YuDUSYOzVe0LUVxhdjpsLraNxqXu',
} as const

/** CRC-32 (ISO 3309), bit by bit, independent of zlib. */
export function crc32(text: string): number {
  let crc = 0xffffffff
  for (const byte of Buffer.from(text, 'utf8')) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  }
  return (crc ^ 0xffffffff) >>> 0
}

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** The six digits at the end of a token. */
export function checkOf(body: string): string {
  let rest = BigInt(crc32(body))
  let check = ''
  while (check.length < 6) {
    check = DIGITS.charAt(Number(rest % 62n)) + check
    rest /= 62n
  }
  return check
}

/** A well-formed token, put together without the code under test. */
export function tokenOf(prefix: string, id: string, secret: string): string {
  const body = `${prefix}_${id}_${secret}`
  return body + checkOf(body)
}
