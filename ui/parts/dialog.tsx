import type { ComponentChildren } from 'preact'
import { useId, useLayoutEffect, useRef } from 'preact/hooks'
import { rescueFocus } from './lost-focus.js'

interface DialogProps {
  readonly title: ComponentChildren
  readonly children: ComponentChildren
  /** The viewer leaves it by Escape; without it they leave it by its buttons alone. */
  readonly onClose?: (() => void) | undefined
  readonly alert?: boolean
  readonly wide?: boolean
}

/** What takes the focus: the first of these that there is. */
const FIRST = ['[data-first]', 'input', 'button']

/**
 * A modal dialog while it is rendered. The focus goes to what has `data-first`, and back where it came from, which the
 * browser does as long as the dialog is closed before it leaves the document.
 */
export function Dialog({ title, children, onClose, alert = false, wide = false }: DialogProps) {
  const id = useId()
  const ref = useRef<HTMLDialogElement>(null)
  useLayoutEffect(() => {
    const dialog = ref.current
    dialog?.showModal()
    FIRST.map(selector => dialog?.querySelector<HTMLElement>(selector))
      .find(Boolean)
      ?.focus()
    return () => {
      dialog?.close()
      requestAnimationFrame(rescueFocus)
    }
  }, [])
  return (
    <dialog
      ref={ref}
      class={`dialog ${wide ? 'dialog-wide' : ''}`}
      role={alert ? 'alertdialog' : undefined}
      aria-labelledby={`${id}-title`}
      onCancel={event => {
        event.preventDefault()
        onClose?.()
      }}
      onClose={() => {
        // Browsers close it at a second Escape, whatever is said to the first. What is rendered stays open.
        const dialog = ref.current
        if (dialog === null || dialog.open) return
        dialog.showModal()
        onClose?.()
      }}
    >
      <h2 id={`${id}-title`} class="dialog-title">
        {title}
      </h2>
      <div class="dialog-body">{children}</div>
    </dialog>
  )
}

/** The row of buttons at the end of a dialog or form. */
export function Actions({ children }: { readonly children: ComponentChildren }) {
  return <div class="actions">{children}</div>
}
