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
  const dropAll = () => {
    for (const socket of sockets) socket.destroy()
  }

  return {
    uri: `mongodb://127.0.0.1:${own}/?directConnection=true`,
    hang() {
      mode = 'hung'
      for (const socket of sockets) socket.pause()
    },
    cut() {
      mode = 'cut'
      dropAll()
    },
    restore() {
      mode = 'open'
      for (const socket of sockets) socket.resume()
    },
    async close() {
      dropAll()
      await new Promise(closed => server.close(closed))
    },
  }
}
