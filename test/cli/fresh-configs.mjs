/** Has every import of a file in a test's folder read it anew. */
let reads = 0

export async function resolve(specifier, context, next) {
  const found = await next(specifier, context)
  return found.url.includes('/.cache/sidekey-cli/')
    ? { ...found, url: `${found.url}?read=${reads++}` }
    : found
}
