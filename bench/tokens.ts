/** Bad tokens, made from a good one, and a store that counts how often it is asked. */
import type { Store } from 'sidekey'

export const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** What cannot be one of our tokens whatever its checksum. */
export function malformed(token: string): string[] {
  const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJlLW9mLW5vLXdvcnRoLWF0LWFsbC1oZXJl'
  return [
    jwt,
    'Bearer',
    token.slice(0, -1),
    `${token}x`,
    token.replace('acme_live', 'acme_test'),
    token.replaceAll('_', '-'),
    `${token.slice(0, -1)}!`,
    `${token.slice(0, -1)}\u0000`,
    `${token.slice(0, -1)}é`,
    'x'.repeat(2 ** 20),
  ]
}

/** Our shape, but one digit is another, or two neighbours have changed places: only the checksum tells. */
export function mistyped(token: string): string[] {
  const start = token.lastIndexOf('_') + 1
  const tokens: string[] = []
  for (let at = start; at < token.length; at++) {
    const [before, digit, after, rest] = [
      token.slice(0, at),
      token[at] ?? '',
      token[at + 1] ?? '',
      token.slice(at + 2),
    ]
    const other = DIGITS[(DIGITS.indexOf(digit) + 7) % DIGITS.length]
    tokens.push(`${before}${other}${after}${rest}`)
    if (after !== '' && after !== digit) tokens.push(`${before}${after}${digit}${rest}`)
  }
  return tokens
}

/** The same store, with a count of all calls of its methods. */
export function countCalls(store: Store): { store: Store; calls: () => number } {
  let calls = 0
  const counting = new Proxy(store, {
    get(target, name, receiver) {
      const method = Reflect.get(target, name, receiver)
      if (typeof method !== 'function') return method
      return (...given: unknown[]) => {
        calls++
        return Reflect.apply(method, target, given)
      }
    },
  })
  return { store: counting, calls: () => calls }
}
