import type { ComponentChildren } from 'preact'
import type { ApiKey } from '../../../src/client/index.js'
import { Icon } from '../../parts/icon.js'
import { Time } from '../../parts/time.js'
import { Who } from '../../parts/who.js'
import { rich, t } from '../../text.js'

/** Why a key does not work, where it does not. */
export function StatusNote({ apiKey }: { readonly apiKey: ApiKey }) {
  const { status, revoked, expiresAt, expiresAfterIdle, idleExpiresAt, notBefore } = apiKey
  if (status === 'revoked' && revoked !== null) {
    const at = <Time at={revoked.at} />
    return (
      <Note look="danger">
        <p>
          {revoked.by === null
            ? rich('key.isRevokedByApp', { at })
            : rich('key.isRevoked', { at, by: <Who id={revoked.by} place="inside" /> })}
        </p>
        {revoked.reason !== null && <p>{rich('key.reason', { reason: revoked.reason })}</p>}
      </Note>
    )
  }
  if (status === 'disabled') return <Note look="warning">{t('key.isDisabled')}</Note>
  if (status === 'expired' && endedUnused(apiKey)) {
    const at = <Time at={idleExpiresAt ?? ''} />
    return <Note look="warning">{rich('key.isUnused', { at, after: expiresAfterIdle })}</Note>
  }
  if (status === 'expired' && expiresAt !== null)
    return <Note look="warning">{rich('key.isExpired', { at: <Time at={expiresAt} /> })}</Note>
  if (status === 'scheduled' && notBefore !== null)
    return <Note look="plain">{rich('key.isScheduled', { at: <Time at={notBefore} /> })}</Note>
  return null
}

/** Whether a key that has ended was not used for too long, before its day had come. */
function endedUnused({ expiresAt, idleExpiresAt }: ApiKey): boolean {
  if (idleExpiresAt === undefined || idleExpiresAt === null) return false
  return expiresAt === null || idleExpiresAt < expiresAt
}

interface NoteProps {
  readonly look: 'danger' | 'warning' | 'plain'
  readonly children: ComponentChildren
}

function Note({ look, children }: NoteProps) {
  return (
    <div class={`note note-${look}`}>
      <Icon name={look === 'plain' ? 'info' : 'alert'} />
      <div class="note-text">{children}</div>
    </div>
  )
}
