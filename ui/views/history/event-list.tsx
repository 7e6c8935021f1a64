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
  /** What else is told of an event: the key that it is about, where a list is of many. */
  readonly extra?: (event: AuditEvent) => ComponentChildren
}

export function EventList({ events, label, extra }: EventListProps) {
  return (
    <ol class="events" aria-label={label}>
      {events.map(event => (
        <li key={event.id}>
          <EventLine event={event} extra={extra?.(event)} />
        </li>
      ))}
    </ol>
  )
}

function EventLine({ event, extra }: { readonly event: AuditEvent; readonly extra: ComponentChildren }) {
  const { at, action, actor, refused, count, reason, ip } = event
  const who = actor.via === 'key' ? rich('who.key', { who: <Who id={actor.id} /> }) : <Who id={actor.id} />
  return (
    <>
      <p class="event-head">
        <span>
          {rich('history.line', { who: <strong>{who}</strong>, did: t(`history.did.${action}`) })} {extra}
        </span>
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
    </>
  )
}

function Changes({ event }: { readonly event: AuditEvent }) {
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
