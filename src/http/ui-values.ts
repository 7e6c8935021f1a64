/** What values of the page's options may be, so that none leads where it should not, and none breaks out of where it is put. */

/** The origin that paths are read against: whatever is not of it has left the app's. */
const HERE = 'https://app.invalid'
const OPENS: Readonly<Record<string, string>> = { '(': ')', '[': ']' }

/** A path of the app's own, with its query and hash: `/login`, never `//elsewhere`. */
function isOwnPath(href: string): boolean {
  return href.startsWith('/') && urlOf(href)?.origin === HERE
}

/** A path of the app's own, or a URL of http or https. */
export function isPathOrHttp(href: string): boolean {
  return /^https?:\/\//i.test(href) ? urlOf(href) !== null : isOwnPath(href)
}

/** What a link may lead to; never a script. */
export function isLink(href: string): boolean {
  return ['http:', 'https:', 'mailto:'].includes(urlOf(href)?.protocol ?? '')
}

/** What an image may be that is not asked of another origin. */
export function isOwnImage(src: string): boolean {
  return isOwnPath(src) || /^data:image\/[a-z0-9.+-]+[;,][^\s<>"]*$/i.test(src)
}

/** What names of headers and cookies are made of (RFC 9110, section 5.6.2). */
export function isToken(name: string): boolean {
  return /^[!#$%&'*+.^_`|~\w-]+$/.test(name)
}

export function isLanguage(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1
  } catch {
    return false
  }
}

/** A value of CSS that ends where it should: it takes in nothing after it, and adds nothing beside it. */
export function isCssValue(css: string): boolean {
  if (css.trim() === '' || /[;{}<>!@\\\p{Cc}]|\/\*|\*\//u.test(css)) return false
  const bare = css.replace(/"[^"]*"|'[^']*'/g, '')
  return !/["']/.test(bare) && isBalanced(bare)
}

function isBalanced(css: string): boolean {
  const open: string[] = []
  for (const character of css) {
    const closing = OPENS[character]
    if (closing !== undefined) open.push(closing)
    else if ((character === ')' || character === ']') && open.pop() !== character) return false
  }
  return open.length === 0
}

/** Without blanks and control characters, which browsers read a URL without. */
function urlOf(href: string): URL | null {
  if (!/^[^\s\p{Cc}\\]+$/u.test(href) || !URL.canParse(href, HERE)) return null
  return new URL(href, HERE)
}
