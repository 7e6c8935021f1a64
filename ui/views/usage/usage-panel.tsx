/** How keys were used, by hour or day, in a time that is chosen here. */
import { useState } from 'preact/hooks'
import type { UsageQuery } from '../../../src/client/index.js'
import { client } from '../../api/client.js'
import { useLoad } from '../../api/use-load.js'
import { SelectField } from '../../parts/field.js'
import { WhenLoaded } from '../../parts/states.js'
import { t } from '../../text.js'
import { RANGES, type Range, usageQuery } from './ranges.js'
import { UsageReport } from './usage-report.js'

interface UsagePanelProps {
  /** Whose use: of a key, an owner, an organisation, or everyone's. */
  readonly query: Pick<UsageQuery, 'keyId' | 'owner' | 'organizationId' | 'all'>
}

export function UsagePanel({ query }: UsagePanelProps) {
  const [name, setName] = useState<string>('day')
  const range: Range = RANGES.find(one => one.name === name) ?? RANGES[1]
  const loaded = useLoad(
    async signal => (await client.usage({ ...query, ...usageQuery(range) }, { signal })).data,
    [name, JSON.stringify(query)],
  )
  return (
    <>
      <div class="usage-range">
        <SelectField
          label={t('usage.by')}
          value={name}
          onInput={setName}
          options={RANGES.map(({ name, label }) => [name, t(label)] as const)}
        />
      </div>
      <WhenLoaded of={loaded} rows={3}>
        {periods => <UsageReport periods={periods} by={range.by} />}
      </WhenLoaded>
    </>
  )
}
