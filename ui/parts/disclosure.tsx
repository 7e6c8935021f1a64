import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

interface DisclosureProps {
  readonly summary: string
  /** Opens it: at the beginning, and when it becomes true. It is never closed for the viewer. */
  readonly needed?: boolean
  readonly class?: string
  readonly children: ComponentChildren
}

/** What is not needed by most, behind its name. */
export function Disclosure({ summary, needed = false, class: name, children }: DisclosureProps) {
  const ref = useRef<HTMLDetailsElement>(null)
  useEffect(() => {
    if (needed && ref.current !== null) ref.current.open = true
  }, [needed])
  return (
    <details ref={ref} class={`disclosure ${name ?? ''}`}>
      <summary>{summary}</summary>
      <div class="disclosure-body">{children}</div>
    </details>
  )
}
