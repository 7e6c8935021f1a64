import { randomBytes } from 'node:crypto'

/** Digits in ASCII order, so that strings of one length sort as the numbers they stand for. */
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** The largest multiple of 62 that fits a byte: bytes from here on are thrown away, so no digit is favoured. */
const UNBIASED = 248

/** Writes a non-negative safe integer as exactly `length` base62 digits. */
export function encodeBase62(value: number, length: number): string {
  let rest = value
  let digits = ''
  for (let i = 0; i < length; i++) {
    digits = ALPHABET.charAt(rest % 62) + digits
    rest = Math.floor(rest / 62)
  }
  return digits
}

/** Reads base62 digits as a number; the caller has checked the digits. */
export function decodeBase62(digits: string): number {
  let value = 0
  for (const digit of digits) value = value * 62 + ALPHABET.indexOf(digit)
  return value
}

/** `length` base62 digits from the CSPRNG, by rejection sampling (no modulo bias). */
export function randomBase62(length: number): string {
  let digits = ''
  while (digits.length < length) {
    for (const byte of randomBytes(length + 8)) {
      if (byte < UNBIASED && digits.length < length) digits += ALPHABET.charAt(byte % 62)
    }
  }
  return digits
}

/** Whether every character of `text` from `start` to `end` is a base62 digit. */
export function isBase62(text: string, start = 0, end = text.length): boolean {
  for (let i = start; i < end; i++) {
    const c = text.charCodeAt(i)
    const ok = (c >= 48 && c <= 57) || (c >= 65 && c <= 90) || (c >= 97 && c <= 122)
    if (!ok) return false
  }
  return end > start
}
