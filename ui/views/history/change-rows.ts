/** The changes that an event tells of, as text. */
import type { AuditEvent } from '../../../src/client/index.js'
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
    from: NEW.includes(field) ? null : valueText(from),
    to: valueText(to),
  }))
}

function valueText(value: unknown): string {
  if (value === null || (Array.isArray(value) && value.length === 0)) return t('history.none')
  if (typeof value === 'boolean') return t(value ? 'value.yes' : 'value.no')
  if (typeof value === 'string') return TIME.test(value) ? exactTime(value) : value
  if (Array.isArray(value)) return value.map(valueText).join(', ')
  return JSON.stringify(value)
}
