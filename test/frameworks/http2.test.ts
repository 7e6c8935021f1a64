/** Koa serves HTTP/2 too, in which a body need not say how long it is. */
import { once } from 'node:events'
import http2 from 'node:http2'
import type { AddressInfo } from 'node:net'
import { type TestKeys, testKeys } from '../support/keys.js'
import { STACKS } from './stacks.js'

const koas = STACKS.filter(({ name }) => name.startsWith('Koa'))

describe.each(koas)('over HTTP/2, $name', ({ app }) => {
  /** Rotates a key with a body of that text; answers the status and when the old token ends. */
  async function rotate(body: string, headers: http2.OutgoingHttpHeaders = {}) {
    const keys: TestKeys = testKeys()
    const { apiKey, token } = await keys.create({ name: 'k', owner: { id: 'alice' } })
    const listener = app(keys) as unknown as Parameters<typeof http2.createServer>[1] // Koa's takes both
    const server = http2.createServer({}, listener).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const client = http2.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`) // it listens on TCP
    try {
      const sent = client.request({
        ':method': 'POST',
        ':path': `/api-keys/${apiKey.id}/rotate`,
        'content-type': 'application/json',
        'x-user': 'alice',
        ...headers,
      })
      sent.end(body)
      const [answer] = (await once(sent, 'response')) as [http2.IncomingHttpHeaders] // what the event carries
      sent.resume()
      return { status: answer[':status'], old: await keys.verify(token) }
    } finally {
      client.close()
      server.close()
    }
  }

  it('reads a body that says its length, and knows where there is none', async () => {
    const ended = await rotate('{"grace":"0s"}', { 'content-length': 14 })
    expect(ended).toMatchObject({ status: 200, old: { ok: false } })
    expect(await rotate('')).toMatchObject({ status: 200, old: { ok: true } })
  })

  // It is taken for none, and the old token lives on for a day.
  it('reads a body that does not', async () => {
    expect(await rotate('{"grace":"0s"}')).toMatchObject({ status: 200, old: { ok: false } })
  })
})
