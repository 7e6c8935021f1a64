/** The client that the page has, over the real router, without a network. */
import { keyHandler } from 'sidekey/fetch'
import { type KeyClient, keyClient } from '../../../src/client/index.js'
import type { TestKeys, TestUser } from '../../support/keys.js'

export interface AppClient {
  readonly client: KeyClient
  /** The paths that it has asked for, without the address. */
  readonly asked: readonly string[]
}

/** @param answerWithin how long a bulk revoke may take before it is answered that it goes on */
export function clientOf(keys: TestKeys, user: TestUser, answerWithin = '5s'): AppClient {
  const asked: string[] = []
  const handle = keyHandler(keys, { path: '/api-keys', answerWithin })
  const client = keyClient({
    baseUrl: 'http://app.test/api-keys',
    headers: { origin: 'http://app.test' },
    fetch: (url, { signal, ...init }) => {
      signal?.throwIfAborted()
      asked.push(`${init.method} ${url.slice('http://app.test/api-keys'.length)}`)
      return handle(new Request(url, init), { user })
    },
  })
  return { client, asked }
}
