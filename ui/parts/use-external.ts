import { useEffect, useState } from 'preact/hooks'

/** The value of something outside of components, and its changes. `read` must answer the same value while nothing changes. */
export function useSyncExternal<T>(subscribe: (listener: () => void) => () => void, read: () => T): T {
  const [value, setValue] = useState(read)
  useEffect(() => {
    const update = () => setValue(() => read())
    update()
    return subscribe(update)
  }, [])
  return value
}

/** Whether the browser says that there is a network. */
export function useOnline(): boolean {
  return useSyncExternal(onNetwork, () => navigator.onLine)
}

/** Whether a media query holds. */
export function useMedia(query: string): boolean {
  return useSyncExternal(
    listener => {
      const list = matchMedia(query)
      list.addEventListener('change', listener)
      return () => list.removeEventListener('change', listener)
    },
    () => matchMedia(query).matches,
  )
}

/** Calls when the network goes or comes back. */
export function onNetwork(listener: () => void): () => void {
  addEventListener('online', listener)
  addEventListener('offline', listener)
  return () => {
    removeEventListener('online', listener)
    removeEventListener('offline', listener)
  }
}
