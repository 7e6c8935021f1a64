/** The keys of the viewer's own. */
import { useState } from 'preact/hooks'
import type { ApiKey, KeyStatus } from '../../src/client/index.js'
import { KEY_STATUSES } from '../../src/key/record.js'
import { client } from '../api/client.js'
import { startedEarly } from '../api/early.js'
import { usePages } from '../api/use-pages.js'
import { Button, ButtonLink } from '../parts/button.js'
import { FailureNote } from '../parts/failure-note.js'
import { SelectField } from '../parts/field.js'
import { Icon } from '../parts/icon.js'
import { More, RecordTable } from '../parts/record-table.js'
import { Empty, Loading } from '../parts/states.js'
import { View } from '../parts/view.js'
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
  return view === 'keys' && query.status === undefined
}

export function OwnKeysView({ query }: { readonly query: Query }) {
  const { grants } = useViewer()
  // Not in the address: whoever pastes a token into it by mistake does not leave it in the browser's history.
  const [name, setName] = useState('')
  const status = KEY_STATUSES.find(known => known === query.status)
  const pages = usePages(
    (cursor, signal) =>
      readFirst !== null && !name && !status && !cursor
        ? readFirst(signal)
        : client.list(listQuery({ name, status, cursor }), { signal }),
    [name, status],
  )
  const { rows, failure, loading, reload } = pages
  const isFiltered = name !== '' || status !== undefined
  const columns = [
    ...KEY_COLUMNS,
    ...(status === 'deleted'
      ? [{ label: t('keys.restore'), cell: (key: ApiKey) => <RestoreButton apiKey={key} onDone={reload} /> }]
      : []),
  ]
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
    <View title={t('keys.title')} lead={t('keys.lead')} actions={create}>
      {grants === null && (
        <div class="note note-warning">
          <Icon name="alert" />
          <p class="note-text">{t('keys.switchedOff')}</p>
        </div>
      )}
      {(isFiltered || rows === null || rows.length > 0) && (
        <div class="filters">
          <KeySearch value={name} onSearch={setName} />
          <SelectField
            label={t('keys.status')}
            value={status ?? ''}
            onInput={value => go(hashOf('keys', { status: value }))}
            options={[
              ['', t('keys.statusCurrent')],
              ...KEY_STATUSES.map(one => [one, t(`status.${one}`)] as const),
            ]}
          />
        </div>
      )}
      {failure !== null && <FailureNote failure={failure} onRetry={reload} />}
      {rows === null && failure === null && <Loading rows={6} />}
      {rows !== null && rows.length === 0 && !loading && !isFiltered && (
        <Empty title={t('keys.empty')} hint={t('keys.emptyHint')}>
          {create}
        </Empty>
      )}
      {rows !== null && rows.length === 0 && !loading && isFiltered && (
        <Empty title={t('keys.noMatch')} hint={t('keys.noMatchHint')} icon="search">
          <Button onClick={clear}>{t('keys.clear')}</Button>
        </Empty>
      )}
      {rows !== null && rows.length > 0 && (
        <>
          <RecordTable
            caption={t('keys.caption')}
            columns={columns}
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

interface Asked {
  readonly name: string
  readonly status: KeyStatus | undefined
  readonly cursor: string | undefined
}

function listQuery({ name, status, cursor }: Asked) {
  return {
    limit: PAGE_SIZE,
    ...(name !== '' && { q: name }),
    ...(status !== undefined && { status }),
    ...(cursor !== undefined && { cursor }),
  }
}
