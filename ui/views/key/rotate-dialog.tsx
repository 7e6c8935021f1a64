import { useState } from 'preact/hooks'
import type { ApiKey } from '../../../src/client/index.js'
import { client } from '../../api/client.js'
import { useAct } from '../../api/use-act.js'
import { locale } from '../../page.js'
import { Button } from '../../parts/button.js'
import { Actions, Dialog } from '../../parts/dialog.js'
import { FailureNote } from '../../parts/failure-note.js'
import { Choice, Group } from '../../parts/field.js'
import { Time } from '../../parts/time.js'
import { spanIn } from '../../spans.js'
import { rich, t } from '../../text.js'
import { unconditional } from '../../unconditional.js'
import { useViewer } from '../../viewer.js'
import { TokenDialog } from '../token/token-dialog.js'

const HOUR = 3_600_000
const USUAL = 24 * HOUR
/** How long the earlier token may go on, in ms. */
const GRACES = [HOUR, USUAL, 7 * 24 * HOUR, 0]

interface RotateDialogProps {
  readonly apiKey: ApiKey
  readonly onClose: () => void
  readonly onRotated: (apiKey: ApiKey) => void
}

interface Rotated {
  readonly token: string
  /** When the earlier token ends; `null`: it has. */
  readonly until: string | null
}

/** A new token for a key: how long the earlier one goes on, then the new one, once. */
export function RotateDialog({ apiKey, onClose, onRotated }: RotateDialogProps) {
  const viewer = useViewer()
  const [grace, setGrace] = useState(USUAL)
  const [rotated, setRotated] = useState<Rotated | null>(null)
  const rotate = useAct(
    () => client.rotate(apiKey.id, { grace: `${grace / 1000}s`, ...unconditional(viewer) }),
    ({ apiKey: changed, token }) => {
      setRotated({ token, until: grace === 0 ? null : new Date(Date.now() + grace).toISOString() })
      onRotated(changed)
    },
  )
  if (rotated !== null) {
    return (
      <TokenDialog title={t('token.titleRotated')} token={rotated.token} apiKey={apiKey} onClose={onClose}>
        <p>
          {rotated.until === null
            ? t('token.previousEnded')
            : rich('token.previousUntil', { end: <Time at={rotated.until} /> })}
        </p>
      </TokenDialog>
    )
  }
  return (
    <Dialog title={rich('rotate.title', { name: apiKey.name })} onClose={onClose}>
      <form
        noValidate
        onSubmit={event => {
          event.preventDefault()
          rotate.run()
        }}
      >
        <p>{t('rotate.what')}</p>
        <Group label={t('rotate.grace')} hint={t('rotate.graceHint')}>
          {GRACES.map(ms => (
            <Choice
              key={ms}
              type="radio"
              name="grace"
              checked={grace === ms}
              onChange={() => setGrace(ms)}
              {...(ms === 0 && { hint: t('rotate.nowHint') })}
            >
              {ms === 0 ? t('rotate.now') : spanIn(locale, ms)}
            </Choice>
          ))}
        </Group>
        <FailureNote failure={rotate.failure} />
        <Actions>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button type="submit" look="primary" working={rotate.working}>
            {t('rotate.action')}
          </Button>
        </Actions>
      </form>
    </Dialog>
  )
}
