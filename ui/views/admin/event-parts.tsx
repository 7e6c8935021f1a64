/** What is told of an event in a list that is of many keys. */
import type { ComponentChildren } from 'preact'
import type { AuditEvent } from '../../../src/client/index.js'
import { keyHash } from '../../router.js'
import { rich, t } from '../../text.js'
import { ActorOf, Changes } from '../history/event-list.js'
import { OwnerLink } from './owner-link.js'

/** Who did what to which key, or tried to. */
export function sentenceOf(event: AuditEvent): ComponentChildren {
  const { action, actor, refused } = event
  return rich(`audit.${refused === null ? 'did' : 'tried'}.${action}`, {
    actor: (
      <strong>
        <ActorOf actor={actor} />
      </strong>
    ),
    key: <KeyOf event={event} />,
  })
}

/** By what it is called now; one that is gone for good by the name that it was given, where the event tells of it, or its id. */
function KeyOf({ event: { keyId, keyName, changes, action } }: { readonly event: AuditEvent }) {
  if (keyId === null) return <>{t('audit.someKey')}</>
  const given = action === 'create' ? changes.name?.to : undefined
  const name = keyName ?? given
  return <KeyLink id={keyId}>{typeof name === 'string' ? <bdi>{name}</bdi> : null}</KeyLink>
}

function KeyLink({ id, children }: { readonly id: string; readonly children?: ComponentChildren }) {
  return <a href={keyHash(id)}>{children ?? <code dir="ltr">{id}</code>}</a>
}

/** Whose key it was; and what helps to find the request in other logs. */
export function EventFacts({ event }: { readonly event: AuditEvent }) {
  const { owner, organizationId, userAgent, requestId, actor, action, changes } = event
  const isMade = action === 'create' && Object.keys(changes).length > 0
  return (
    <>
      {owner !== null && (
        <p class="hint">
          {t('audit.owner')} <OwnerLink owner={owner} organizationId={organizationId} />
        </p>
      )}
      {(isMade || userAgent !== null || requestId !== null || actor.keyId !== undefined) && (
        <details class="event-details">
          <summary>{t('audit.details')}</summary>
          {isMade && <Changes event={event} />}
          {actor.keyId !== undefined && <p>{rich('audit.byKey', { key: <KeyLink id={actor.keyId} /> })}</p>}
          {userAgent !== null && <p>{rich('audit.userAgent', { name: userAgent })}</p>}
          {requestId !== null && <p>{rich('audit.requestId', { id: <code dir="ltr">{requestId}</code> })}</p>}
        </details>
      )}
    </>
  )
}
