/** What `Accept` says of one media type (RFC 9110, section 12.5.1). */

const RANGE = /^([!#$%&'*+.^`|~\w-]+)\/([!#$%&'*+.^`|~\w-]+)$/
const REFUSES = /^q=0(?:\.0*)?$/

/**
 * Whether a request's `Accept` takes a media type: by the range that names it most closely, unless that has `q=0`.
 * Without a header everything is taken, and so it is where nothing in the header can be read. Other parameters than
 * `q` are not looked at.
 * @param type such as `application/json`, in small letters
 */
export function accepts(header: string | undefined, type: string): boolean {
  const ranges = (header ?? '').toLowerCase().split(',').flatMap(rangeIn)
  if (ranges.length === 0) return true
  const wanted = [type, type.replace(/\/.*/, '/*'), '*/*']
  for (const name of wanted) {
    const named = ranges.filter(range => range.name === name)
    if (named.length > 0) return named.some(({ taken }) => taken)
  }
  return false
}

function rangeIn(element: string): { name: string; taken: boolean }[] {
  const [name = '', ...parameters] = element.split(';').map(part => part.trim())
  if (!RANGE.test(name)) return []
  return [{ name, taken: !parameters.some(parameter => REFUSES.test(parameter)) }]
}
