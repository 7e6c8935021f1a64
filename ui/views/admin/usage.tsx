/** How keys were used: all of them, an owner's, or an organisation's. */
import { useMemo } from 'preact/hooks'
import type { PeriodLength } from '../../../src/usage/periods.js'
import { client } from '../../api/client.js'
import { useAct } from '../../api/use-act.js'
import { useLoad } from '../../api/use-load.js'
import { timeZone } from '../../page.js'
import { Button } from '../../parts/button.js'
import { FailureNote } from '../../parts/failure-note.js'
import { SelectField } from '../../parts/field.js'
import { lazy } from '../../parts/lazy.js'
import { WhenLoaded } from '../../parts/states.js'
import { View } from '../../parts/view.js'
import { hashOf, type Query } from '../../router.js'
import { rich, t } from '../../text.js'
import { useViewer } from '../../viewer.js'
import { dayText } from '../day.js'
import { downloadUsageCsv } from './download-csv.js'
import { type Draft, FilterForm } from './filter-form.js'
import { organizationsFor, scopeOf } from './reach.js'
import { OrganizationField, OwnerFields, OwnOrganizationField } from './scope-fields.js'
import { RANGES, rangeOf, timeOf, type UsageRange } from './usage-time.js'

/** With the code that draws, which others have no need of. */
const UsageReport = lazy(async () => (await import('../usage/usage-report.js')).UsageReport)

const MORE_NAMES = ['owner', 'ownerType', 'organization']

export function UsageView({ query }: { readonly query: Query }) {
  const { actor } = useViewer()
  const organizations = organizationsFor(actor, 'audit')
  const asked = hashOf('usage', query)
  const { by, range } = rangeOf(query)
  const ask = useMemo(
    () => ({ ...scopeOf(actor, organizations, query), ...timeOf({ range, by }, new Date(), timeZone) }),
    [asked],
  )
  const usage = useLoad(async signal => ({ ...(await client.usage(ask, { signal })), by }), [asked])
  const download = useAct(
    () => downloadUsageCsv(ask, `usage-${dayText(new Date())}.csv`),
    () => undefined,
  )
  const { organizationId } = ask
  const lead =
    organizationId === undefined
      ? t('usageOf.lead')
      : rich('usageOf.leadIn', { organization: organizationId })
  return (
    <View
      title={t('usageOf.title')}
      lead={lead}
      actions={
        <Button onClick={download.run} working={download.working}>
          {t('usageOf.download')}
        </Button>
      }
    >
      <FailureNote failure={download.failure} />
      <FilterForm
        view="usage"
        query={query}
        moreNames={MORE_NAMES}
        more={draft => (
          <>
            <OwnerFields draft={draft} organizations={organizations} />
            <OrganizationField draft={draft} />
          </>
        )}
      >
        {draft => (
          <>
            <OwnOrganizationField draft={draft} organizations={organizations} />
            <TimeFields draft={draft} range={range} by={by} />
          </>
        )}
      </FilterForm>
      <WhenLoaded of={usage} rows={4}>
        {({ data, by }) => (
          <div class="section">
            <UsageReport periods={data} by={by} />
          </div>
        )}
      </WhenLoaded>
    </View>
  )
}

interface TimeFieldsProps {
  readonly draft: Draft
  readonly range: UsageRange
  readonly by: PeriodLength
}

function TimeFields({ draft: { choose }, range, by }: TimeFieldsProps) {
  const ranges = Object.keys(RANGES) as UsageRange[] // its own keys
  return (
    <>
      <SelectField
        label={t('usageOf.range')}
        value={range}
        onInput={range => choose({ range })}
        options={ranges.map(one => [one, t(`usageOf.range.${one}`)] as const)}
      />
      <SelectField
        label={t('usageOf.by')}
        value={by}
        onInput={by => choose({ by })}
        options={RANGES[range].map(one => [one, t(`usageOf.by.${one}`)] as const)}
      />
    </>
  )
}
