import { useState } from 'preact/hooks'
import type { ApiKey } from '../../../src/client/index.js'
import { client } from '../../api/client.js'
import { useAct } from '../../api/use-act.js'
import { confirmWord } from '../../confirm-word.js'
import { Confirm } from '../../parts/confirm.js'
import { TextField } from '../../parts/field.js'
import { rich, t } from '../../text.js'
import { unconditional } from '../../unconditional.js'
import { useViewer } from '../../viewer.js'

interface RevokeDialogProps {
  readonly apiKey: ApiKey
  readonly onClose: () => void
  readonly onRevoked: (apiKey: ApiKey) => void
}

/** Ends a key for good: with a reason, and its name typed. */
export function RevokeDialog({ apiKey, onClose, onRevoked }: RevokeDialogProps) {
  const viewer = useViewer()
  const [reason, setReason] = useState('')
  const revoke = useAct(
    () => client.revoke(apiKey.id, { reason: reason.trim() || null, ...unconditional(viewer) }),
    onRevoked,
  )
  return (
    <Confirm
      title={rich('revoke.title', { name: apiKey.name })}
      action={t('revoke.action')}
      act={revoke}
      onClose={onClose}
      typed={confirmWord(apiKey)}
    >
      <p>{t('revoke.what')}</p>
      <TextField
        label={t('revoke.reason')}
        hint={t('revoke.reasonHint')}
        optional
        maxLength={500}
        value={reason}
        onInput={setReason}
      />
    </Confirm>
  )
}
