/** A proxy that speaks MongoDB's protocol: a test can have a real server answer as another kind of server would. */
import { connect, createServer, type Socket } from 'node:net'
import mongoose from 'mongoose'

const { deserialize, serialize } = mongoose.mongo.BSON

export type Document = Readonly<Record<string, unknown>>

/** What the client is told instead of `reply`; `null`: as the server said. */
export type Rewrite = (reply: Document, command: Document) => Document | null

/** What the client is told at once, without the server; `broken`: nothing, and its connection ends; `null`: the server is asked. */
export type Intercept = (command: Document) => Document | 'broken' | null

export interface RewritingProxy {
  readonly uri: string
  rewrite: Rewrite
  intercept: Intercept
  /** How much later than the server says it each command is answered, in ms. */
  delay: (command: Document) => number
  close(): Promise<void>
}

export async function rewritingProxy(uri: string, rewrite: Rewrite): Promise<RewritingProxy> {
  const { hostname, port } = new URL(uri)
  const sockets = new Set<Socket>()
  const proxy: Pick<RewritingProxy, 'rewrite' | 'intercept' | 'delay'> = {
    rewrite,
    intercept: () => null,
    delay: () => 0,
  }
  const server = createServer(client => {
    const upstream = connect(Number(port), hostname)
    const commands = new Map<number, Document>()
    forward(client, upstream, message => {
      const id = message.readInt32LE(REQUEST_ID)
      const command = commandIn(message)
      const answer = proxy.intercept(command)
      if (answer === null) {
        commands.set(id, command)
        upstream.write(message)
      } else if (answer === 'broken') {
        client.destroy()
      } else {
        client.write(replyTo(id, answer))
      }
    })
    forward(upstream, client, message => {
      const answered = message.readInt32LE(RESPONSE_TO)
      const command = commands.get(answered) ?? {}
      commands.delete(answered)
      const start = bodyOfReply(message)
      const rewritten = proxy.rewrite(deserialize(message.subarray(start)), command)
      const told = rewritten === null ? message : withBody(message.subarray(0, start), rewritten)
      const ms = proxy.delay(command)
      if (ms === 0) client.write(told)
      else setTimeout(() => client.writable && client.write(told), ms)
    })
    for (const socket of [client, upstream]) sockets.add(socket)
  })
  await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening))
  const address = server.address()
  const own = typeof address === 'object' && address !== null ? address.port : 0

  return Object.assign(proxy, {
    uri: `mongodb://127.0.0.1:${own}/?directConnection=true`,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise(closed => server.close(closed))
    },
  })
}

// Of the header: length, request id, response to, op code; each 4 bytes.
const REQUEST_ID = 4
const RESPONSE_TO = 8
const OP_CODE = 12
const HEADER = 16
const OP_REPLY = 1
const OP_QUERY = 2004
const OP_MSG = 2013

/** Hands whole messages on, one at a time; where one end closes, the other does. */
function forward(from: Socket, to: Socket, pass: (message: Buffer) => void): void {
  let waiting = Buffer.alloc(0)
  from.on('data', bytes => {
    waiting = Buffer.concat([waiting, bytes as Buffer]) // no encoding is set
    while (waiting.length >= HEADER && waiting.length >= waiting.readInt32LE(0)) {
      const length = waiting.readInt32LE(0)
      pass(waiting.subarray(0, length))
      waiting = waiting.subarray(length)
    }
  })
  from.on('close', () => to.destroy())
  from.on('error', () => to.destroy())
}

/** The command in a message: the first that a driver sends is an `OP_QUERY`, all others are `OP_MSG`. */
function commandIn(message: Buffer): Document {
  if (message.readInt32LE(OP_CODE) !== OP_QUERY) return deserialize(bodyAt(message, HEADER + 4 + 1))
  const endOfName = message.indexOf(0, HEADER + 4)
  return deserialize(bodyAt(message, endOfName + 1 + 8))
}

/** A document that more may follow. */
function bodyAt(message: Buffer, start: number): Buffer {
  return message.subarray(start, start + message.readInt32LE(start))
}

/** Where the document of a reply begins: after flags and kind, or (`OP_REPLY`) flags, cursor and counts. */
function bodyOfReply(message: Buffer): number {
  return message.readInt32LE(OP_CODE) === OP_REPLY ? HEADER + 20 : HEADER + 4 + 1
}

function withBody(head: Buffer, document: Document): Buffer {
  const message = Buffer.concat([head, serialize(document)])
  message.writeInt32LE(message.length, 0)
  return message
}

function replyTo(requestId: number, document: Document): Buffer {
  // After the header: flags, and a section of kind 0.
  const head = Buffer.alloc(HEADER + 4 + 1)
  head.writeInt32LE(requestId, RESPONSE_TO)
  head.writeInt32LE(OP_MSG, OP_CODE)
  return withBody(head, document)
}
