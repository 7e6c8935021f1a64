import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Act } from '../api/use-act.js'
import { rich, t } from '../text.js'
import { Button } from './button.js'
import { Actions, Dialog } from './dialog.js'
import { FailureNote } from './failure-note.js'
import { TextField } from './field.js'

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
  const [text, setText] = useState('')
  const [fault, setFault] = useState<string | null>(null)
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => {
    if (fault !== null) form.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus()
  }, [fault])
  const submit = (event: Event) => {
    event.preventDefault()
    if (typed !== undefined && !isSame(text, typed)) return setFault(t('confirm.mismatch'))
    act.run()
  }
  return (
    <Dialog title={title} onClose={onClose}>
      <form ref={form} onSubmit={submit} noValidate>
        {children}
        {typed !== undefined && (
          <TextField
            label={rich('confirm.type', { text: <strong class="typed">{typed}</strong> })}
            value={text}
            onInput={value => {
              setText(value)
              setFault(null)
            }}
            fault={fault}
          />
        )}
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

/** Spaces and the ways to write an accent are not what a typing hand is asked about. */
export function isSame(a: string, b: string): boolean {
  const plain = (text: string) => text.normalize('NFC').trim().replace(/\s+/g, ' ')
  return plain(a) === plain(b)
}
