/** Reads for a view: what is there, what failed, and again. */
import { useCallback, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { type Failure, failureOf } from './failure.js'
import { meetGate } from './gate.js'
import { useOnceOnline } from './use-once-online.js'

export interface Loaded<T> {
  /** What was read last; `null`: nothing yet. */
  readonly data: T | null
  readonly failure: Failure | null
  readonly loading: boolean
  readonly reload: () => void
  /** Puts what a change has answered in the place of what was read. */
  readonly put: (data: T) => void
}

/** Reads when the view is shown, and anew when `deps` change. What failed for want of a network is read once it is back. */
export function useLoad<T>(read: (signal: AbortSignal) => Promise<T>, deps: readonly unknown[]): Loaded<T> {
  const [state, setState] = useState<{ data: T | null; failure: Failure | null; loading: boolean }>(FRESH)
  const [round, setRound] = useState(0)
  const seen = useRef(deps)
  const reload = useCallback(() => setRound(count => count + 1), [])
  const put = useCallback((data: T) => setState({ data, failure: null, loading: false }), [])

  // Before anything is painted: the answer takes long enough.
  useLayoutEffect(() => {
    const control = new AbortController()
    // What belongs to another question must not stand under this one.
    const isSame = seen.current === deps || seen.current.every((value, i) => value === deps[i])
    seen.current = deps
    setState(({ data }) => ({ data: isSame ? data : null, failure: null, loading: true }))
    read(control.signal).then(
      data => {
        if (!control.signal.aborted) setState({ data, failure: null, loading: false })
      },
      error => {
        if (control.signal.aborted) return
        const failure = failureOf(error)
        meetGate(failure, reload)
        setState(({ data }) => ({ data, failure, loading: false }))
      },
    )
    return () => control.abort()
  }, [...deps, round])

  useOnceOnline(state.failure, reload)

  return { ...state, reload, put }
}

const FRESH = { data: null, failure: null, loading: true }
