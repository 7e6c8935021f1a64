import type { AnchorHTMLAttributes, ComponentChildren } from 'preact'
import { t } from '../text.js'

export type ButtonLook = 'primary' | 'plain' | 'danger' | 'quiet'

interface ButtonProps {
  readonly children: ComponentChildren
  readonly onClick?: (event: MouseEvent) => void
  readonly look?: ButtonLook
  readonly type?: 'button' | 'submit'
  /** Shows that it works, and takes no clicks. It keeps the focus. */
  readonly working?: boolean
  readonly disabled?: boolean
  /** A name that says more than what is seen; it must begin with that. */
  readonly label?: string
  readonly class?: string
}

/** A button. */
export function Button({
  children,
  onClick,
  look = 'plain',
  type = 'button',
  working = false,
  ...rest
}: ButtonProps) {
  return (
    <button
      type={type}
      class={`button button-${look} ${rest.class ?? ''}`}
      onClick={working ? stop : onClick}
      disabled={rest.disabled}
      aria-disabled={working || undefined}
      aria-label={rest.label}
    >
      {working ? t('action.working') : children}
    </button>
  )
}

/** A link that looks like a button. */
export function ButtonLink({
  look = 'plain',
  ...props
}: { look?: ButtonLook } & AnchorHTMLAttributes<HTMLAnchorElement>) {
  return <a {...props} class={`button button-${look}`} />
}

function stop(event: Event): void {
  event.preventDefault()
}
