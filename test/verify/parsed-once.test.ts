/** Restrictions are parsed once a record, not once a request. */
import ipaddr from 'ipaddr.js'
import { testKeys } from '../support/keys.js'
import { childOf, keyFor, outcome } from './support.js'

const RANGES = ['192.0.2.0/24', '2001:db8::/32', '198.51.100.7']
const HOSTS = ['192.0.2.0', '2001:db8::', '198.51.100.7']
const FROM: readonly (readonly [ip: string, outcome: string])[] = [
  ['192.0.2.9', 'ok'],
  ['::ffff:192.0.2.9', 'ok'],
  ['2001:db8::9', 'ok'],
  ['203.0.113.1', 'IP_NOT_ALLOWED'],
]
const ORIGINS = ['https://*.example.com', 'https://app.example.org']
const BY: readonly (readonly [origin: string, outcome: string])[] = [
  ['https://a.example.com', 'ok'],
  ['https://app.example.org', 'ok'],
  ['https://example.com.evil.test', 'ORIGIN_NOT_ALLOWED'],
]
const REQUESTS = 1_000

/** Counts from here on how often one of these texts is parsed, as an address or as an origin. */
function countParses(texts: readonly string[]): () => number {
  const parse = jest.spyOn(ipaddr, 'parse')
  const exec = jest.spyOn(RegExp.prototype, 'exec')
  return () => [...parse.mock.calls, ...exec.mock.calls].filter(([text]) => texts.includes(text)).length
}

afterEach(() => jest.restoreAllMocks())

/** Verifies from one address and another, or for one origin and another, and answers how often texts were parsed: by the first, and by all. */
async function parsesDuring(
  verify: (fact: string) => Promise<string>,
  facts: readonly (readonly [string, string])[],
  texts: readonly string[],
) {
  const parses = countParses(texts)
  let first = 0
  for (let i = 0; i < REQUESTS; i++) {
    const [fact, expected] = facts[i % facts.length] ?? ['', '']
    expect(await verify(fact)).toBe(expected)
    if (i === 0) first = parses()
  }
  return { first, all: parses() }
}

describe('the restrictions of a key', () => {
  it('to addresses are parsed by the first of 1,000 verifications alone', async () => {
    const keys = testKeys()
    const { token } = await keyFor(keys, { restrictions: { ips: RANGES } })
    const verify = async (ip: string) => outcome(await keys.verify(token, { ip }))
    const { first, all } = await parsesDuring(verify, FROM, HOSTS)
    expect(first).toBeGreaterThanOrEqual(HOSTS.length)
    expect(all).toBe(first)
  })

  it('to origins are parsed by the first of 1,000 verifications alone', async () => {
    const keys = testKeys()
    const { token } = await keyFor(keys, { restrictions: { origins: ORIGINS } })
    const verify = async (origin: string) => outcome(await keys.verify(token, { origin }))
    const { first, all } = await parsesDuring(verify, BY, ['https://*.example.com'])
    expect(first).toBeGreaterThanOrEqual(1)
    expect(all).toBe(first)
  })

  it('that a key inherits from the one that made it are parsed once too', async () => {
    const keys = testKeys()
    const permissions = ['api-keys:create', 'reports:read'] as const
    const parent = await keyFor(keys, { permissions, restrictions: { ips: RANGES } })
    const { token } = await childOf(keys, parent.token, { permissions: ['reports:read'] })
    const verify = async (ip: string) => outcome(await keys.verify(token, { ip }))
    await verify('192.0.2.9')
    const { all } = await parsesDuring(verify, FROM, HOSTS)
    expect(all).toBe(0)
  })

  it('are parsed anew, once, when they have been changed', async () => {
    const keys = testKeys()
    const { apiKey, token } = await keyFor(keys, { restrictions: { ips: RANGES } })
    const verify = async (ip: string) => outcome(await keys.verify(token, { ip }))
    expect(await verify('192.0.2.9')).toBe('ok')
    await keys.update(apiKey.id, { restrictions: { ips: ['203.0.113.0/24'] } })
    const { first, all } = await parsesDuring(
      verify,
      [
        ['203.0.113.1', 'ok'],
        ['192.0.2.9', 'IP_NOT_ALLOWED'],
      ],
      [...HOSTS, '203.0.113.0'],
    )
    expect(first).toBeGreaterThanOrEqual(1)
    expect(all).toBe(first)
  })
})
