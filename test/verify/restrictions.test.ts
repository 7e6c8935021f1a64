/** Where a key may be used from. */
import type { RestrictionsInput, VerifyRequest } from 'sidekey'
import { type TestPermission, testKeys } from '../support/keys.js'
import { keyFor, outcome } from './support.js'

async function asker(restrictions: RestrictionsInput) {
  const keys = testKeys()
  const { token } = await keyFor(keys, { restrictions })
  return async (request: VerifyRequest<TestPermission>) => outcome(await keys.verify(token, request))
}

describe('a key that is bound to addresses', () => {
  it('is good from these, IPv4 and IPv6, to the edge of each range', async () => {
    const ask = await asker({ ips: ['192.0.2.0/24', '198.51.100.7', '2001:db8::/32'] })
    const inside = ['192.0.2.0', '192.0.2.255', '198.51.100.7', '2001:db8::', '2001:db8:ffff::ffff']
    const outside = ['192.0.1.255', '192.0.3.0', '198.51.100.8', '2001:db7:ffff::', '2001:db9::', '::1']
    for (const ip of inside) expect([ip, await ask({ ip })]).toEqual([ip, 'ok'])
    for (const ip of outside) expect([ip, await ask({ ip })]).toEqual([ip, 'IP_NOT_ALLOWED'])
  })

  it('takes an IPv4 address in its IPv6 form for what it is', async () => {
    const ask = await asker({ ips: ['192.0.2.0/24'] })
    expect(await ask({ ip: '::ffff:192.0.2.1' })).toBe('ok')
    expect(await ask({ ip: '::ffff:192.0.3.1' })).toBe('IP_NOT_ALLOWED')
    const mapped = await asker({ ips: ['::ffff:192.0.2.0/120'] })
    expect(await mapped({ ip: '192.0.2.1' })).toBe('ok')
    expect(await mapped({ ip: '192.0.3.1' })).toBe('IP_NOT_ALLOWED')
  })

  it('is refused from an address that is not told, or is none', async () => {
    const ask = await asker({ ips: ['0.0.0.0/0', '::/0'] })
    expect(await ask({ ip: '203.0.113.9' })).toBe('ok')
    expect(await ask({})).toBe('IP_NOT_ALLOWED')
    for (const ip of ['', 'unknown', '192.0.2', '192.0.2.1, 192.0.2.2', '0x7f.0.0.1'])
      expect([ip, await ask({ ip })]).toEqual([ip, 'IP_NOT_ALLOWED'])
  })
})

describe('a key that is bound to origins', () => {
  it('is good from these, and from hosts below a wildcard', async () => {
    const ask = await asker({ origins: ['https://app.example.com', 'https://*.example.org'] })
    for (const origin of ['https://app.example.com', 'https://a.example.org', 'https://a.b.example.org'])
      expect([origin, await ask({ origin })]).toEqual([origin, 'ok'])
    for (const origin of [
      'http://app.example.com',
      'https://app.example.com:8443',
      'https://other.example.com',
      'https://example.org',
      'https://evilexample.org',
      'https://a.example.org.evil.com',
      'null',
      '',
    ])
      expect([origin, await ask({ origin })]).toEqual([origin, 'ORIGIN_NOT_ALLOWED'])
  })

  it('is refused where no origin is told', async () => {
    const ask = await asker({ origins: ['https://app.example.com'] })
    expect(await ask({ ip: '192.0.2.1' })).toBe('ORIGIN_NOT_ALLOWED')
  })
})

describe('a key without restrictions', () => {
  it('is good from anywhere', async () => {
    const ask = await asker({})
    expect(await ask({})).toBe('ok')
    expect(await ask({ ip: 'unknown', origin: 'null' })).toBe('ok')
  })
})

describe('restrictions that are changed', () => {
  it('hold from the next verification on', async () => {
    const keys = testKeys()
    const { apiKey, token } = await keyFor(keys, { restrictions: { ips: ['192.0.2.0/24'] } })
    const ask = async (ip: string) => outcome(await keys.verify(token, { ip }))
    expect(await ask('192.0.2.1')).toBe('ok')
    await keys.update(apiKey.id, { restrictions: { ips: ['198.51.100.0/24'] } })
    expect(await ask('192.0.2.1')).toBe('IP_NOT_ALLOWED')
    expect(await ask('198.51.100.1')).toBe('ok')
  })
})
