/** A secret-scanning partner: signs messages as GitHub does, with a key made here. */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import type { PublishedKey } from '../../src/http/leak-options.js'

export interface Partner {
  readonly name: string
  readonly published: PublishedKey
  /** The headers that go with a body. */
  headers(body: string | Uint8Array): Record<string, string>
}

export function newPartner(
  name = 'f9525bf080f75b3506ca1ead061add62b8633a346606dc5fe544e29231c6ee0d',
): Partner {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  return {
    name,
    published: { key_identifier: name, key: pemOf(publicKey), is_current: true },
    headers: body => ({
      'content-type': 'application/json',
      'github-public-key-identifier': name,
      'github-public-key-signature': sign('sha256', Buffer.from(body), privateKey).toString('base64'),
    }),
  }
}

export function pemOf(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'pem' }).toString()
}

export const PLACE =
  'https://github.com/octocat/Hello-World/blob/12345600b9cbe38a219f39a9941c9319b600c002/foo/bar.txt'

/** As GitHub writes it, in its own order and spacing. */
export function messageOf(...tokens: string[]): string {
  return JSON.stringify(tokens.map(token => ({ source: 'content', token, type: 'acme_api_key', url: PLACE })))
}
