import type { ComponentType } from 'preact'
import { useCallback } from 'preact/hooks'
import { KeyClientError } from '../../src/client/index.js'
import { useLoad } from '../api/use-load.js'
import { WhenLoaded } from './states.js'

/** A component whose code is a file of its own, asked for when it is first shown. */
export function lazy<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  return function Lazy(props: P) {
    const read = useCallback(async () => ({ Inner: await load().catch(fail) }), [])
    const loaded = useLoad(read, [])
    return <WhenLoaded of={loaded}>{({ Inner }) => <Inner {...props} />}</WhenLoaded>
  }
}

/** A file that did not come is told as an answer that did not come. */
function fail(cause: unknown): never {
  throw new KeyClientError({
    status: 0,
    code: 'NETWORK_ERROR',
    title: 'No answer',
    detail: 'A file did not come',
    cause,
  })
}
