import { auditQueryOf, holdsToken, idIn, keyQueryOf } from '../../../ui/views/admin/filters.js'
import { dayOf, dayText, startOfDay } from '../../../ui/views/day.js'
import { root, testKeys } from '../../support/keys.js'
import { clientOf } from './client.js'

const NOON = new Date(2026, 10, 25, 12)

describe('the filters of keys', () => {
  it('ask for what the address says', () => {
    const query = { q: 'tool', status: 'active', kind: 'secret', tag: 'etl', unused: '30' }
    expect(keyQueryOf(query, { all: true }, NOON)).toEqual({
      all: true,
      q: 'tool',
      status: 'active',
      kind: 'secret',
      tag: 'etl',
      unusedSince: new Date(2026, 9, 26).toISOString(),
    })
  })

  it('pass over what an address cannot mean', () => {
    expect(keyQueryOf({ status: 'gone', unused: '-1', other: 'x' }, { all: true }, NOON)).toEqual({
      all: true,
    })
    const odd = { action: 'steal', refused: 'maybe', from: '2026-13-40', to: 'x', key: 'short' }
    expect(auditQueryOf(odd, { all: true })).toEqual({ all: true })
  })

  it('are such as the API takes, whatever stands in the address', async () => {
    const { client } = clientOf(testKeys(), root)
    const long = 'x'.repeat(64)
    for (const query of [{}, { q: long.repeat(4), tag: long, kind: long, status: 'deleted', unused: '365' }])
      expect((await client.list(keyQueryOf(query, { all: true }, NOON))).data).toEqual([])
    const all = { action: 'revoke', refused: 'false', from: '2026-01-01', to: '2026-11-25', actor: 'bob' }
    expect((await client.audit(auditQueryOf(all, { all: true }))).data).toEqual([])
  })
})

describe('the filters of the audit', () => {
  it('take both days whole, where the viewer is', () => {
    const { from, to } = auditQueryOf({ from: '2026-11-01', to: '2026-11-02' }, {})
    expect([from, to]).toEqual([new Date(2026, 10, 1).toISOString(), new Date(2026, 10, 3).toISOString()])
  })

  it('ask for acts, or refusals, or both', () => {
    expect(auditQueryOf({ refused: 'true' }, {}).refused).toBe(true)
    expect(auditQueryOf({ refused: 'false' }, {}).refused).toBe(false)
    expect(auditQueryOf({}, {})).not.toHaveProperty('refused')
  })
})

describe('what is written into a filter', () => {
  it('is known for a token, wherever it stands in it', async () => {
    const { token, apiKey } = await testKeys().create({ owner: { id: 'alice' }, name: 'a key' })
    expect(holdsToken(token, [apiKey.prefix])).toBe(true)
    expect(holdsToken(`Bearer ${token}`, [apiKey.prefix])).toBe(true)
    expect(holdsToken(token.slice(0, -20), [apiKey.prefix])).toBe(true)
    expect(holdsToken(apiKey.start, [apiKey.prefix])).toBe(false)
    expect(holdsToken('my acme_live key', [apiKey.prefix])).toBe(false)
  })

  it('leads to a key by its id, or by the beginning of its token', () => {
    expect(idIn('0VbvmdHo9P49d4yC', ['acme_live'])).toBe('0VbvmdHo9P49d4yC')
    expect(idIn('acme_live_0VbvmdHo9P49d4yC', ['acme_live'])).toBe('0VbvmdHo9P49d4yC')
    expect(idIn('other_0VbvmdHo9P49d4yC', ['acme_live'])).toBeNull()
    expect(idIn('acme_live_0VbvmdHo9P49d4yC_x', ['acme_live'])).toBeNull()
  })
})

describe('a day', () => {
  it('is written and read as the same', () => {
    expect(dayText(NOON)).toBe('2026-11-25')
    expect(dayOf('2026-11-25')).toEqual(new Date(2026, 10, 25))
    expect(dayText(startOfDay(NOON, 10))).toBe('2026-12-05')
  })

  it('is none where there is no such day', () => {
    for (const text of ['', '2026-1-1', '2026-13-01', 'today', undefined]) expect(dayOf(text)).toBeNull()
  })
})
