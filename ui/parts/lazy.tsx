import type { ComponentType } from 'preact'
import { useCallback } from 'preact/hooks'
import { useLoad } from '../api/use-load.js'
import { WhenLoaded } from './states.js'

/** A component whose code is a file of its own, asked for when it is first shown. */
export function lazy<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  return function Lazy(props: P) {
    const read = useCallback(async () => ({ Inner: await load() }), [])
    const loaded = useLoad(read, [])
    return <WhenLoaded of={loaded}>{({ Inner }) => <Inner {...props} />}</WhenLoaded>
  }
}
