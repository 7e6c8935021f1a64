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
  if (Array.isArray(value)) return value.join(', ')
  if (value === undefined || name !== 'authorization') return value
  const sent = rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === name)
  return sent.length > 1 ? sent.join(', ') : value
}
