/** What is wrong with the fields of a form: what is missing here, and what the server refuses; the first one takes the focus. */
import type { RefObject } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { FieldError } from '../../../src/client/index.js'
import type { Failure } from '../../api/failure.js'
import { inOwnWords } from '../../fault-text.js'
import type { FormPath } from '../../key-form.js'
import { t } from '../../text.js'

export interface Faults {
  readonly form: RefObject<HTMLFormElement | null>
  readonly fields: readonly FieldError[]
  /** Says what is missing. Answers whether there is nothing. */
  readonly check: (missing: readonly FormPath[]) => boolean
}

export function useFaults(failure: Failure | null): Faults {
  const form = useRef<HTMLFormElement>(null)
  const [missing, setMissing] = useState<readonly FormPath[]>([])
  const fields = [
    ...missing.map(path => ({ path, message: t(path === 'expiresAt' ? 'form.badDay' : 'form.needed') })),
    ...(failure?.fields ?? []).map(inOwnWords),
  ]
  useEffect(() => {
    form.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus()
  }, [missing, failure])
  return {
    form,
    fields,
    check(paths) {
      setMissing(paths)
      return paths.length === 0
    },
  }
}
