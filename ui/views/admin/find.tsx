/** Whose key a found token is, and its end at once. What is pasted is sent in a body, and stays nowhere. */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { ApiKey } from '../../../src/client/index.js'
import { offered } from '../../access.js'
import { client } from '../../api/client.js'
import { useAct } from '../../api/use-act.js'
import { Button, ButtonLink } from '../../parts/button.js'
import { Confirm } from '../../parts/confirm.js'
import { FailureNote } from '../../parts/failure-note.js'
import { TextField } from '../../parts/field.js'
import { Icon } from '../../parts/icon.js'
import { StatusBadge } from '../../parts/status-badge.js'
import { Time } from '../../parts/time.js'
import { View } from '../../parts/view.js'
import { keyHash } from '../../router.js'
import { rich, t } from '../../text.js'
import { unconditional } from '../../unconditional.js'
import { useViewer } from '../../viewer.js'
import { idIn } from './filters.js'
import { OwnerLink } from './owner-link.js'
import { reasonOf } from './revoke-chosen.js'
import { SecretField } from './secret-field.js'

/** `null`: it is nobody's, or not for this viewer to see. */
type Found = { readonly key: ApiKey | null }

export function FindView() {
  const { kinds } = useViewer()
  const field = useRef<HTMLInputElement>(null)
  const [found, setFound] = useState<Found | null>(null)
  const [fault, setFault] = useState<string | null>(null)
  const prefixes = kinds.map(({ prefix }) => prefix)
  const find = useAct(
    (text: string) => {
      const id = idIn(text, prefixes)
      return id === null ? client.lookup(text) : client.get(id)
    },
    key => {
      clear()
      setFound({ key })
    },
  )
  const clear = () => {
    if (field.current !== null) field.current.value = ''
  }

  return (
    <View title={t('find.title')} lead={t('find.lead')}>
      <form
        class="find-form"
        onSubmit={event => {
          event.preventDefault()
          const text = field.current?.value.trim() ?? ''
          setFound(null)
          setFault(text === '' ? t('form.needed') : null)
          if (text !== '') find.run(text)
        }}
      >
        <SecretField inputRef={field} label={t('find.token')} hint={t('find.hint')} fault={fault} />
        <Button type="submit" look="primary" working={find.working}>
          {t('find.action')}
        </Button>
      </form>
      <FailureNote failure={find.failure} />
      <div role="status">
        {found?.key === null && (
          <div class="note">
            <Icon name="info" />
            <div>
              <p class="note-title">{t('find.nobody')}</p>
              <p>{t('find.nobodyHint')}</p>
            </div>
          </div>
        )}
      </div>
      {found?.key && <FoundKey apiKey={found.key} onChange={key => setFound({ key })} />}
    </View>
  )
}

interface FoundKeyProps {
  readonly apiKey: ApiKey
  readonly onChange: (apiKey: ApiKey) => void
}

function FoundKey({ apiKey, onChange }: FoundKeyProps) {
  const { actor } = useViewer()
  const [asks, setAsks] = useState(false)
  const { id, name, start, status, owner, organizationId, createdAt, lastUsedAt, revoked } = apiKey
  const heading = useRef<HTMLHeadingElement>(null)
  // Where it is found, and again once it is revoked: the button that had the focus is gone.
  useEffect(() => {
    const frame = requestAnimationFrame(() => heading.current?.focus())
    return () => cancelAnimationFrame(frame)
  }, [id, status])
  return (
    <section class="card found" aria-labelledby="found-name">
      <div class="card-head">
        <div>
          <h2 id="found-name" ref={heading} tabIndex={-1}>
            <bdi>{name}</bdi>
          </h2>
          <code class="key-start" dir="ltr">
            {start}…
          </code>
        </div>
        <StatusBadge status={status} />
      </div>
      <dl class="card-facts">
        <div>
          <dt>{t('scope.owner')}</dt>
          <dd>
            <OwnerLink owner={owner} organizationId={organizationId} />
          </dd>
        </div>
        <div>
          <dt>{t('find.created')}</dt>
          <dd>
            <Time at={createdAt} />
          </dd>
        </div>
        <div>
          <dt>{t('keys.lastUsed')}</dt>
          <dd>{lastUsedAt ? <Time at={lastUsedAt} /> : t('keys.neverUsed')}</dd>
        </div>
        {revoked !== null && (
          <div>
            <dt>{t('status.revoked')}</dt>
            <dd>
              <Time at={revoked.at} /> {revoked.reason !== null && <bdi class="muted">{revoked.reason}</bdi>}
            </dd>
          </div>
        )}
      </dl>
      <div class="found-actions">
        {offered(actor, apiKey).has('revoke') && (
          <Button look="danger" onClick={() => setAsks(true)}>
            {t('find.revoke')}
          </Button>
        )}
        {status !== 'deleted' && <ButtonLink href={keyHash(id)}>{t('find.open')}</ButtonLink>}
      </div>
      {asks && (
        <RevokeFound
          apiKey={apiKey}
          onClose={() => setAsks(false)}
          onDone={revoked => {
            setAsks(false)
            onChange(revoked)
          }}
        />
      )}
    </section>
  )
}

interface RevokeFoundProps {
  readonly apiKey: ApiKey
  readonly onClose: () => void
  readonly onDone: (apiKey: ApiKey) => void
}

/** Nothing must be typed: a leaked key has no time to lose. */
function RevokeFound({ apiKey: { id, name, lastUsedAt }, onClose, onDone }: RevokeFoundProps) {
  const viewer = useViewer()
  const [reason, setReason] = useState<string>(t('find.reason'))
  const revoke = useAct(() => client.revoke(id, { ...unconditional(viewer), ...reasonOf(reason) }), onDone)
  return (
    <Confirm
      title={rich('find.revokeTitle', { name })}
      action={t('find.revoke')}
      act={revoke}
      onClose={onClose}
    >
      <p>{t('find.revokeMeans')}</p>
      {lastUsedAt && <p>{rich('find.usedLast', { time: <Time at={lastUsedAt} form="relative" /> })}</p>}
      <TextField label={t('revokeMany.reason')} optional value={reason} onInput={setReason} maxLength={500} />
    </Confirm>
  )
}
