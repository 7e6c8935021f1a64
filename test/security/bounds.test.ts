/** What is sent, however large, deep or many, costs an answer of bounded length and no more; what is built of input is linear. */
import { keyHandler } from 'sidekey/fetch'
import { scrubbed } from '../../src/cli/text.js'
import { covers, isPattern } from '../../src/key/permission.js'
import { redact } from '../../src/key/redact.js'
import { isOriginPattern, originMatcher } from '../../src/key/restriction.js'
import { alice, refusal, testKeys } from '../support/keys.js'

const KIB = 1024

function asked(keys = testKeys()) {
  const handler = keyHandler(keys, { path: '/api-keys' })
  return async (method: string, path: string, body?: string) => {
    const json = body !== undefined && { body, headers: { 'content-type': 'application/json' } }
    const answer = await handler(
      new Request(`https://app.example.com/api-keys${path}`, { method, ...json }),
      {
        user: alice,
      },
    )
    return { status: answer.status, text: await answer.text() }
  }
}

describe('an answer', () => {
  it.each<[string, string]>([
    [
      'many fields',
      JSON.stringify(Object.fromEntries(Array.from({ length: 6_000 }, (_, i) => [`a${i}`, 1]))),
    ],
    [
      'many fields of one within',
      `{"name":"k","owner":{${Array.from({ length: 5_000 }, (_, i) => `"a${i}":1`)}}}`,
    ],
    ['a long name of a field', `{"${'x'.repeat(60 * KIB)}":1}`],
    ['a long list', JSON.stringify({ name: 'k', permissions: Array(20_000).fill('') })],
    [
      'a list of wrong items',
      JSON.stringify({ name: 'k', permissions: Array(200).fill('\u0000'), roles: Array(50).fill('x') }),
    ],
    ['a long text', JSON.stringify({ name: 'x'.repeat(60 * KIB) })],
    ['many limits', `{"name":"k","limits":{${Array.from({ length: 4_000 }, (_, i) => `"A${i}":1`)}}}`],
    ['JSON that is deep', `{"name":"k","metadata":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}}`],
    ['a list that is deep', '['.repeat(60 * KIB)],
    ['names that are the same', `{${'"name":"k",'.repeat(5_000)}"nope":1}`],
  ])('to %s is a refusal of some KiB', async (_, body) => {
    expect(body.length).toBeLessThan(64 * KIB)
    const { status, text } = await asked()('POST', '', body)
    expect(status).toBe(400)
    expect(text.length).toBeLessThan(32 * KIB)
  })

  it('to many parameters is a refusal of some KiB', async () => {
    const query = Array.from({ length: 6_000 }, (_, i) => `a${i}=1`).join('&')
    for (const path of [`?${query}`, `/audit?${query}`, `?${'limit=1&'.repeat(6_000)}`]) {
      const { status, text } = await asked()('GET', path)
      expect(status).toBe(400)
      expect(text.length).toBeLessThan(32 * KIB)
    }
  })
})

describe('a token that was put in a wrong place', () => {
  it.each<[string, (token: string) => [string, string, string?]]>([
    ['a value in the address', token => ['GET', `?api_key=${token}`]],
    ['a name in the address', token => ['GET', `?${token}=1`]],
    ['a name that is there twice', token => ['GET', `?${token}=1&${token}=2`]],
    ['a cursor', token => ['GET', `?cursor=${token}`]],
    ['an id', token => ['GET', `/${token}`]],
    ['a path', token => ['POST', `/no/${token}`]],
    ['a time zone', token => ['GET', `/usage?timeZone=${token}`]],
    ['a name of a field', token => ['POST', '', `{"name":"k","${token}":1}`]],
    [
      'a name of a field within another',
      token => ['POST', '', `{"name":"k","owner":{"id":"alice","${token}":1}}`],
    ],
    [
      'a name of a limit',
      token => ['POST', '', `{"name":"k","limits":{"${token}":{"points":1,"per":"1m"}}}`],
    ],
    ['a kind', token => ['POST', '', `{"name":"k","kind":"${token}"}`]],
    ['a permission', token => ['POST', '', `{"name":"k","permissions":["${token}"]}`]],
    ['a text that is no JSON', token => ['POST', '', `${token}`]],
  ])('lets nobody in, and is not told in the refusal: %s', async (_, sent) => {
    const keys = testKeys()
    const { token } = await keys.create({ name: 'k', owner: { id: 'alice' } })
    const { status, text } = await asked(keys)(...sent(token))
    expect([400, 404]).toContain(status)
    expect(text).not.toContain(token.slice(-49))
  })

  it('is not told by errors of server code either', async () => {
    const keys = testKeys()
    const { token } = await keys.create({ name: 'k', owner: { id: 'alice' } })
    const calls: readonly (() => Promise<unknown>)[] = [
      () => keys.create({ name: 'k', owner: { id: 'alice' }, [token]: 1 }),
      () => keys.list({ [token]: 1 }),
      async () => keys.verify(token, { [token]: 1 } as object), // as code without types may call it
    ]
    for (const call of calls) {
      const error = await refusal(call())
      expect(error.message).toContain('is not a known field')
      expect(error.message + JSON.stringify(error.errors)).not.toContain(token.slice(-49))
    }
  })
})

describe('what is made of input', () => {
  const match = originMatcher(['https://*.example.com', 'https://*.a.a.a.a'])
  const id = '0Vc2a2O3ZWcd5VkG'
  it.each<[string, (size: number) => () => unknown]>([
    [
      'a pattern of permissions against another',
      n => {
        const [outer, inner] = [`${'*:'.repeat(n)}x`, `${'a:'.repeat(n)}y`]
        return () => covers(outer, inner)
      },
    ],
    ['a permission', n => () => isPattern(`${'*:'.repeat(n)}!`)],
    ['an origin', n => () => match(`https://${'a.'.repeat(n)}`)],
    ['an origin with many ports', n => () => match(`https://${'a:1'.repeat(n)}`)],
    ['a pattern of origins', n => () => isOriginPattern(`https://*.${'a-'.repeat(n)}`)],
    ['what is masked', n => () => redact(`_${id}_`.repeat(n))],
    ['addresses in a message', n => () => scrubbed(`D${'+MONGODB://R'.repeat(n)}\t${'A+'.repeat(n)}`)],
  ])('takes time by its length, not by more: %s', (_, make) => {
    const [small, large] = [make(2_000), make(16 * 2_000)]
    // By the square it would be 256 times as long. The least of several is what the machine's other work has not touched.
    expect(leastTime(large)).toBeLessThan(Math.max(leastTime(small), 0.2) * 100)
  })
})

function leastTime(act: () => unknown): number {
  const times = Array.from({ length: 5 }, () => {
    const begun = performance.now()
    act()
    return performance.now() - begun
  })
  return Math.min(...times)
}
