/**
 * Holds every answer that the router gives in a test, over whatever framework and server, to the OpenAPI document; and
 * every request that it accepts. Whoever imports this has it, in all tests of the file.
 *
 * The router is known by its mount, `/api-keys`. A refusal in plain text or HTML, or in no words at all, is the
 * framework's, or of something that the app has before the router.
 */
import diagnostics from 'node:diagnostics_channel'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { checker, DOCUMENT, type Exchange } from './document.js'

const faultsOf = checker(DOCUMENT)
let faults: string[] = []

const onStart = (message: unknown) => {
  watch(message as { request: IncomingMessage; response: ServerResponse }) // as Node documents it
}

beforeAll(() => diagnostics.subscribe('http.server.request.start', onStart))
afterAll(() => void diagnostics.unsubscribe('http.server.request.start', onStart))

afterEach(() => {
  const found = faults
  faults = []
  // One fault may have many faces: the first will do.
  expect(found.slice(0, 5)).toEqual([])
})

function watch({ request, response }: { request: IncomingMessage; response: ServerResponse }): void {
  const { method = '', url = '' } = request
  const [, path, query = ''] = /^(?:\/[^?]*?)?\/api-keys(?=[/?]|$)([^?]*)\??(.*)$/i.exec(url) ?? []
  if (path === undefined || isOfThePage(path)) return
  const sent = gathered(request, 'push')
  const written = gathered(response, 'write')
  const last = gathered(response, 'end')
  response.once('finish', () => {
    const headers = headersSent(response)
    const text = written() + last()
    const { statusCode: status } = response
    if (isOfTheApp(status, headers['content-type'], text)) return
    const encoded = request.headers['content-encoding'] !== undefined
    const exchange: Exchange = { method, path, query, sent: encoded ? null : sent(), status, headers, text }
    faults.push(...faultsOf(exchange).map(fault => `${method} ${url}: ${status}: ${fault}`))
  })
}

/** The page and its files are no part of the document. */
function isOfThePage(path: string): boolean {
  return path === '/ui' || path.startsWith('/ui/')
}

function isOfTheApp(status: number, type: string | undefined, text: string): boolean {
  return status >= 400 && !text.startsWith('{') && (type === undefined || type.startsWith('text/'))
}

/** The text that goes through a method of a stream, as it will be when it is asked for. */
function gathered(stream: object, method: 'push' | 'write' | 'end'): () => string {
  const chunks: Buffer[] = []
  const own: unknown = Reflect.get(stream, method)
  if (typeof own !== 'function') throw new Error(`a stream has ${method}`)
  const gather = (...args: unknown[]): unknown => {
    const [chunk] = args
    if (typeof chunk === 'string' || chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk))
    return own.apply(stream, args)
  }
  Reflect.set(stream, method, gather)
  return () => Buffer.concat(chunks).toString('utf8')
}

/** What went over the wire: `getHeaders` does not know what only `writeHead` was given. */
function headersSent(response: ServerResponse): Record<string, string> {
  const head: unknown = Reflect.get(response, '_header')
  const lines = String(head).split('\r\n').slice(1)
  return Object.fromEntries(
    lines.flatMap(line => {
      const [, name, value = ''] = /^([^:]+): ?(.*)$/.exec(line) ?? []
      return name === undefined ? [] : [[name.toLowerCase(), value]]
    }),
  )
}
