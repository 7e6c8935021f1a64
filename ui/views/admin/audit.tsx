/** Who did what, and what was refused: over all keys, or those of the viewer's organisations. */
import { useMemo } from 'preact/hooks'
import type { AuditQuery } from '../../../src/client/index.js'
import { client } from '../../api/client.js'
import { useAct } from '../../api/use-act.js'
import { usePages } from '../../api/use-pages.js'
import { Button, ButtonLink } from '../../parts/button.js'
import { FailureNote } from '../../parts/failure-note.js'
import { SelectField, TextField } from '../../parts/field.js'
import { tellHere } from '../../parts/notice.js'
import { More } from '../../parts/record-table.js'
import { Empty, Loading } from '../../parts/states.js'
import { View } from '../../parts/view.js'
import { hashOf, type Query } from '../../router.js'
import { rich, t } from '../../text.js'
import { useViewer } from '../../viewer.js'
import { dayText } from '../day.js'
import { EventList } from '../history/event-list.js'
import { downloadAuditCsv, MOST_EVENTS } from './download-csv.js'
import { EventFacts, sentenceOf } from './event-parts.js'
import { type Draft, FilterForm } from './filter-form.js'
import { AUDIT_ACTIONS, auditQueryOf, idIn } from './filters.js'
import { organizationsFor, scopeOf } from './reach.js'
import { OrganizationField, OwnerFields, OwnOrganizationField } from './scope-fields.js'

const PAGE_SIZE = 50
const MORE_NAMES = ['owner', 'ownerType', 'organization', 'actor', 'key']

export function AuditView({ query }: { readonly query: Query }) {
  const { actor, kinds } = useViewer()
  const organizations = organizationsFor(actor, 'audit')
  const asked = hashOf('audit', query)
  const listed = useMemo(() => {
    // The beginning of a token has the id in it.
    const key =
      idIn(
        query.key ?? '',
        kinds.map(({ prefix }) => prefix),
      ) ?? ''
    return auditQueryOf({ ...query, key }, scopeOf(actor, organizations, query))
  }, [asked])
  const download = useAct(
    () => downloadAuditCsv(listed, `audit-${dayText(new Date())}.csv`),
    ({ isPart }) => {
      if (isPart) tellHere(t('audit.downloadPart', { count: MOST_EVENTS }))
    },
  )
  const isNoKey = query.key !== undefined && listed.keyId === undefined
  const lead =
    listed.organizationId === undefined
      ? t('audit.lead')
      : rich('audit.leadIn', { organization: String(listed.organizationId) })
  return (
    <View
      title={t('audit.title')}
      lead={lead}
      actions={
        <Button onClick={download.run} working={download.working}>
          {t('audit.download')}
        </Button>
      }
    >
      <FailureNote failure={download.failure} />
      <FilterForm
        view="audit"
        query={query}
        action={t('filter.apply')}
        moreNames={MORE_NAMES}
        more={draft => <MoreFilters draft={draft} organizations={organizations} isNoKey={isNoKey} />}
      >
        {draft => <Filters draft={draft} organizations={organizations} />}
      </FilterForm>
      <Feed key={asked} query={listed} isFiltered={asked !== hashOf('audit')} />
    </View>
  )
}

interface FiltersProps {
  readonly draft: Draft
  readonly organizations: readonly string[]
}

function Filters({ draft, organizations }: FiltersProps) {
  const { query, write, choose } = draft
  return (
    <>
      <OwnOrganizationField draft={draft} organizations={organizations} />
      <SelectField
        label={t('audit.action')}
        value={query.action ?? ''}
        onInput={action => choose({ action })}
        options={[
          ['', t('value.any')],
          ...AUDIT_ACTIONS.map(action => [action, t(`audit.name.${action}`)] as const),
        ]}
      />
      <SelectField
        label={t('audit.result')}
        value={query.refused ?? ''}
        onInput={refused => choose({ refused })}
        options={[
          ['', t('value.any')],
          ['false', t('audit.done')],
          ['true', t('audit.refused')],
        ]}
      />
      <TextField
        label={t('audit.from')}
        type="date"
        value={query.from ?? ''}
        onInput={from => write('from', from)}
        max={query.to ?? ''}
      />
      <TextField
        label={t('audit.to')}
        type="date"
        value={query.to ?? ''}
        onInput={to => write('to', to)}
        min={query.from ?? ''}
      />
    </>
  )
}

interface MoreFiltersProps extends FiltersProps {
  /** What is asked for is not the id of a key. */
  readonly isNoKey: boolean
}

function MoreFilters({ isNoKey, ...props }: MoreFiltersProps) {
  const { query, write } = props.draft
  return (
    <>
      <TextField
        label={t('audit.actor')}
        value={query.actor ?? ''}
        onInput={value => write('actor', value)}
        maxLength={200}
      />
      <TextField
        label={t('audit.key')}
        hint={t('audit.keyHint')}
        fault={isNoKey ? t('audit.noKey') : null}
        mono
        value={query.key ?? ''}
        onInput={value => write('key', value)}
        maxLength={200}
      />
      <OwnerFields {...props} />
      <OrganizationField draft={props.draft} />
    </>
  )
}

function Feed({ query, isFiltered }: { readonly query: AuditQuery; readonly isFiltered: boolean }) {
  const pages = usePages(
    (cursor, signal) =>
      client.audit({ ...query, limit: PAGE_SIZE, ...(cursor !== undefined && { cursor }) }, { signal }),
    [],
  )
  const { rows, failure, loading, hasMore, reload } = pages
  if (rows === null) {
    return failure === null ? <Loading rows={8} /> : <FailureNote failure={failure} onRetry={reload} />
  }
  if (rows.length === 0 && !loading && !hasMore) {
    return (
      <Empty
        title={t('audit.empty')}
        hint={isFiltered ? t('audit.noMatchHint') : t('audit.emptyHint')}
        icon="search"
      >
        {isFiltered && <ButtonLink href={hashOf('audit')}>{t('keys.clear')}</ButtonLink>}
      </Empty>
    )
  }
  return (
    <>
      {failure !== null && <FailureNote failure={failure} onRetry={reload} />}
      <div class="event-card" aria-busy={loading}>
        <EventList
          events={rows}
          label={t('audit.caption')}
          sentence={sentenceOf}
          more={event => <EventFacts event={event} />}
        />
      </div>
      <More shown={rows.length} {...pages} />
    </>
  )
}
