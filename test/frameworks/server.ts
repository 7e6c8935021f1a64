/** Servers that are there for the time of a test, and a reverse proxy before one. */
import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'

/** Serves `listener` while `use` runs. */
export async function withServer(
  listener: http.RequestListener,
  use: (port: number) => Promise<void>,
): Promise<void> {
  const server = http.createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    await use((server.address() as AddressInfo).port) // it listens on TCP
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

/**
 * A reverse proxy: hands requests on to `port` by its own host, with `X-Forwarded-For` and `X-Forwarded-Host`.
 * @param client the address that its clients have
 */
export function proxyBefore(port: number, client: string): http.RequestListener {
  return (request, response) => {
    const { method, url, headers } = request
    const seen = headers['x-forwarded-for']
    const forwarded = {
      ...headers,
      host: `127.0.0.1:${port}`,
      'x-forwarded-for': seen === undefined ? client : `${seen}, ${client}`,
      'x-forwarded-host': headers.host ?? '',
    }
    const upstream = http.request({ port, method, path: url, headers: forwarded }, answer => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    upstream.on('error', () => response.writeHead(502).end())
    request.pipe(upstream)
  }
}
