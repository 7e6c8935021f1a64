import { KeyClientError, type KeyClientErrorCode } from '../../src/client/index.js'
import { failureOf, faultOf } from '../../ui/api/failure.js'
import { countOf, sortOf, stackedCounts, totalsOf } from '../../ui/outcomes.js'

const failed = (code: KeyClientErrorCode, status: number, more = {}) =>
  failureOf(new KeyClientError({ code, status, title: 't', detail: 'd', ...more }))

describe('a failed call', () => {
  it.each([
    ['UNAUTHENTICATED', 401, 'session'],
    ['REAUTHENTICATION_REQUIRED', 401, 'reauthenticate'],
    ['NETWORK_ERROR', 0, 'network'],
    ['STORE_UNAVAILABLE', 503, 'unavailable'],
    ['RATE_LIMITED', 429, 'unavailable'],
    ['NOT_FOUND', 404, 'missing'],
    ['INVALID_INPUT', 400, 'input'],
    ['FORBIDDEN', 403, 'refused'],
    ['VERSION_MISMATCH', 412, 'refused'],
    ['INTERNAL_ERROR', 500, 'unexpected'],
  ] as const)('%s (%d) is of the sort %s', (code, status, kind) => {
    expect(failed(code, status).kind).toBe(kind)
  })

  it('means an ended session where the app itself refuses, or leads to its login', () => {
    expect(failed('UNEXPECTED_ANSWER', 401).kind).toBe('session')
    expect(failed('UNEXPECTED_ANSWER', 0).kind).toBe('session')
  })

  it('means "later" where a proxy has no server', () => {
    for (const status of [502, 503, 504]) expect(failed('UNEXPECTED_ANSWER', status).kind).toBe('unavailable')
    expect(failed('UNEXPECTED_ANSWER', 418).kind).toBe('unexpected')
  })

  it('tells when to come back, and which fields are wrong', () => {
    const errors = [{ path: 'name', message: 'takes text' }]
    expect(failed('STORE_UNAVAILABLE', 503, { retryAfter: 2 }).retryAfter).toBe(2)
    expect(failed('INVALID_INPUT', 400, { errors }).fields).toEqual(errors)
  })

  it('is unexpected where it is a mistake of the page', () => {
    expect(failureOf(new TypeError('x'))).toMatchObject({ kind: 'unexpected', code: 'UNKNOWN' })
  })
})

describe('what is wrong with a field', () => {
  const fields = [
    { path: 'permissions.1', message: 'is not in the catalogue' },
    { path: 'permissions.2', message: 'is not in the catalogue' },
    { path: 'names', message: 'is unknown' },
  ]

  it('is what is wrong with its parts, once', () => {
    expect(faultOf(fields, 'permissions')).toBe('is not in the catalogue')
  })

  it('is not what is wrong with one whose name only begins so', () => {
    expect(faultOf(fields, 'name')).toBeNull()
  })
})

describe('outcomes of requests', () => {
  const periods = [
    { outcomes: { accepted: 5, RATE_LIMITED: 2, KEY_EXPIRED: 1 } },
    { outcomes: {} },
    { outcomes: { accepted: 1, CREDITS_EXHAUSTED: 3, IP_NOT_ALLOWED: 4 } },
  ]

  it('are of three sorts, one that is not known yet among the refused', () => {
    expect(['accepted', 'RATE_LIMITED', 'CREDITS_EXHAUSTED', 'KEY_REVOKED', 'NEW_CODE'].map(sortOf)).toEqual([
      'accepted',
      'limited',
      'limited',
      'refused',
      'refused',
    ])
  })

  it('are put on each other, so that the highest line is all of them', () => {
    expect(stackedCounts(periods)).toEqual({ accepted: [5, 0, 1], limited: [7, 0, 4], refused: [8, 0, 8] })
    expect(periods.map(period => countOf(period, 'limited'))).toEqual([2, 0, 3])
  })

  it('are summed up, accepted first, then the most frequent', () => {
    expect(totalsOf(periods)).toEqual([
      ['accepted', 6],
      ['IP_NOT_ALLOWED', 4],
      ['CREDITS_EXHAUSTED', 3],
      ['RATE_LIMITED', 2],
      ['KEY_EXPIRED', 1],
    ])
  })
})
