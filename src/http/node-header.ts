/** A header of a Node request, as it was sent. */
import type { IncomingMessage } from 'node:http'

/**
 * A header's value, several joined; names in lower case. Of several `Authorization` Node keeps the first and says nothing: a
 * proxy before it may have gone by another, so that all are told where there are two.
 */
export function nodeHeader(
  { headers, rawHeaders }: Pick<IncomingMessage, 'headers' | 'rawHeaders'>,
  name: string,
): string | undefined {
  const value = headers[name]
  if (value === undefined || typeof value === 'object') return value?.join(', ')
  return name === 'authorization' ? allOf(rawHeaders, name, value) : value
}

/** By length first: this is on the way of every request. */
function allOf(rawHeaders: readonly string[], name: string, first: string): string {
  let sent = 0
  for (let i = 0; i < rawHeaders.length; i += 2) if (isNamed(rawHeaders[i], name)) sent++
  if (sent < 2) return first
  return rawHeaders.filter((_, i) => i % 2 === 1 && isNamed(rawHeaders[i - 1], name)).join(', ')
}

function isNamed(sent: string | undefined, name: string): boolean {
  return sent !== undefined && sent.length === name.length && sent.toLowerCase() === name
}
