import { useSyncExternal } from './parts/use-external.js'
import { type Route, routeOf } from './router.js'

let moved = false
addEventListener('hashchange', () => {
  moved = true
})

/** Whether the viewer has gone from one view to another; else the page was just opened. */
export function hasMoved(): boolean {
  return moved
}

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
