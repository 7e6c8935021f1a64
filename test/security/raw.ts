/** Requests as bytes, over a socket: what no client would send. */
import { once } from 'node:events'
import http, { type RequestListener } from 'node:http'
import net, { type AddressInfo } from 'node:net'

export interface RawServer {
  readonly port: number
  /** Sends the text and tells all that comes until the server hangs up. */
  send(text: string): Promise<string>
  close(): void
}

export async function serveRaw(listener: RequestListener): Promise<RawServer> {
  const server = http.createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // it listens on TCP
  return {
    port,
    async send(text) {
      const socket = net.connect(port, '127.0.0.1')
      const chunks: Buffer[] = []
      socket.on('data', (chunk: Buffer) => chunks.push(chunk))
      // What was not read when the server hangs up is no fault of the test's.
      socket.on('error', () => {})
      socket.write(text, 'latin1')
      await once(socket, 'close')
      return Buffer.concat(chunks).toString('latin1')
    },
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** A request that ends the connection: its first line and headers, each line ended as HTTP has it. */
export function requestOf(line: string, headers: readonly string[], body = ''): string {
  return [`${line} HTTP/1.1`, 'Host: app.example.com', 'Connection: close', ...headers, '', body].join('\r\n')
}

/** The answers in what came: status lines, and what belongs to each. */
export function answersIn(text: string): string[] {
  return text.split(/(?=HTTP\/1\.1 \d{3} )/).filter(one => one !== '')
}

export function statusesIn(text: string): number[] {
  return answersIn(text).map(one => Number(one.slice(9, 12)))
}
