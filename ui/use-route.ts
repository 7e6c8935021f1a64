import { useSyncExternal } from './parts/use-external.js'
import { type Route, routeOf } from './router.js'

/** The route of the address, as it changes. */
export function useRoute(): Route {
  const hash = useSyncExternal(onHash, () => location.hash)
  return routeOf(hash)
}

/** Goes to a hash. `replace`: back does not lead to where the viewer is now. */
export function go(hash: string, how: 'push' | 'replace' = 'push'): void {
  if (how === 'push') location.hash = hash
  else location.replace(hash)
}

function onHash(listener: () => void): () => void {
  addEventListener('hashchange', listener)
  return () => removeEventListener('hashchange', listener)
}
