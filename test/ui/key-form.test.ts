import type { ApiKey, KindConfig } from '../../src/client/index.js'
import { createInputOf, draftOf, emptyDraft, linesOf, missingIn, updateInputOf } from '../../ui/key-form.js'

const DAY = 86_400_000
const NOW = Date.UTC(2026, 10, 25, 12)
const KIND: KindConfig = {
  name: 'secret',
  prefix: 'acme_live',
  expiresIn: null,
  maxExpiresIn: null,
  expiresAfterIdle: null,
  permissions: null,
  limits: {},
  requiredRestrictions: [],
}
const KEY = {
  id: '0VbvmdHo9P49d4yC',
  name: 'CI',
  kind: 'secret',
  description: null,
  owner: { type: 'user', id: 'alice' },
  organizationId: null,
  permissions: ['reports:read'],
  roles: [],
  resources: [],
  tags: ['eu'],
  expiresAt: null,
  restrictions: { ips: ['203.0.113.0/24'], origins: [] },
  version: 3,
} as unknown as ApiKey // what the form does not look at is left out

describe('the form of a new key', () => {
  const empty = emptyDraft({ kinds: [KIND] })

  it('gives a key of the first kind 90 days, and nothing that was not asked for', () => {
    expect(createInputOf({ ...empty, name: ' CI ' })).toEqual({
      name: 'CI',
      kind: 'secret',
      permissions: [],
      restrictions: { ips: [], origins: [] },
      resources: [],
      tags: [],
      expiresIn: '90d',
    })
  })

  it('names no end for a key that lives for ever', () => {
    const input = createInputOf({ ...empty, name: 'CI', expiry: { at: 'never' } })
    expect(input).not.toHaveProperty('expiresIn')
    expect(input).not.toHaveProperty('expiresAt')
  })

  it("puts an organisation's key into that organisation, whatever was chosen before", () => {
    const input = createInputOf({ ...empty, name: 'CI', owner: 'acme', organizationId: 'other' })
    expect(input).toMatchObject({ owner: { type: 'organization', id: 'acme' }, organizationId: 'acme' })
  })

  it('sends a description as one line, since the API takes no line breaks', () => {
    expect(createInputOf({ ...empty, name: 'CI', description: 'one\n two\n' }).description).toBe('one two')
  })

  it('takes permissions that are typed with those that are chosen', () => {
    const draft = { ...empty, name: 'CI', permissions: ['a:b'], otherPermissions: 'a:b\nc:*' }
    expect(createInputOf(draft).permissions).toEqual(['a:b', 'c:*'])
  })

  it('says what is missing: a name, a day to come, what the kind must be bound to', () => {
    const bound: KindConfig = { ...KIND, requiredRestrictions: ['origins'] }
    const past = { ...empty, expiry: { at: 'day' as const, day: '2026-11-01' } }
    expect(missingIn(past, bound, NOW)).toEqual(['name', 'expiresAt', 'restrictions.origins'])
    const whole = { ...empty, name: 'CI', origins: 'https://a.example' }
    expect(missingIn(whole, bound, NOW)).toEqual([])
  })
})

describe('the form of a key that is there', () => {
  it('sends nothing where nothing was changed', () => {
    expect(updateInputOf(KEY, draftOf(KEY))).toEqual({})
  })

  it('sends what was changed, and of the rest nothing', () => {
    const draft = draftOf(KEY)
    expect(updateInputOf(KEY, { ...draft, name: 'CI 2', tags: '' })).toEqual({ name: 'CI 2', tags: [] })
    expect(updateInputOf(KEY, { ...draft, expiry: { at: 'span', ms: 7 * DAY } })).toEqual({ expiresIn: '7d' })
    expect(updateInputOf(KEY, { ...draft, expiry: { at: 'never' } })).toEqual({ expiresAt: null })
  })

  it('sends both sorts of restrictions where one was changed, since they are replaced together', () => {
    expect(updateInputOf(KEY, { ...draftOf(KEY), origins: 'https://a.example' })).toEqual({
      restrictions: { ips: ['203.0.113.0/24'], origins: ['https://a.example'] },
    })
  })

  it('empties a description', () => {
    const described = { ...KEY, description: 'old' }
    expect(updateInputOf(described, { ...draftOf(described), description: ' ' })).toEqual({
      description: null,
    })
  })
})

describe('lines', () => {
  it('are parted by line breaks and commas, without blanks and repeats', () => {
    expect(linesOf(' a, b\n\na\n c ')).toEqual(['a', 'b', 'c'])
  })
})
