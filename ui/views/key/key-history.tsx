import { client } from '../../api/client.js'
import { usePages } from '../../api/use-pages.js'
import { FailureNote } from '../../parts/failure-note.js'
import { More } from '../../parts/record-table.js'
import { Loading } from '../../parts/states.js'
import { t } from '../../text.js'
import { EventList } from '../history/event-list.js'

/** As many as the API answers unasked: with fewer there is nothing to say of their number. */
const FIRST_PAGE = 20

interface KeyHistoryProps {
  readonly id: string
  /** Of the record: with another one there is something new to tell. */
  readonly version: number
}

/** What was done to a key, and what was refused. */
export function KeyHistory({ id, version }: KeyHistoryProps) {
  const pages = usePages(
    (cursor, signal) => client.audit({ keyId: id, ...(cursor !== undefined && { cursor }) }, { signal }),
    [id, version],
  )
  const { rows, failure, reload } = pages
  return (
    <>
      {failure !== null && <FailureNote failure={failure} onRetry={reload} />}
      {rows === null && failure === null && <Loading rows={3} />}
      {rows !== null && rows.length === 0 && <p class="muted">{t('history.empty')}</p>}
      {rows !== null && rows.length > 0 && (
        <>
          <EventList events={rows} label={t('history.caption')} />
          {(pages.hasMore || rows.length > FIRST_PAGE) && <More shown={rows.length} {...pages} />}
        </>
      )}
    </>
  )
}
