/** A change that the viewer asks for: one at a time, and what it failed with. */
import { useRef, useState } from 'preact/hooks'
import { type Failure, failureOf } from './failure.js'
import { meetGate } from './gate.js'

export interface Act<A extends readonly unknown[]> {
  readonly run: (...input: A) => void
  readonly working: boolean
  readonly failure: Failure | null
  readonly reset: () => void
}

/** Does `act` when it is run, then `done` with its answer. What is run while it works is passed over. */
export function useAct<A extends readonly unknown[], T>(
  act: (...input: A) => Promise<T>,
  done: (answer: T) => void,
): Act<A> {
  const [state, setState] = useState<{ working: boolean; failure: Failure | null }>(IDLE)
  const working = useRef(false)
  const latest = useRef({ act, done })
  latest.current = { act, done }

  const run = async (...input: A) => {
    if (working.current) return
    working.current = true
    setState({ working: true, failure: null })
    try {
      const answer = await latest.current.act(...input)
      working.current = false
      setState(IDLE)
      latest.current.done(answer)
    } catch (error) {
      working.current = false
      const failure = failureOf(error)
      const isGate = meetGate(failure, () => run(...input))
      setState({ working: false, failure: isGate ? null : failure })
    }
  }
  return { run, ...state, reset: () => setState(IDLE) }
}

const IDLE = { working: false, failure: null }
