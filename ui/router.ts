/** Which view a hash asks for, and the hash of a view. Pure. */

/** The views that need no more than their name. */
export const PLAIN_VIEWS = ['keys', 'new', 'all', 'find', 'offboard', 'audit', 'usage'] as const
export type PlainView = (typeof PLAIN_VIEWS)[number]

export type Query = Readonly<Record<string, string>>

export type Route =
  | { readonly view: PlainView; readonly query: Query }
  | { readonly view: 'key' | 'edit'; readonly id: string; readonly query: Query }
  | { readonly view: 'unknown'; readonly query: Query }

const ID = /^[A-Za-z0-9]{16}$/

/** The route of a hash such as `#/keys/0VbvmdHo9P49d4yC`; the empty one is that of one's own keys. */
export function routeOf(hash: string): Route {
  const [path = '', search = ''] = hash.replace(/^#/, '').split('?', 2)
  const query = Object.fromEntries(new URLSearchParams(search))
  const [first = '', id, rest, ...more] = path.split('/').filter(part => part !== '')
  if (first === '') return { view: 'keys', query }
  if (first === 'keys' && id !== undefined && ID.test(id) && more.length === 0) {
    if (rest === undefined) return { view: 'key', id, query }
    if (rest === 'edit') return { view: 'edit', id, query }
  }
  const plain = PLAIN_VIEWS.find(view => view === first && view !== 'keys')
  return plain !== undefined && id === undefined ? { view: plain, query } : { view: 'unknown', query }
}

/** The hash of a plain view, with a query; what is empty in it is left out. */
export function hashOf(view: PlainView, query: Query = {}): string {
  const search = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== '')).toString()
  return `#/${view === 'keys' ? '' : view}${search === '' ? '' : `?${search}`}`
}

/** The hash of a key's page. */
export function keyHash(id: string): string {
  return `#/keys/${id}`
}

/** The hash of the form that changes a key. */
export function editHash(id: string): string {
  return `#/keys/${id}/edit`
}
