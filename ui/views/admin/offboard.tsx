/** Ends all keys of somebody who leaves: it is seen first what that would be. */
import { useState } from 'preact/hooks'
import type { ApiKey, KeyConfig } from '../../../src/client/index.js'
import { client } from '../../api/client.js'
import { useLoad } from '../../api/use-load.js'
import { locale } from '../../page.js'
import { Button } from '../../parts/button.js'
import { Icon } from '../../parts/icon.js'
import { tellHere } from '../../parts/notice.js'
import { RecordTable } from '../../parts/record-table.js'
import { Empty, WhenLoaded } from '../../parts/states.js'
import { StatusBadge } from '../../parts/status-badge.js'
import { View } from '../../parts/view.js'
import { hashOf, type Query } from '../../router.js'
import { rich, t } from '../../text.js'
import { useViewer } from '../../viewer.js'
import { KEY_COLUMNS } from '../key-columns.js'
import { FilterForm } from './filter-form.js'
import { focusHeading } from './focus-heading.js'
import { countsOf, type Preview, readPreview } from './preview.js'
import { organizationsFor, ownerOf, scopeOf } from './reach.js'
import { reasonOf } from './revoke-chosen.js'
import { RevokeManyDialog } from './revoke-many-dialog.js'
import { OrganizationField, OwnerFields, OwnOrganizationField } from './scope-fields.js'

const NUMBER = new Intl.NumberFormat(locale)

/** Whose keys are to be ended. */
interface Leaver {
  readonly owner: { readonly type: string; readonly id: string }
  readonly organizationId?: string
}

export function OffboardView({ query }: { readonly query: Query }) {
  const { actor } = useViewer()
  const organizations = organizationsFor(actor, 'revoke')
  const leaver = leaverOf(actor, organizations, query)
  const { organizationId } = scopeOf(actor, organizations, query)
  const lead =
    organizationId === undefined
      ? t('offboard.lead')
      : rich('offboard.leadIn', { organization: organizationId })
  return (
    <View title={t('offboard.title')} lead={lead}>
      <FilterForm view="offboard" query={query} action={t('offboard.show')}>
        {draft => (
          <>
            <OwnOrganizationField draft={draft} organizations={organizations} />
            <OwnerFields draft={draft} organizations={organizations} />
            <OrganizationField draft={draft} />
          </>
        )}
      </FilterForm>
      {leaver === null ? (
        <Empty title={t('offboard.choose')} hint={t('offboard.chooseHint')} icon="search" />
      ) : (
        <LeaversKeys key={hashOf('offboard', query)} leaver={leaver} />
      )}
    </View>
  )
}

function leaverOf(actor: KeyConfig['actor'], organizations: readonly string[], query: Query): Leaver | null {
  const owner = ownerOf(query)
  const { organizationId } = scopeOf(actor, organizations, query)
  if (owner === null) return null
  return organizationId === undefined ? { owner } : { owner, organizationId }
}

function LeaversKeys({ leaver }: { readonly leaver: Leaver }) {
  const preview = useLoad(signal => readPreview(client, leaver, signal), [])
  return (
    <WhenLoaded of={preview} rows={6}>
      {read => <PreviewOf leaver={leaver} preview={read} onChange={preview.reload} />}
    </WhenLoaded>
  )
}

interface PreviewProps {
  readonly leaver: Leaver
  readonly preview: Preview
  readonly onChange: () => void
}

function PreviewOf({ leaver, preview, onChange }: PreviewProps) {
  const [asks, setAsks] = useState(false)
  const { owner, organizationId } = leaver
  const { counts, ending, ended } = preview
  const count = counts.keys
  if (count + ended.length === 0)
    return <Empty title={t('offboard.none', { owner: owner.id })} hint={t('offboard.noneHint')} />
  const end = (text: string) => {
    setAsks(false)
    tellHere(text)
    focusHeading()
    onChange()
  }
  const means =
    count === 0
      ? t('offboard.over')
      : counts.byStatus.deleted !== undefined
        ? t('offboard.endingDeleted', { count: NUMBER.format(count) })
        : t('offboard.ending', { count: NUMBER.format(count) })
  const kinds = Object.entries(counts.byKind)
  return (
    <>
      <section class="preview" aria-labelledby="preview-title">
        <div>
          <h2 id="preview-title">
            {rich(organizationId === undefined ? 'offboard.keysOf' : 'offboard.keysOfIn', {
              owner: owner.id,
              organization: organizationId ?? '',
            })}
          </h2>
          <ul class="counts">
            {countsOf(preview).map(({ status, count, isLeast }) => (
              <li key={status}>
                <StatusBadge status={status} />{' '}
                <span class="count">
                  {NUMBER.format(count)}
                  {isLeast && '+'}
                </span>
              </li>
            ))}
          </ul>
          <p class="muted">{means}</p>
          {kinds.length > 1 && (
            <p class="muted">
              {t('offboard.kinds')}{' '}
              {kinds.map(([kind, many], i) => (
                <span key={kind}>
                  {i > 0 && ', '}
                  <bdi>{kind}</bdi> {NUMBER.format(many)}
                </span>
              ))}
            </p>
          )}
        </div>
        {count > 0 && (
          <Button look="danger" onClick={() => setAsks(true)}>
            {t('offboard.open')}
          </Button>
        )}
      </section>
      <KeyList keys={[...ending, ...ended]} count={count + ended.length} />
      {asks && (
        <RevokeManyDialog
          title={rich('offboard.confirm', { owner: owner.id })}
          action={t('offboard.action')}
          typed={owner.id}
          count={count}
          reason={t('offboard.reason')}
          run={async ({ reason, onProgress, signal }) => {
            const { revoked } = await client.revokeAll(leaver, { ...reasonOf(reason), onProgress, signal })
            return { revoked, left: [] }
          }}
          onClose={() => setAsks(false)}
          onStop={() => end(t('revokeMany.stopped'))}
          onDone={({ revoked }) => end(t('offboard.done', { count: revoked, owner: owner.id }))}
        >
          <p>{means}</p>
          <p>{t('offboard.means')}</p>
          <div class="note note-warning">
            <Icon name="alert" />
            <p class="note-text">{t('offboard.switchOff')}</p>
          </div>
        </RevokeManyDialog>
      )}
    </>
  )
}

/** So many are shown at a time: thousands of rows are slow, and nobody reads them. */
const SHOWN = 100

interface KeyListProps {
  readonly keys: readonly ApiKey[]
  /** How many there are, of which some were read. */
  readonly count: number
}

function KeyList({ keys, count }: KeyListProps) {
  const [shown, setShown] = useState(SHOWN)
  return (
    <>
      <RecordTable
        caption={t('offboard.caption')}
        columns={KEY_COLUMNS}
        rows={keys.slice(0, shown)}
        idOf={key => key.id}
      />
      <div class="more">
        <p class="muted" role="status">
          {t('offboard.shown', {
            shown: NUMBER.format(Math.min(shown, keys.length)),
            count: NUMBER.format(count),
          })}
        </p>
        {shown < keys.length && <Button onClick={() => setShown(shown + SHOWN)}>{t('action.more')}</Button>}
      </div>
    </>
  )
}
