/** The check of a message's signature, with its list of published keys and its bound. */
import { generateKeyPairSync } from 'node:crypto'
import { leakSettings, type PublishedKeys, readKeys } from '../../src/http/leak-options.js'
import { BAD_AT_ONCE, createSignatureCheck } from '../../src/http/leak-signature.js'
import { quiet, refusal, refusalCode } from '../support/keys.js'
import { messageOf, newPartner, type Partner, pemOf } from '../support/partner.js'

const partner = newPartner()
const BODY = messageOf('x')

/** A check, with a clock that a test sets. */
function open(publicKeys: PublishedKeys, refresh?: () => PublishedKeys | Promise<PublishedKeys>) {
  const faults: never[] = []
  const settings = leakSettings({ publicKeys, ...(refresh && { refresh }) }, faults)
  if (settings === null) throw new Error('given')
  const time = { now: 1_000_000 }
  const check = createSignatureCheck({ settings, logger: quiet, now: () => time.now })
  return {
    time,
    receive: async (
      by: Partner,
      body: string = BODY,
      more: Record<string, string> = {},
      address = '192.0.2.1',
    ) => {
      const headers: Record<string, string> = { ...by.headers(body), ...more }
      const signed = check.signed(name => headers[name], address)
      await check.check(signed, Buffer.from(body))
    },
    check,
  }
}

describe('a message', () => {
  it('that is signed by a published key is taken, again and again', async () => {
    const { receive } = open([partner.published])
    for (let i = 0; i < 3 * BAD_AT_ONCE; i++) await receive(partner)
  })

  it('of GitHub’s own documentation has the form that is taken', async () => {
    const { check } = open([partner.published])
    const headers: Record<string, string> = {
      'github-public-key-identifier': 'bcb53661c06b4728e59d897fb6165d5c9cda0fd9cdf9d09ead458168deb7518c',
      'github-public-key-signature':
        'MEQCIQDaMKqrGnE27S0kgMrEK0eYBmyG0LeZismAEz/BgZyt7AIfXt9fErtRS4XaeSt/AO1RtBY66YcAdjxji410VQV4xg==',
    }
    expect(check.signed(name => headers[name], undefined)).toMatchObject({
      keyName: expect.stringMatching(/^bcb5/),
    })
  })

  it.each([
    ['by another key of the same name', { by: newPartner(partner.name) }],
    ['by a key that is not published', { by: newPartner('unknown') }],
    [
      'of another body',
      {
        more: {
          'github-public-key-signature': partner.headers(`${BODY} `)['github-public-key-signature'] ?? '',
        },
      },
    ],
    ['that is no signature', { more: { 'github-public-key-signature': 'AAAAAAAAAAAA' } }],
    ['that is not base64', { more: { 'github-public-key-signature': '*'.repeat(96) } }],
    ['that is far too long', { more: { 'github-public-key-signature': 'A'.repeat(10_000) } }],
    ['by a name that is none', { more: { 'github-public-key-identifier': '../../etc' } }],
  ])(
    'with a signature %s is refused',
    async (_, { by = partner, more = {} }: { by?: Partner; more?: Record<string, string> }) => {
      expect(await refusalCode(open([partner.published]).receive(by, BODY, more))).toBe('SIGNATURE_INVALID')
    },
  )

  it('with a bad signature is taken at a bounded rate', async () => {
    const { receive, time } = open([partner.published])
    const bad = newPartner(partner.name)
    for (let i = 0; i < BAD_AT_ONCE; i++) expect(await refusalCode(receive(bad))).toBe('SIGNATURE_INVALID')
    expect(await refusal(receive(bad))).toMatchObject({ code: 'TOO_MANY_REQUESTS', retryAfter: 1 })
    time.now += 1_000
    await receive(partner)
    expect(await refusalCode(receive(bad))).toBe('SIGNATURE_INVALID')
  })

  it('of the partner is taken however many bad ones come from elsewhere', async () => {
    const { receive } = open([partner.published])
    const bad = newPartner(partner.name)
    for (let i = 0; i < 3 * BAD_AT_ONCE; i++) await refusalCode(receive(bad))
    await receive(partner, BODY, {}, '192.0.2.2')
  })

  it('has a place while it is read: few from one address are in memory at once', async () => {
    const { check } = open([partner.published])
    const headers: Record<string, string> = partner.headers(BODY)
    const begin = () => check.signed(name => headers[name], '192.0.2.1')
    const begun = Array.from({ length: BAD_AT_ONCE }, begin)
    expect(begin).toThrow('Too many messages')
    const [first] = begun
    if (first === undefined) throw new Error('begun above')
    await check.check(first, Buffer.from(BODY))
    begin()
  })
})

describe('the published list', () => {
  it('is asked for anew where a message names a key that is not in it: once for all who wait, once a minute', async () => {
    const next = newPartner('next')
    const lists: PublishedKeys[] = []
    const refresh = jest.fn(async () => ({ public_keys: lists.at(-1) as never }))
    const { receive, time } = open([partner.published], refresh)
    lists.push([partner.published])
    await Promise.all(
      [1, 2, 3].map(async () => expect(await refusalCode(receive(next))).toBe('SIGNATURE_INVALID')),
    )
    expect(refresh).toHaveBeenCalledTimes(1)
    lists.push([next.published])
    time.now += 59_000
    expect(await refusalCode(receive(next))).toBe('SIGNATURE_INVALID')
    expect(refresh).toHaveBeenCalledTimes(1)
    time.now += 1_000
    await receive(next)
    // What is published no longer is trusted no longer.
    expect(await refusalCode(receive(partner))).toBe('SIGNATURE_INVALID')
  })

  it('is asked for when it is a day old, and the old one serves where that fails', async () => {
    let fails = true
    const refresh = jest.fn(async () => {
      if (fails) throw new Error('away')
      return [newPartner('other').published]
    })
    const { receive, time } = open([partner.published], refresh)
    await receive(partner)
    expect(refresh).not.toHaveBeenCalled()
    time.now += 86_400_000
    await receive(partner)
    expect(refresh).toHaveBeenCalledTimes(1)
    fails = false
    time.now += 60_000
    expect(await refusalCode(receive(partner))).toBe('SIGNATURE_INVALID')
  })

  it('that cannot be had is 503 for who it might have named, and malformed ones are not taken', async () => {
    const { receive } = open([partner.published], () => ({ nothing: true }) as never)
    expect(await refusal(receive(newPartner('new')))).toMatchObject({
      code: 'STORE_UNAVAILABLE',
      retryAfter: 60,
    })
    await receive(partner)
  })

  it.each([
    ['nothing', undefined],
    ['an empty list', []],
    ['no PEM', [{ key_identifier: 'a', key: 'x' }]],
    [
      'a private key',
      [
        {
          key_identifier: 'a',
          key: generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey.export({
            type: 'pkcs8',
            format: 'pem',
          }),
        },
      ],
    ],
    [
      'another curve',
      [{ key_identifier: 'a', key: pemOf(generateKeyPairSync('ec', { namedCurve: 'secp384r1' }).publicKey) }],
    ],
    [
      'RSA',
      [{ key_identifier: 'a', key: pemOf(generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey) }],
    ],
    ['no name', [{ key: partner.published.key }]],
  ])('is not %s', (_, published) => {
    expect(readKeys(published)).toBeNull()
  })
})
