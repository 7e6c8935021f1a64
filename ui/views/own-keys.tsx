/** The keys of the viewer's own. */
import { useState } from 'preact/hooks'
import type { ApiKey, KeyStatus } from '../../src/client/index.js'
import { KEY_STATUSES } from '../../src/key/record.js'
import { offered } from '../access.js'
import { client } from '../api/client.js'
import { startedEarly } from '../api/early.js'
import { usePages } from '../api/use-pages.js'
import { Button, ButtonLink } from '../parts/button.js'
import { FailureNote } from '../parts/failure-note.js'
import { SelectField } from '../parts/field.js'
import { Icon } from '../parts/icon.js'
import { type Column, More, RecordTable } from '../parts/record-table.js'
import { Empty, Loading } from '../parts/states.js'
import { View } from '../parts/view.js'
import { OwnerName } from '../parts/who.js'
import { hashOf, type Query, type Route, routeOf } from '../router.js'
import { t } from '../text.js'
import { go } from '../use-route.js'
import { useViewer } from '../viewer.js'
import { KEY_COLUMNS } from './key-columns.js'
import { KeySearch } from './key-search.js'
import { RestoreButton } from './restore-button.js'

const PAGE_SIZE = 50

/** The page mostly opens with this list: it is asked for together with who looks at it. */
const readFirst = isFirst(routeOf(location.hash))
  ? startedEarly(signal => client.list({ limit: PAGE_SIZE }, signal && { signal }))
  : null

function isFirst({ view, query }: Route): boolean {
  return view === 'keys' && query.status === undefined && query.of === undefined
}

export function OwnKeysView({ query }: { readonly query: Query }) {
  const { grants, actor } = useViewer()
  // Not in the address: whoever pastes a token into it by mistake does not leave it in the browser's history.
  const [name, setName] = useState('')
  const status = KEY_STATUSES.find(known => known === query.status)
  const organization = actor.organizations.find(({ id }) => id === query.of)?.id
  const pages = usePages(
    (cursor, signal) =>
      readFirst !== null && !name && !status && !organization && !cursor
        ? readFirst(signal)
        : client.list(listQuery({ name, status, organization, cursor }), { signal }),
    [name, status, organization],
  )
  const { rows, failure, loading, reload } = pages
  const isFiltered = name !== '' || status !== undefined || organization !== undefined
  const isEmpty = rows !== null && rows.length === 0 && !loading
  const create = (
    <ButtonLink look="primary" href={hashOf('new')}>
      <Icon name="plus" />
      {t('keys.create')}
    </ButtonLink>
  )
  const clear = () => {
    setName('')
    go(hashOf('keys'))
  }

  return (
    <View title={t('keys.title')} lead={t('keys.lead')} actions={isEmpty && !isFiltered ? undefined : create}>
      {grants === null && (
        <div class="note note-warning">
          <Icon name="alert" />
          <p class="note-text">{t('keys.switchedOff')}</p>
        </div>
      )}
      {(!isEmpty || isFiltered || actor.organizations.length > 0) && (
        <div class="filters">
          <KeySearch value={name} onSearch={setName} />
          <ListFilters status={status} organization={organization} />
        </div>
      )}
      {failure !== null && <FailureNote failure={failure} onRetry={reload} />}
      {rows === null && failure === null && <Loading rows={6} />}
      {isEmpty && !isFiltered && (
        <Empty title={t('keys.empty')} hint={t('keys.emptyHint')}>
          {create}
        </Empty>
      )}
      {isEmpty && isFiltered && (
        <Empty title={t('keys.noMatch')} hint={t('keys.noMatchHint')} icon="search">
          <Button onClick={clear}>{t('keys.clear')}</Button>
        </Empty>
      )}
      {rows !== null && rows.length > 0 && (
        <>
          <RecordTable
            caption={
              organization === undefined ? t('keys.caption') : t('keys.captionOf', { id: organization })
            }
            columns={columnsFor({ status, organization, reload })}
            rows={rows}
            idOf={key => key.id}
            busy={loading}
          />
          <More shown={rows.length} {...pages} />
        </>
      )}
    </View>
  )
}

interface Filters {
  readonly status: KeyStatus | undefined
  /** Keys in this organisation that the viewer may see; else those of the viewer's own. */
  readonly organization: string | undefined
}

/** Both are in the address, so that a reload and the way back keep them. */
function ListFilters({ status, organization }: Filters) {
  const { actor } = useViewer()
  const hash = (filters: Filters) =>
    hashOf('keys', { of: filters.organization ?? '', status: filters.status ?? '' })
  return (
    <>
      {actor.organizations.length > 0 && (
        <SelectField
          label={t('keys.of')}
          value={organization ?? ''}
          onInput={id => go(hash({ status, organization: id }))}
          options={[
            ['', t('keys.ofMe')],
            ...actor.organizations.map(({ id }) => [id, t('owner.organization', { id })] as const),
          ]}
        />
      )}
      <SelectField
        label={t('keys.status')}
        value={status ?? ''}
        onInput={value => go(hash({ organization, status: value as KeyStatus }))} // of the options below
        options={[
          ['', t('keys.statusCurrent')],
          ...KEY_STATUSES.map(one => [one, t(`status.${one}`)] as const),
        ]}
      />
    </>
  )
}

function columnsFor({ status, organization, reload }: Filters & { readonly reload: () => void }) {
  const owner: Column<ApiKey> = { label: t('keys.owner'), cell: key => <OwnerName owner={key.owner} /> }
  const restore: Column<ApiKey> = {
    label: t('keys.restore'),
    cell: key => <RestoreCell apiKey={key} onDone={reload} />,
  }
  return [
    ...KEY_COLUMNS,
    ...(organization === undefined ? [] : [owner]),
    ...(status === 'deleted' ? [restore] : []),
  ]
}

function RestoreCell({ apiKey, onDone }: { readonly apiKey: ApiKey; readonly onDone: () => void }) {
  const { actor } = useViewer()
  return offered(actor, apiKey).has('restore') ? <RestoreButton apiKey={apiKey} onDone={onDone} /> : null
}

interface Asked extends Filters {
  readonly name: string
  readonly cursor: string | undefined
}

function listQuery({ name, status, organization, cursor }: Asked) {
  return {
    limit: PAGE_SIZE,
    ...(name !== '' && { q: name }),
    ...(status !== undefined && { status }),
    ...(organization !== undefined && { organizationId: organization }),
    ...(cursor !== undefined && { cursor }),
  }
}
