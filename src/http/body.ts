/** The JSON body of a request, from a stream or from what an app's own parser has left. */
import type { IncomingMessage } from 'node:http'
import { invalidInput, SidekeyError } from '../errors.js'

/** The largest body that is read, in bytes. */
const BODY_BYTES = 64 * 1024
const JSON_TYPE = /^application\/(?:[a-z0-9.+-]{1,64}\+)?json(?:\s*;|$)/i

/** A body as every framework can show it. */
export interface Body {
  readonly present: boolean
  /** `Content-Type`. */
  readonly type: string | undefined
  /** `Content-Encoding`, other than `identity`. */
  readonly encoding: string | undefined
  /** `Content-Length`, in bytes; 0 where it is not told. */
  readonly length: number
  /** What an app's own parser has made of it; `undefined` where none has read it. */
  readonly parsed: unknown
  /** The bytes as they were sent, where who parsed them has kept them. */
  readonly kept: unknown
  readonly chunks: AsyncIterable<Uint8Array>
  /** Whether it was read by somebody who has left nothing of it. */
  readonly lost: boolean
}

/**
 * Reads and parses the body; `undefined` where there is none.
 * @throws SidekeyError `UNSUPPORTED_MEDIA_TYPE`, `BODY_TOO_LARGE`, `INVALID_INPUT`
 */
export async function readJson({
  present,
  type,
  encoding,
  length,
  parsed,
  chunks,
  lost,
}: Body): Promise<unknown> {
  if (!present) return undefined
  if (lost) throw invalidInput([{ path: '', message: 'The body was read before the router, and not kept' }])
  if (length > BODY_BYTES) throw tooLarge()
  // Some servers hand over an empty stream where there is no body.
  if (type === undefined && parsed === undefined && (await readText(chunks)) === '') return undefined
  if (!JSON_TYPE.test(type ?? '') || (encoding !== undefined && parsed === undefined)) {
    throw new SidekeyError('UNSUPPORTED_MEDIA_TYPE', 'The body must be application/json, not compressed.')
  }
  return parsed === undefined ? parseText(await readText(chunks)) : checkedParsed(parsed)
}

/**
 * The body as it was sent; `null` where it was parsed, and the bytes were not kept.
 * @throws SidekeyError `BODY_TOO_LARGE`, `INVALID_INPUT`
 */
export async function rawBody(
  { present, length, parsed, kept, lost, chunks }: Body,
  most: number,
): Promise<Uint8Array | null> {
  if (!present) return Buffer.alloc(0)
  if (length > most) throw tooLarge(most)
  const whole = [kept, parsed].find(one => typeof one === 'string' || one instanceof Uint8Array)
  if (whole === undefined) return lost || parsed !== undefined ? null : readBytes(chunks, most)
  const bytes = Buffer.from(whole as string | Uint8Array) // it was just found to be one
  if (bytes.length > most) throw tooLarge(most)
  return bytes
}

/** The body of a Node request. `parsed` is what the app's own parser has left on it, if it has one. */
export function nodeBody(request: IncomingMessage, parsed: unknown, kept?: unknown): Body {
  const { headers } = request
  const length = Number(headers['content-length'] ?? 0)
  // body-parser marks what it has read; others leave the stream at its end.
  const isRead = request.readableEnded || ('_body' in request && request._body === true)
  return {
    present: length > 0 || headers['transfer-encoding'] !== undefined || hasHttp2Body(request),
    type: headers['content-type'],
    encoding: encodingOf(headers['content-encoding']),
    length,
    parsed: isRead ? parsed : undefined,
    kept: isRead ? (kept ?? Reflect.get(request, 'rawBody')) : undefined,
    chunks: chunksOf(request),
    lost: isRead && parsed === undefined,
  }
}

/**
 * What is not wanted of a body is read all the same. A request that is destroyed has no socket, by which the client's
 * address is known; and a client that is still sending sees the answer, and may go on with the connection.
 */
async function* chunksOf(request: IncomingMessage): AsyncGenerator<Uint8Array> {
  try {
    yield* request.iterator({ destroyOnReturn: false })
  } finally {
    request.resume()
  }
}

/** The body of a request of the Fetch standard. */
export function fetchBody(request: Request): Body {
  return {
    present: request.body !== null,
    type: request.headers.get('content-type') ?? undefined,
    encoding: encodingOf(request.headers.get('content-encoding')),
    length: Number(request.headers.get('content-length') ?? 0),
    parsed: undefined,
    kept: undefined,
    chunks: request.body ?? empty(),
    lost: request.bodyUsed,
  }
}

function encodingOf(header: string | null | undefined): string | undefined {
  const encoding = header?.trim().toLowerCase()
  return encoding === undefined || encoding === '' || encoding === 'identity' ? undefined : encoding
}

/** HTTP/2 needs neither a length nor an encoding: whether a body follows is in the frame of the headers. */
function hasHttp2Body(request: IncomingMessage): boolean {
  if (request.httpVersionMajor < 2) return false
  const stream: unknown = Reflect.get(request, 'stream')
  return typeof stream === 'object' && stream !== null && Reflect.get(stream, 'endAfterHeaders') === false
}

async function* empty(): AsyncGenerator<Uint8Array> {}

function checkedParsed(parsed: unknown): unknown {
  if (typeof parsed === 'string') return parseText(sized(parsed))
  if (parsed instanceof Uint8Array) return parseText(sized(Buffer.from(parsed).toString('utf8')))
  sized(written(parsed))
  return parsed
}

/** A value as JSON again: what is nested so deeply that it cannot be written is no use to anybody. */
function written(value: unknown): string {
  try {
    return JSON.stringify(value) ?? ''
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw invalidInput([{ path: '', message: 'The body is nested too deeply' }])
  }
}

async function readText(stream: AsyncIterable<Uint8Array>): Promise<string> {
  return (await readBytes(stream, BODY_BYTES)).toString('utf8')
}

async function readBytes(stream: AsyncIterable<Uint8Array>, most: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of stream) {
      // Text, where somebody has set an encoding.
      const bytes = Buffer.from(chunk)
      size += bytes.length
      if (size > most) throw tooLarge(most)
      chunks.push(bytes)
    }
  } catch (error) {
    // Whoever hangs up in the midst is no failure of the server.
    throw error instanceof SidekeyError
      ? error
      : invalidInput([{ path: '', message: 'The body was cut off' }])
  }
  return Buffer.concat(chunks)
}

/**
 * JSON that is not nested too deeply; `undefined` for no text.
 * @throws SidekeyError `INVALID_INPUT`
 */
export function parseText(text: string): unknown {
  if (text.trim() === '') return undefined
  const value = parsedText(text)
  written(value)
  return value
}

function parsedText(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw invalidInput([{ path: '', message: 'The body is not JSON' }])
  }
}

function sized(text: string): string {
  if (Buffer.byteLength(text) > BODY_BYTES) throw tooLarge()
  return text
}

function tooLarge(most = BODY_BYTES): SidekeyError {
  return new SidekeyError('BODY_TOO_LARGE', `The body may have at most ${most} bytes.`)
}
