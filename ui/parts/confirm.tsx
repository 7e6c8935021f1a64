import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { Act } from '../api/use-act.js'
import { t } from '../text.js'
import { Button } from './button.js'
import { Actions, Dialog } from './dialog.js'
import { FailureNote } from './failure-note.js'
import { useTyped } from './typed.js'

interface ConfirmProps {
  readonly title: ComponentChildren
  readonly children: ComponentChildren
  /** What the button says: the act itself. */
  readonly action: string
  readonly act: Act<[]>
  readonly onClose: () => void
  readonly look?: 'primary' | 'danger'
  /** What must be typed first. */
  readonly typed?: string
}

/** Asks before something is done; with `typed` it must be typed what it is done to. */
export function Confirm({ title, children, action, act, onClose, look = 'danger', typed }: ConfirmProps) {
  const confirmed = useTyped(typed)
  const { fault } = confirmed
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => {
    if (fault !== null) form.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus()
  }, [fault])
  const submit = (event: Event) => {
    event.preventDefault()
    if (confirmed.isRight()) act.run()
  }
  return (
    <Dialog title={title} onClose={onClose}>
      <form ref={form} onSubmit={submit} noValidate>
        {children}
        {confirmed.field}
        <FailureNote failure={act.failure} />
        <Actions>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button type="submit" look={look} working={act.working}>
            {action}
          </Button>
        </Actions>
      </form>
    </Dialog>
  )
}
