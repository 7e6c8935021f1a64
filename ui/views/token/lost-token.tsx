import type { ApiKey } from '../../../src/client/index.js'
import { client } from '../../api/client.js'
import { useAct } from '../../api/use-act.js'
import { Button } from '../../parts/button.js'
import { Actions, Dialog } from '../../parts/dialog.js'
import { FailureNote } from '../../parts/failure-note.js'
import { rich, t } from '../../text.js'
import { unconditional } from '../../unconditional.js'
import { useViewer } from '../../viewer.js'

interface LostTokenProps {
  readonly apiKey: ApiKey
  readonly onToken: (token: string) => void
  readonly onClose: () => void
}

/** A key was made, and the answer with its token was lost: nobody has it, so a new one takes its place at once. */
export function LostToken({ apiKey: { id, name }, onToken, onClose }: LostTokenProps) {
  const viewer = useViewer()
  const rotate = useAct(
    () => client.rotate(id, { grace: '0s', ...unconditional(viewer) }),
    ({ token }) => onToken(token),
  )
  return (
    <Dialog title={t('token.lostTitle')} onClose={onClose}>
      <p>{rich('token.lost', { name })}</p>
      <p>{t('token.lostHint')}</p>
      <FailureNote failure={rotate.failure} />
      <Actions>
        <Button onClick={onClose}>{t('action.close')}</Button>
        <Button look="primary" onClick={rotate.run} working={rotate.working}>
          {t('token.lostAction')}
        </Button>
      </Actions>
    </Dialog>
  )
}
