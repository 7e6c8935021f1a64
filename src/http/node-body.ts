/** The JSON body of a Node request, whether or not a parser came before. */
import type { IncomingMessage } from 'node:http'
import { invalidInput, SidekeyError } from '../errors.js'

/** The largest body that is read, in bytes. */
export const BODY_BYTES = 64 * 1024
const JSON_TYPE = /^application\/(?:[a-z0-9.+-]{1,64}\+)?json(?:\s*;|$)/i

/**
 * Reads and parses the body.
 * @param parsed what an app's own parser has left on the request, if it has one
 * @throws SidekeyError `UNSUPPORTED_MEDIA_TYPE`, `BODY_TOO_LARGE`, `INVALID_INPUT`
 */
export async function readJson(request: IncomingMessage, parsed: unknown): Promise<unknown> {
  const { headers } = request
  const length = Number(headers['content-length'] ?? 0)
  const chunked = headers['transfer-encoding'] !== undefined
  if (length === 0 && !chunked) return undefined
  if (!JSON_TYPE.test(headers['content-type'] ?? '')) {
    throw new SidekeyError('UNSUPPORTED_MEDIA_TYPE', 'The body must be application/json.')
  }
  if (length > BODY_BYTES) throw tooLarge()
  if (parsed !== undefined && (request.readableEnded || isRead(request))) return checkedParsed(parsed)
  return parse(await readText(request))
}

/** body-parser marks what it has read. */
function isRead(request: object): boolean {
  return '_body' in request && request._body === true
}

function checkedParsed(parsed: unknown): unknown {
  if (typeof parsed === 'string') return parse(sized(parsed))
  if (parsed instanceof Uint8Array) return parse(sized(Buffer.from(parsed).toString('utf8')))
  try {
    sized(JSON.stringify(parsed) ?? '')
  } catch (error) {
    if (error instanceof RangeError)
      throw invalidInput([{ path: '', message: 'The body is nested too deeply' }])
    throw error
  }
  return parsed
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk)
    size += bytes.length
    if (size > BODY_BYTES) throw tooLarge()
    chunks.push(bytes)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parse(text: string): unknown {
  if (text.trim() === '') return undefined
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

function tooLarge(): SidekeyError {
  return new SidekeyError('BODY_TOO_LARGE', `The body may have at most ${BODY_BYTES} bytes.`)
}
