/** A TCP proxy before a server over a bad network: connections break at random, and bytes come late. */
import { connect, createServer, type Socket } from 'node:net'
import { createRandom, type Random } from '../simulation/random.js'

export interface LossyProxy {
  readonly uri: string
  /** Until now it has passed everything on, at once. */
  beginLosing(): void
  /** It does so again; what is on its way comes when it was to come. */
  stopLosing(): void
  /** What it has done so far. */
  readonly done: { readonly dropped: number; readonly stalled: number }
  close(): Promise<void>
}

export interface Losses {
  readonly seed: number
  /** How many of a thousand packets end their connection, before or after they are passed on. */
  readonly drops: number
  /** Each packet is as late as this at most, in ms. */
  readonly delayMs: number
  /** How many of a thousand packets are stalled, with all behind them, and for how long at most, in ms. */
  readonly stalls: number
  readonly stallMs: number
}

/** Tells of each packet whether it is one of so many in a thousand: at random, and of each share of the thousand one. */
function oneOf(many: number, random: Random): () => boolean {
  const share = Math.round(1000 / many)
  let [at, chosen] = [0, 0]
  return () => {
    if (at === 0) chosen = random.below(share)
    const is = at === chosen
    at = (at + 1) % share
    return is
  }
}

export async function lossyProxyTo(uri: string, losses: Losses): Promise<LossyProxy> {
  const { hostname, port } = new URL(uri)
  const { drops, delayMs, stalls, stallMs } = losses
  const random = createRandom(losses.seed)
  const done = { dropped: 0, stalled: 0 }
  const drop = oneOf(drops, random)
  const stall = oneOf(stalls, random)
  const sockets = new Set<Socket>()
  let loses = false

  /** What happens to a packet: how late it is, and whether its connection ends before or after it has been passed on. */
  function lot() {
    if (!loses) return { late: 0, breaks: 'never' } as const
    const isStalled = stall()
    const isDropped = drop()
    if (isStalled) done.stalled++
    if (isDropped) done.dropped++
    const late = random.between(0, isStalled ? stallMs : delayMs)
    return { late, breaks: isDropped ? random.pick(['before', 'after']) : 'never' } as const
  }

  /** In order: a packet that is late holds up those behind it. */
  function pass(from: Socket, to: Socket): void {
    let before: Promise<void> = Promise.resolve()
    sockets.add(from)
    from.on('data', packet => {
      const { late, breaks } = lot()
      before = before.then(async () => {
        if (late > 0) await new Promise(resolve => setTimeout(resolve, late))
        if (breaks === 'before') return void from.destroy()
        if (to.writable) to.write(packet)
        if (breaks === 'after') from.destroy()
      })
    })
    from.on('close', () => {
      sockets.delete(from)
      // What was sent before it was closed arrives: a request may take effect whose answer nobody hears.
      void before.then(() => to.end())
    })
    from.on('error', () => {}) // `close` follows
  }

  const server = createServer(client => {
    const upstream = connect(Number(port), hostname)
    pass(client, upstream)
    pass(upstream, client)
  })
  await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening))
  const address = server.address()
  const own = typeof address === 'object' && address !== null ? address.port : 0

  return {
    uri: `mongodb://127.0.0.1:${own}/?directConnection=true`,
    beginLosing() {
      loses = true
    },
    stopLosing() {
      loses = false
    },
    done,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise(closed => server.close(closed))
    },
  }
}
