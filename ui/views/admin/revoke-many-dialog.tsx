/** Asks before many keys are revoked, and shows how far it has come. */
import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { useAct } from '../../api/use-act.js'
import { Button } from '../../parts/button.js'
import { Actions, Dialog } from '../../parts/dialog.js'
import { FailureNote } from '../../parts/failure-note.js'
import { TextField } from '../../parts/field.js'
import { useTyped } from '../../parts/typed.js'
import { t } from '../../text.js'
import type { RevokeResult } from './revoke-chosen.js'

interface Work {
  readonly reason: string
  readonly onProgress: (done: number) => void
  readonly signal: AbortSignal
}

interface RevokeManyDialogProps {
  readonly title: ComponentChildren
  /** What is said before the fields. */
  readonly children: ComponentChildren
  readonly action: string
  /** What must be typed first. */
  readonly typed: string
  /** How many keys there are to end; `null`: that is not known. */
  readonly count: number | null
  readonly reason?: string
  readonly run: (work: Work) => Promise<RevokeResult>
  readonly onClose: () => void
  /** It was stopped on the way: what is done stays done. */
  readonly onStop: () => void
  readonly onDone: (result: RevokeResult) => void
}

export function RevokeManyDialog(props: RevokeManyDialogProps) {
  const { title, children, action, typed, count, run, onClose, onStop, onDone } = props
  const [reason, setReason] = useState(props.reason ?? '')
  const confirmed = useTyped(typed)
  const [done, setDone] = useState(0)
  const control = useRef<AbortController | null>(null)
  useEffect(() => () => control.current?.abort(), [])
  const act = useAct(() => {
    control.current = new AbortController()
    setDone(0)
    return run({ reason, onProgress: setDone, signal: control.current.signal })
  }, onDone)
  // What was begun goes on at the server; nothing more is asked of it.
  const stop = () => {
    control.current?.abort()
    onStop()
  }

  return (
    <Dialog title={title} onClose={act.working ? undefined : onClose}>
      <form
        noValidate
        onSubmit={event => {
          event.preventDefault()
          if (confirmed.isRight()) act.run()
        }}
      >
        {children}
        <TextField
          label={t('revokeMany.reason')}
          hint={t('revokeMany.reasonHint')}
          optional
          value={reason}
          onInput={setReason}
          maxLength={500}
        />
        {confirmed.field}
        <Progress done={done} count={count} working={act.working} />
        <FailureNote failure={act.failure} />
        <Actions>
          <Button onClick={act.working ? stop : onClose}>
            {t(act.working ? 'revokeMany.stop' : 'action.cancel')}
          </Button>
          <Button type="submit" look="danger" working={act.working}>
            {action}
          </Button>
        </Actions>
      </form>
    </Dialog>
  )
}

interface ProgressProps {
  readonly done: number
  readonly count: number | null
  readonly working: boolean
}

function Progress({ done, count, working }: ProgressProps) {
  const text = count === null ? t('revokeMany.soFar', { done }) : t('revokeMany.progress', { done, count })
  return (
    <div role="status">
      {working && (
        <>
          <p>{text}</p>
          <progress
            class="progress"
            aria-label={t('revokeMany.progressName')}
            {...(count !== null && { max: Math.max(count, done), value: done })}
          />
        </>
      )}
    </div>
  )
}
