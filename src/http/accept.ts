/** What `Accept` says of media types (RFC 9110, section 12.5.1). */

const RANGE = /^([!#$%&'*+.^`|~\w-]+)\/([!#$%&'*+.^`|~\w-]+)$/
const QUALITY = /^q=(0(?:\.[0-9]*)?|1(?:\.0*)?)$/

interface Range {
  readonly name: string
  /** From 0, which refuses, to 1. */
  readonly quality: number
}

/**
 * Whether a request's `Accept` takes a media type: by the range that names it most closely, unless that has `q=0`.
 * Without a header everything is taken, and so it is where nothing in the header can be read. Other parameters than
 * `q` are not looked at.
 * @param type such as `application/json`, in small letters
 */
export function accepts(header: string | undefined, type: string): boolean {
  return weightOf(type, rangesIn(header)).quality > 0
}

/**
 * Which of some media types a request's `Accept` would rather have: the one of the highest `q`, of equals the one that is
 * named most closely, of those the first. `null`: it takes none.
 */
export function preferred<T extends string>(header: string | undefined, types: readonly T[]): T | null {
  const ranges = rangesIn(header)
  let [best, most] = [null as T | null, { quality: 0, closeness: 0 }]
  for (const type of types) {
    const weight = weightOf(type, ranges)
    const isBetter =
      weight.quality > most.quality ||
      (best !== null && weight.quality === most.quality && weight.closeness > most.closeness)
    if (isBetter) [best, most] = [type, weight]
  }
  return best
}

/** By the ranges that name a type most closely. */
function weightOf(type: string, ranges: readonly Range[]): { quality: number; closeness: number } {
  if (ranges.length === 0) return { quality: 1, closeness: 0 }
  const names = ['*/*', type.replace(/\/.*/, '/*'), type]
  for (let closeness = names.length - 1; closeness >= 0; closeness--) {
    const named = ranges.filter(range => range.name === names[closeness])
    if (named.length > 0) return { quality: Math.max(...named.map(({ quality }) => quality)), closeness }
  }
  return { quality: 0, closeness: 0 }
}

function rangesIn(header: string | undefined): Range[] {
  return (header ?? '').toLowerCase().split(',').flatMap(rangeIn)
}

function rangeIn(element: string): Range[] {
  const [name = '', ...parameters] = element.split(';').map(part => part.trim())
  if (!RANGE.test(name)) return []
  const qualities = parameters.flatMap(parameter => QUALITY.exec(parameter)?.[1] ?? [])
  return [{ name, quality: Math.min(1, ...qualities.map(Number)) }]
}
