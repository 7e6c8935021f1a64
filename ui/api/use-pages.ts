/** A list that comes by pages: the first one, and more when the viewer asks. */
import { useCallback, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Page } from '../../src/client/index.js'
import { type Failure, failureOf } from './failure.js'
import { meetGate } from './gate.js'
import { useOnceOnline } from './use-once-online.js'

export interface Pages<T> {
  /** All that was read so far; `null`: nothing yet. */
  readonly rows: readonly T[] | null
  readonly failure: Failure | null
  readonly loading: boolean
  readonly hasMore: boolean
  readonly more: () => void
  readonly reload: () => void
}

interface State<T> {
  readonly rows: readonly T[] | null
  readonly cursor: string | null
  readonly failure: Failure | null
  readonly loading: boolean
}

type ReadPage<T> = (cursor: string | undefined, signal: AbortSignal) => Promise<Page<T>>

/** Reads the first page when the view is shown, and anew when `deps` change. */
export function usePages<T>(read: ReadPage<T>, deps: readonly unknown[]): Pages<T> {
  const [state, setState] = useState<State<T>>({ rows: null, cursor: null, failure: null, loading: true })
  const [round, setRound] = useState(0)
  const control = useRef<AbortController | null>(null)
  const reload = useCallback(() => setRound(count => count + 1), [])

  const load = (before: readonly T[], cursor?: string) => {
    control.current?.abort()
    control.current = new AbortController()
    const { signal } = control.current
    setState(now => ({ ...now, failure: null, loading: true }))
    const again = () => load(before, cursor)
    read(cursor, signal).then(
      ({ data, nextCursor }) => {
        if (signal.aborted) return
        setState({ rows: [...before, ...data], cursor: nextCursor, failure: null, loading: false })
      },
      error => {
        if (signal.aborted) return
        const failure = failureOf(error)
        meetGate(failure, again)
        setState(now => ({ ...now, failure, loading: false }))
      },
    )
  }

  // Before anything is painted: the answer takes long enough.
  useLayoutEffect(() => {
    load([])
    return () => control.current?.abort()
  }, [...deps, round])

  useOnceOnline(state.failure, reload)

  const { rows, cursor, failure, loading } = state
  const more = () => {
    if (cursor !== null && !loading) load(rows ?? [], cursor)
  }
  return { rows, failure, loading, hasMore: cursor !== null, more, reload }
}
