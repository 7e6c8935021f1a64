/** The keys of everybody, or of the viewer's organisations: found by filters, opened, and revoked many at a time. */
import { useMemo, useState } from 'preact/hooks'
import type { ApiKey, ListQuery } from '../../../src/client/index.js'
import { KEY_STATUSES } from '../../../src/key/record.js'
import { offered } from '../../access.js'
import { client } from '../../api/client.js'
import { usePages } from '../../api/use-pages.js'
import { ButtonLink } from '../../parts/button.js'
import { FailureNote } from '../../parts/failure-note.js'
import { SelectField, TextField } from '../../parts/field.js'
import { More, RecordTable } from '../../parts/record-table.js'
import { Empty, Loading } from '../../parts/states.js'
import { View } from '../../parts/view.js'
import { hashOf, type Query } from '../../router.js'
import { rich, t } from '../../text.js'
import { useViewer } from '../../viewer.js'
import { KEY_COLUMNS } from '../key-columns.js'
import { RestoreButton } from '../restore-button.js'
import { type Draft, FilterForm } from './filter-form.js'
import { keyQueryOf, UNUSED_DAYS } from './filters.js'
import { focusHeading } from './focus-heading.js'
import { OwnerLink } from './owner-link.js'
import { organizationsFor, scopeOf } from './reach.js'
import type { RevokeResult } from './revoke-chosen.js'
import { OrganizationField, OwnerFields, OwnOrganizationField } from './scope-fields.js'
import { LeftNote, SelectAll, SelectBox, SelectionBar, useSelection } from './selection.js'

const PAGE_SIZE = 100
const MORE_NAMES = ['owner', 'ownerType', 'organization', 'tag', 'unused', 'kind']

export function AllKeysView({ query }: { readonly query: Query }) {
  const { actor } = useViewer()
  const organizations = organizationsFor(actor, 'read')
  const asked = hashOf('all', query)
  const listed = useMemo(() => keyQueryOf(query, scopeOf(actor, organizations, query), new Date()), [asked])
  const lead =
    listed.organizationId === undefined
      ? t('all.lead')
      : rich('all.leadIn', { organization: String(listed.organizationId) })
  return (
    <View title={t('all.title')} lead={lead}>
      <FilterForm
        view="all"
        query={query}
        action={t('all.search')}
        moreNames={MORE_NAMES}
        more={draft => <MoreFilters draft={draft} organizations={organizations} />}
      >
        {draft => (
          <>
            <OwnOrganizationField draft={draft} organizations={organizations} />
            <TextField
              label={t('all.name')}
              type="search"
              value={draft.query.q ?? ''}
              onInput={value => draft.write('q', value)}
              maxLength={200}
            />
            <SelectField
              label={t('keys.status')}
              value={draft.query.status ?? ''}
              onInput={value => draft.choose({ status: value })}
              options={[
                ['', t('keys.statusCurrent')],
                ...KEY_STATUSES.map(one => [one, t(`status.${one}`)] as const),
              ]}
            />
          </>
        )}
      </FilterForm>
      <Found key={asked} query={listed} isFiltered={asked !== hashOf('all')} />
    </View>
  )
}

function MoreFilters(props: { readonly draft: Draft; readonly organizations: readonly string[] }) {
  const { kinds } = useViewer()
  const { query, write, choose } = props.draft
  return (
    <>
      <OwnerFields {...props} />
      <OrganizationField draft={props.draft} />
      <TextField
        label={t('all.tag')}
        value={query.tag ?? ''}
        onInput={value => write('tag', value)}
        maxLength={200}
      />
      {kinds.length > 1 && (
        <SelectField
          label={t('all.kind')}
          value={query.kind ?? ''}
          onInput={value => choose({ kind: value })}
          options={[['', t('value.any')], ...kinds.map(({ name }) => [name, name] as const)]}
        />
      )}
      <SelectField
        label={t('all.unused')}
        value={query.unused ?? ''}
        onInput={value => choose({ unused: value })}
        options={[
          ['', t('value.any')],
          ...UNUSED_DAYS.map(days => [days, t('all.unusedFor', { days })] as const),
        ]}
      />
    </>
  )
}

/** What was found by one question; another question is another one of these. */
function Found({ query, isFiltered }: { readonly query: ListQuery; readonly isFiltered: boolean }) {
  const { actor } = useViewer()
  const pages = usePages(
    (cursor, signal) =>
      client.list({ ...query, limit: PAGE_SIZE, ...(cursor !== undefined && { cursor }) }, { signal }),
    [],
  )
  const { rows, failure, loading, reload } = pages
  const [left, setLeft] = useState<readonly ApiKey[]>([])
  const revocable = useMemo(() => (rows ?? []).filter(key => offered(actor, key).has('revoke')), [rows])
  const selection = useSelection(revocable)
  const end = (result: RevokeResult | null) => {
    setLeft(result?.left ?? [])
    focusHeading()
    reload()
  }

  if (rows === null) {
    return failure === null ? <Loading rows={8} /> : <FailureNote failure={failure} onRetry={reload} />
  }
  if (rows.length === 0 && !loading) {
    return isFiltered ? (
      <Empty title={t('keys.noMatch')} hint={t('all.noMatchHint')} icon="search">
        <ButtonLink href={hashOf('all')}>{t('keys.clear')}</ButtonLink>
      </Empty>
    ) : (
      <Empty title={t('all.empty')} hint={t('all.emptyHint')} />
    )
  }
  const columns = [
    ...(revocable.length === 0
      ? []
      : [
          {
            label: t('select.column'),
            part: 'aside' as const,
            class: 'cell-select',
            cell: (key: ApiKey) => <SelectBox apiKey={key} selection={selection} />,
          },
        ]),
    ...KEY_COLUMNS.filter(({ label }) => label !== t('keys.permissions')).flatMap(column =>
      column.part === 'name' ? [column, OWNER_COLUMN] : [column],
    ),
    ...(query.status === 'deleted'
      ? [
          {
            label: t('keys.restore'),
            cell: (key: ApiKey) => <RestoreIfOffered apiKey={key} onDone={reload} />,
          },
        ]
      : []),
  ]
  return (
    <>
      {failure !== null && <FailureNote failure={failure} onRetry={reload} />}
      <LeftNote keys={left} />
      {revocable.length > 0 && <SelectAll selection={selection} />}
      <RecordTable
        caption={t('all.caption')}
        columns={columns}
        rows={rows}
        idOf={key => key.id}
        busy={loading}
      />
      <More shown={rows.length} {...pages} />
      <SelectionBar selection={selection} onDone={end} />
    </>
  )
}

const OWNER_COLUMN = {
  label: t('scope.owner'),
  class: 'cell-owner',
  cell: ({ owner, organizationId }: ApiKey) => <OwnerLink owner={owner} organizationId={organizationId} />,
}

function RestoreIfOffered(props: { readonly apiKey: ApiKey; readonly onDone: () => void }) {
  const { actor } = useViewer()
  return offered(actor, props.apiKey).has('restore') ? <RestoreButton {...props} /> : null
}
