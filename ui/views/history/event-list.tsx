/** Events of the audit, as sentences. */
import type { ComponentChildren } from 'preact'
import type { AuditEvent } from '../../../src/client/index.js'
import { Time } from '../../parts/time.js'
import { Who } from '../../parts/who.js'
import { rich, t, tMaybe } from '../../text.js'
import { changeRows } from './change-rows.js'

interface EventListProps {
  readonly events: readonly AuditEvent[]
  readonly label: string
  /** What was done, where a list is of many keys. Default: what was done to the one. */
  readonly sentence?: (event: AuditEvent) => ComponentChildren
  /** What else is told of an event, after all. */
  readonly more?: (event: AuditEvent) => ComponentChildren
}

export function EventList({ events, label, sentence = deedOf, more }: EventListProps) {
  return (
    <ol class="events" aria-label={label}>
      {events.map(event => (
        <li key={event.id}>
          <EventLine event={event} sentence={sentence(event)} more={more?.(event)} />
        </li>
      ))}
    </ol>
  )
}

interface EventLineProps {
  readonly event: AuditEvent
  readonly sentence: ComponentChildren
  readonly more: ComponentChildren
}

function EventLine({ event, sentence, more }: EventLineProps) {
  const { at, action, refused, count, reason, ip } = event
  return (
    <>
      <p class="event-head">
        <span>{sentence}</span>
        <span class="muted event-time">
          <Time at={at} />
        </span>
      </p>
      {refused !== null && (
        <p class="event-refused">
          {t('history.refused', { why: tMaybe(`refusal.${refused}`) ?? refused })}{' '}
          {count > 1 && <span class="muted">{t('history.times', { count })}</span>}
        </p>
      )}
      {reason !== null && <p>{rich('key.reason', { reason })}</p>}
      {action !== 'create' && <Changes event={event} />}
      {ip !== null && (
        <p class="hint">
          {rich('history.from', {
            address: <code dir="ltr">{ip}</code>,
          })}
        </p>
      )}
      {more}
    </>
  )
}

function deedOf({ action, actor }: AuditEvent): ComponentChildren {
  return rich('history.line', {
    who: (
      <strong>
        <ActorOf actor={actor} />
      </strong>
    ),
    did: t(`history.did.${action}`),
  })
}

/** Who acted. */
export function ActorOf({ actor: { via, id } }: Pick<AuditEvent, 'actor'>) {
  return via === 'key' ? rich('who.key', { who: <Who id={id} /> }) : <Who id={id} />
}

export function Changes({ event }: { readonly event: AuditEvent }) {
  const rows = changeRows(event.changes)
  if (rows.length === 0) return null
  return (
    <ul class="changes">
      {rows.map(({ field, from, to }) => (
        <li key={field}>
          {from === null
            ? rich('history.set', { field, to })
            : rich('history.change', { field, from: <del>{from}</del>, to: <ins>{to}</ins> })}
        </li>
      ))}
    </ul>
  )
}
