import { connect, createServer, type Socket } from 'node:net'

/** A TCP proxy before a server, which a test can make silent or cut. */
export interface TestProxy {
  readonly uri: string
  /** Takes connections and bytes, and passes none on until restored: a server that is frozen. */
  hang(): void
  /** Ends all connections and refuses new ones: a server that is down. */
  cut(): void
  /** Passes everything on again, what waited first. */
  restore(): void
  close(): Promise<void>
}

/**
 * The oldest connection, by which the driver watches the server, ends so long before the others, in ms. Where all end in one turn
 * of its loop, the driver may look for the server over the one that has ended, and waits for that for ever: it writes to a socket
 * that is destroyed, and awaits its `drain` (mongodb 7.8).
 */
const APART_MS = 20

export async function proxyTo(uri: string): Promise<TestProxy> {
  const { hostname, port } = new URL(uri)
  const sockets = new Set<Socket>()
  let mode: 'open' | 'hung' | 'cut' = 'open'

  const server = createServer(client => {
    if (mode === 'cut') return void client.destroy()
    const upstream = connect(Number(port), hostname)
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from)
      from.on('data', bytes => to.write(bytes))
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
      from.on('error', () => to.destroy())
      if (mode === 'hung') from.pause()
    }
  })
  await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening))
  const address = server.address()
  const own = typeof address === 'object' && address !== null ? address.port : 0
  const drop = (dropped: Iterable<Socket>) => {
    for (const socket of dropped) socket.destroy()
  }

  return {
    uri: `mongodb://127.0.0.1:${own}/?directConnection=true`,
    hang() {
      mode = 'hung'
      for (const socket of sockets) socket.pause()
    },
    cut() {
      mode = 'cut'
      const [first, ...rest] = sockets
      for (const socket of rest) socket.pause()
      first?.destroy()
      setTimeout(() => drop(rest), APART_MS)
    },
    restore() {
      mode = 'open'
      for (const socket of sockets) socket.resume()
    },
    async close() {
      drop(sockets)
      await new Promise(closed => server.close(closed))
    },
  }
}
