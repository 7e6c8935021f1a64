import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { pageTitle } from '../text.js'
import { hasMoved } from '../use-route.js'
import { rescueFocus } from './lost-focus.js'

interface ViewProps {
  /** Of the heading and of the document. */
  readonly title: string
  /** What stands in the heading, where that is more than the title. */
  readonly heading?: ComponentChildren
  readonly lead?: ComponentChildren
  /** Above the heading: a way back. */
  readonly back?: ComponentChildren
  readonly actions?: ComponentChildren
  readonly children: ComponentChildren
}

/** A view: its heading takes the focus when the viewer comes to it, and names the document. */
export function View({ title, heading, lead, back, actions, children }: ViewProps) {
  const ref = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    // Of a page that was just opened the focus is the browser's.
    if (!hasMoved()) return
    scrollTo(0, 0)
    ref.current?.focus({ preventScroll: true })
  }, [])
  useEffect(rescueFocus)
  useEffect(() => {
    document.title = title === pageTitle ? title : `${title} · ${pageTitle}`
  }, [title])
  return (
    <>
      {back}
      <header class="view-head">
        <div class="view-title">
          <h1 tabIndex={-1} ref={ref}>
            {heading ?? <bdi>{title}</bdi>}
          </h1>
          {lead !== undefined && <p class="muted">{lead}</p>}
        </div>
        {actions !== undefined && <div class="view-actions">{actions}</div>}
      </header>
      {children}
    </>
  )
}
