import { confirmWord } from '../../ui/confirm-word.js'
import { daysWithin, endOf, expiryInput, mayLiveForEver, spansFor, usualExpiry } from '../../ui/expiry.js'
import { permissionGroups } from '../../ui/permission-choices.js'
import { spanIn } from '../../ui/spans.js'
import { curlFor, envLineFor } from '../../ui/token-forms.js'

const DAY = 86_400_000
const NOW = Date.UTC(2026, 10, 25, 12)

describe('the end of a key', () => {
  it('is offered within what the kind allows, with its own spans', () => {
    const days = (kind: Parameters<typeof spansFor>[0]) => spansFor(kind).map(ms => ms / DAY)
    expect(days({ expiresIn: null, maxExpiresIn: null })).toEqual([7, 30, 90, 365])
    expect(days({ expiresIn: 14 * DAY, maxExpiresIn: 60 * DAY })).toEqual([7, 14, 30, 60])
    expect(days({ expiresIn: null, maxExpiresIn: DAY })).toEqual([1])
  })

  it("begins with the kind's own, else with 90 days, else with the longest", () => {
    const first = (kind: Parameters<typeof usualExpiry>[0]) => usualExpiry(kind)
    expect(first({ expiresIn: 14 * DAY, maxExpiresIn: null })).toEqual({ at: 'span', ms: 14 * DAY })
    expect(first({ expiresIn: null, maxExpiresIn: null })).toEqual({ at: 'span', ms: 90 * DAY })
    expect(first({ expiresIn: null, maxExpiresIn: 60 * DAY })).toEqual({ at: 'span', ms: 60 * DAY })
  })

  it('is never, only where the server would make it so', () => {
    expect(mayLiveForEver({ expiresIn: null, maxExpiresIn: null }, 'create')).toBe(true)
    expect(mayLiveForEver({ expiresIn: DAY, maxExpiresIn: null }, 'create')).toBe(false)
    expect(mayLiveForEver({ expiresIn: DAY, maxExpiresIn: null }, 'update')).toBe(true)
    expect(mayLiveForEver({ expiresIn: null, maxExpiresIn: DAY }, 'update')).toBe(false)
  })

  it('of a chosen day is that of the day itself, by the clock of the viewer', () => {
    const end = endOf({ at: 'day', day: '2027-03-01' }, NOW)
    expect(end && [end.getFullYear(), end.getMonth(), end.getDate(), end.getHours()]).toEqual([
      2027, 2, 1, 23,
    ])
    expect(expiryInput({ at: 'day', day: '2027-03-01' })).toEqual({ expiresAt: end?.toISOString() })
    expect(endOf({ at: 'day', day: '' }, NOW)).toBeNull()
  })

  it('can be no day that ends after the longest span', () => {
    const kind = { expiresIn: null, maxExpiresIn: 10 * DAY }
    const { max = '' } = daysWithin(kind, NOW)
    const end = endOf({ at: 'day', day: max }, NOW)
    expect(end?.getTime()).toBeLessThanOrEqual(NOW + 10 * DAY)
    expect(end?.getTime()).toBeGreaterThan(NOW + 8 * DAY)
  })
})

describe('the permissions to choose from', () => {
  const catalogue = ['reports:read', 'reports:write', 'users:read']

  it('are those of the catalogue that the owner may give and the kind may carry', () => {
    const bounds = { permissions: catalogue, grants: ['reports:*'], kind: ['*:read'] }
    expect(permissionGroups(bounds, [])).toEqual([{ name: 'reports', permissions: ['reports:read'] }])
  })

  it('are all of them where the grants are not known: the server has the last word', () => {
    const names = permissionGroups({ permissions: catalogue, grants: null, kind: null }, []).map(
      ({ name }) => name,
    )
    expect(names).toEqual(['reports', 'users', 'api-keys'])
  })

  it('have what the key has already, also where it could not be given today', () => {
    const bounds = { permissions: catalogue, grants: ['users:read'], kind: null }
    expect(permissionGroups(bounds, ['reports:*'])).toContainEqual({
      name: 'reports',
      permissions: ['reports:*'],
    })
  })

  it('are those of the grants where there is no catalogue', () => {
    const bounds = { permissions: null, grants: ['a:b', 'c:*'], kind: null }
    expect(permissionGroups(bounds, [])).toEqual([{ name: 'a', permissions: ['a:b'] }])
  })
})

describe('what is shown of a token', () => {
  it('is a request that tells what the key is, and a line named after its prefix', () => {
    expect(curlFor('acme_live_x', 'https://app.example/api-keys')).toBe(
      'curl -H "Authorization: Bearer acme_live_x" https://app.example/api-keys/me',
    )
    expect(envLineFor('acme_live_x', 'acme_live')).toBe('ACME_LIVE_API_KEY=acme_live_x')
  })
})

describe('what is typed to confirm', () => {
  const id = '0VbvmdHo9P49d4yC'

  it('is the name of the key', () => {
    expect(confirmWord({ id, name: 'Nightly export' })).toBe('Nightly export')
    expect(confirmWord({ id, name: 'مفتاح v2.' })).toBe('مفتاح v2.')
  })

  it.each(['x'.repeat(41), ' CI', 'a  b', 'a\u200bb', '\u202eabc'])(
    'is the end of its id where nobody would type %j',
    name => {
      expect(confirmWord({ id, name })).toBe('49d4yC')
    },
  )
})

describe('spans in words', () => {
  it('have the largest whole unit', () => {
    expect(spanIn('en', 90 * DAY)).toBe('90 days')
    expect(spanIn('en', 365 * DAY)).toBe('1 year')
    expect(spanIn('en', 36 * 3_600_000)).toBe('36 hours')
    expect(spanIn('de', 60_000)).toBe('1 Minute')
  })
})
