import type { ApiKey } from '../../src/client/index.js'
import { client } from '../api/client.js'
import { useAct } from '../api/use-act.js'
import { Button } from '../parts/button.js'
import { FailureNote } from '../parts/failure-note.js'
import { tellHere } from '../parts/notice.js'
import { rich, t } from '../text.js'
import { unconditional } from '../unconditional.js'
import { useViewer } from '../viewer.js'

interface RestoreButtonProps {
  readonly apiKey: ApiKey
  readonly onDone: (apiKey: ApiKey) => void
}

/** Brings a deleted key back. */
export function RestoreButton({ apiKey, onDone }: RestoreButtonProps) {
  const viewer = useViewer()
  const { id, name } = apiKey
  const restore = useAct(
    () => client.restore(id, unconditional(viewer)),
    restored => {
      tellHere(rich('keys.restored', { name }))
      onDone(restored)
    },
  )
  return (
    <>
      <Button label={t('keys.restoreNamed', { name })} onClick={restore.run} working={restore.working}>
        {t('keys.restore')}
      </Button>
      <FailureNote failure={restore.failure} />
    </>
  )
}
