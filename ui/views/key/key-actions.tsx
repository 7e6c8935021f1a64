/** What may be done to a key: its buttons, and the dialogs that they open. */
import { useState } from 'preact/hooks'
import type { ApiKey } from '../../../src/client/index.js'
import type { Action } from '../../../src/key/action.js'
import { client } from '../../api/client.js'
import { useAct } from '../../api/use-act.js'
import { locale } from '../../page.js'
import { Button, ButtonLink } from '../../parts/button.js'
import { Confirm } from '../../parts/confirm.js'
import { FailureNote } from '../../parts/failure-note.js'
import { tell, tellHere } from '../../parts/notice.js'
import { editHash, hashOf, keyHash } from '../../router.js'
import { spanIn } from '../../spans.js'
import { rich, t } from '../../text.js'
import { unconditional } from '../../unconditional.js'
import { go } from '../../use-route.js'
import { useViewer } from '../../viewer.js'
import { RevokeDialog } from './revoke-dialog.js'
import { RotateDialog } from './rotate-dialog.js'

interface KeyActionsProps {
  readonly apiKey: ApiKey
  readonly may: ReadonlySet<Action>
  readonly isOwn: boolean
  readonly onChange: (apiKey: ApiKey) => void
}

type Asked = 'rotate' | 'disable' | 'revoke' | 'delete'

export function KeyActions({ apiKey, may, isOwn, onChange }: KeyActionsProps) {
  const viewer = useViewer()
  const { id, name } = apiKey
  const [asked, setAsked] = useState<Asked | null>(null)
  const close = () => setAsked(null)
  const changed = (key: ApiKey, said: 'enable.done' | 'disable.done' | 'revoke.done') => {
    close()
    onChange(key)
    tellHere(rich(said, { name: key.name }))
  }

  const enable = useAct(
    () => client.update(id, { enabled: true }, unconditional(viewer)),
    key => changed(key, 'enable.done'),
  )
  const disable = useAct(
    () => client.update(id, { enabled: false }, unconditional(viewer)),
    key => changed(key, 'disable.done'),
  )
  const remove = useAct(
    () => client.delete(id, unconditional(viewer)),
    () => {
      close()
      tell(rich('delete.done', { name }), { label: t('action.undo'), run: restore.run })
      go(hashOf('keys'), 'replace')
    },
  )
  // Lives on in the notice, after this view has gone.
  const restore = useAct(
    () => client.restore(id, unconditional(viewer)),
    key => {
      tell(rich('keys.restored', { name: key.name }))
      go(keyHash(id))
    },
  )

  const open = (what: Asked) => () => setAsked(what)
  return (
    <>
      {may.has('update') && <ButtonLink href={editHash(id)}>{t('key.edit')}</ButtonLink>}
      {may.has('rotate') && <Button onClick={open('rotate')}>{t('key.rotate')}</Button>}
      {may.has('disable') && <Button onClick={open('disable')}>{t('key.disable')}</Button>}
      {may.has('enable') && (
        <Button onClick={enable.run} working={enable.working}>
          {t('key.enable')}
        </Button>
      )}
      {may.has('revoke') && (
        <Button look="danger" onClick={open('revoke')}>
          {t('key.revoke')}
        </Button>
      )}
      {may.has('delete') && <Button onClick={open('delete')}>{t('key.delete')}</Button>}
      <FailureNote failure={enable.failure} />

      {asked === 'rotate' && <RotateDialog apiKey={apiKey} onClose={close} onRotated={onChange} />}
      {asked === 'revoke' && (
        <RevokeDialog apiKey={apiKey} onClose={close} onRevoked={key => changed(key, 'revoke.done')} />
      )}
      {asked === 'disable' && (
        <Confirm
          title={rich('disable.title', { name })}
          action={t('key.disable')}
          act={disable}
          onClose={close}
          look="primary"
        >
          <p>{t('disable.what')}</p>
          {!may.has('update') && !isOwn && <p>{t('disable.colleague')}</p>}
        </Confirm>
      )}
      {asked === 'delete' && (
        <Confirm
          title={rich('delete.title', { name })}
          action={t('delete.action')}
          act={remove}
          onClose={close}
        >
          <p>
            {t(apiKey.status === 'revoked' ? 'delete.revoked' : 'delete.what', {
              span: spanIn(locale, viewer.retention),
            })}
          </p>
        </Confirm>
      )}
    </>
  )
}
