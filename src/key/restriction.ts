/** Where a key may be used from: client addresses (CIDR) and browser origins. Parsed once a record. */
import ipaddr from 'ipaddr.js'

type Address = ipaddr.IPv4 | ipaddr.IPv6
type Range = readonly [Address, number]

/** Restrictions of a key. Empty lists restrict nothing. */
export interface Restrictions {
  /** CIDR ranges or single addresses, IPv4 or IPv6. An IPv4 address matches in its IPv6-mapped form too. */
  readonly ips: readonly string[]
  /** Origins (`https://app.example.com`); a leading `*.` in the host matches one or more labels. */
  readonly origins: readonly string[]
}

export const UNRESTRICTED: Restrictions = Object.freeze({
  ips: Object.freeze([]),
  origins: Object.freeze([]),
})

/** Whether `text` is an address or a CIDR range. */
export function isRange(text: string): boolean {
  return parseRange(text) !== null
}

const ORIGIN =
  /^(https?):\/\/(\*\.)?([a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?|\[[0-9a-f:.]{2,45}\])(?::([0-9]{1,5}))?$/

/** Whether `text` is an origin, or an origin with a leading `*.` in its host. */
export function isOriginPattern(text: string): boolean {
  return ORIGIN.test(text)
}

/** A check of addresses against ranges that were parsed once. */
export function ipMatcher(ranges: readonly string[]): (ip: string) => boolean {
  const parsed = ranges.map(parseRange).filter(range => range !== null)
  return ip => {
    const address = parseAddress(ip)
    return address !== null && parsed.some(range => contains(range, address))
  }
}

/** A check of origins (from the `Origin` header) against patterns that were parsed once. */
export function originMatcher(patterns: readonly string[]): (origin: string) => boolean {
  const exact = new Set(patterns)
  const wide = patterns.flatMap(pattern => parseOrigin(pattern) ?? []).filter(pattern => pattern.wide)
  return origin => {
    if (exact.has(origin)) return true
    const parsed = wide.length === 0 ? null : parseOrigin(origin)
    return parsed !== null && wide.some(pattern => isWithin(parsed, pattern))
  }
}

/** Whether every use that `inner` allows is allowed by `outer` too. */
export function restrictionsWithin(inner: Restrictions, outer: Restrictions): boolean {
  return (
    listWithin(inner.ips, outer.ips, rangeCovers) && listWithin(inner.origins, outer.origins, originCovers)
  )
}

function listWithin(
  inner: readonly string[],
  outer: readonly string[],
  covers: (outer: string, inner: string) => boolean,
): boolean {
  if (outer.length === 0) return true
  return inner.length > 0 && inner.every(one => outer.some(other => covers(other, one)))
}

function rangeCovers(outer: string, inner: string): boolean {
  const a = parseRange(outer)
  const b = parseRange(inner)
  return a !== null && b !== null && b[1] >= a[1] && contains(a, b[0])
}

function originCovers(outer: string, inner: string): boolean {
  return originMatcher([outer])(inner)
}

interface Origin {
  readonly scheme: string | undefined
  /** Whether it stands for every host below its own. */
  readonly wide: boolean
  readonly host: string
  readonly port: string | undefined
}

function parseOrigin(text: string): Origin | null {
  const match = ORIGIN.exec(text)
  if (match === null) return null
  const [, scheme, wildcard, host = '', port] = match
  return { scheme, wide: wildcard !== undefined, host, port }
}

/** Whether the host is below that of a wide pattern, with its scheme and port. */
function isWithin(inner: Origin, wide: Origin): boolean {
  return inner.scheme === wide.scheme && inner.port === wide.port && inner.host.endsWith(`.${wide.host}`)
}

function contains(range: Range, address: Address): boolean {
  const [base, bits] = range
  return base.kind() === address.kind() && address.match(base, bits)
}

function parseAddress(text: string): Address | null {
  // ipaddr.process turns ::ffff:192.0.2.1 into 192.0.2.1, so one rule serves both spellings.
  return isAddress(text) ? ipaddr.process(text) : null
}

function parseRange(text: string): Range | null {
  const [host = '', bits, more] = text.split('/')
  if (more !== undefined || !isAddress(host)) return null
  const raw = ipaddr.parse(host)
  const width = raw.kind() === 'ipv4' ? 32 : 128
  if (bits !== undefined && !/^[0-9]{1,3}$/.test(bits)) return null
  const length = bits === undefined ? width : Number(bits)
  if (length > width) return null
  const address = ipaddr.process(host)
  if (address.kind() === raw.kind()) return [address, length]
  return length >= 96 ? [address, length - 96] : [raw, length]
}

/** ipaddr.js also takes `127.1` and `0x7f.1`; an access rule should not. */
function isAddress(text: string): boolean {
  return text.includes(':')
    ? ipaddr.IPv6.isValid(text) && !text.includes('%')
    : ipaddr.IPv4.isValidFourPartDecimal(text)
}
