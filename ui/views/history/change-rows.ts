/** The changes that an event tells of, as text. */
import type { ApiKey, AuditEvent } from '../../../src/client/index.js'
import { limitText } from '../../limit-text.js'
import { exactTime } from '../../parts/time.js'
import { t, tMaybe } from '../../text.js'

export interface ChangeRow {
  readonly field: string
  /** `null`: there was nothing to say of it before. */
  readonly from: string | null
  readonly to: string
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/
/** What has no "before": the event itself brings it. */
const NEW = ['oldTokenEndsAt']

export function changeRows(changes: AuditEvent['changes']): ChangeRow[] {
  return Object.entries(changes).map(([field, { from, to }]) => ({
    field: tMaybe(`change.${field}`) ?? field,
    from: NEW.includes(field) ? null : changeText(field, from),
    to: changeText(field, to),
  }))
}

function changeText(field: string, value: unknown): string {
  return isRecord(value) ? (TEXTS[field] ?? JSON.stringify)(value) : valueText(value)
}

/** Values that are told in other words than JSON has. They are the API's own, in the shape that it gives them. */
const TEXTS: Readonly<Record<string, (value: Readonly<Record<string, unknown>>) => string>> = {
  owner: ({ type, id }) =>
    type === 'user' ? String(id) : t('owner.other', { id: String(id), type: String(type) }),
  restrictions: ({ ips, origins }) => valueText([ips, origins].flat()),
  limits: limits =>
    Object.entries(limits)
      .map(([name, limit]) => `${name}: ${limitText(limit as ApiKey['limits'][string])}`)
      .join(', ') || t('history.none'),
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function valueText(value: unknown): string {
  if (value === null || (Array.isArray(value) && value.length === 0)) return t('history.none')
  if (typeof value === 'boolean') return t(value ? 'value.yes' : 'value.no')
  if (typeof value === 'string') return TIME.test(value) ? exactTime(value) : value
  if (Array.isArray(value)) return value.map(valueText).join(', ')
  return JSON.stringify(value)
}
