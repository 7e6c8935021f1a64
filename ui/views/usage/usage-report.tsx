import type { UsagePeriod } from '../../../src/client/index.js'
import type { PeriodLength } from '../../../src/usage/periods.js'
import { countOf, SORTS, sortOf, totalsOf } from '../../outcomes.js'
import { locale } from '../../page.js'
import { Disclosure } from '../../parts/disclosure.js'
import { t, tMaybe } from '../../text.js'
import { Chart } from './chart.js'
import { periodLabel } from './ranges.js'

interface UsageProps {
  readonly periods: readonly UsagePeriod[]
  readonly by: PeriodLength
}

/** What was used in a time: sums, a drawing, and the same as a table. */
export function UsageReport({ periods, by }: UsageProps) {
  const totals = totalsOf(periods)
  const sum = totals.reduce((all, [, count]) => all + count, 0)
  if (sum === 0) {
    return (
      <div role="status">
        <p>{t('usage.none')}</p>
        <p class="hint">{t('usage.noneHint')}</p>
      </div>
    )
  }
  return (
    <>
      <dl class="usage-totals">
        <div>
          <dt>{t('usage.total')}</dt>
          <dd>{count(sum)}</dd>
        </div>
        {totals.map(([outcome, number]) => (
          <div key={outcome}>
            <dt>
              <span class={`swatch series-${sortOf(outcome)}`} aria-hidden="true" />
              {tMaybe(`outcome.${outcome}`) ?? outcome}
            </dt>
            <dd>{count(number)}</dd>
          </div>
        ))}
      </dl>
      <Chart periods={periods} by={by} />
      <Disclosure summary={t('usage.table')}>
        <UsageTable periods={periods} by={by} />
      </Disclosure>
    </>
  )
}

function UsageTable({ periods, by }: UsageProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section class="table-frame usage-table" tabIndex={0} aria-label={t('usage.caption')}>
      <table class="table">
        <caption class="hidden">{t('usage.caption')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('usage.time')}</th>
            {SORTS.map(sort => (
              <th key={sort} scope="col" class="number">
                {t(`usage.${sort}`)}
              </th>
            ))}
            <th scope="col" class="number">
              {t('usage.sum')}
            </th>
          </tr>
        </thead>
        <tbody>
          {[...periods].reverse().map(period => (
            <tr key={period.from}>
              <th scope="row">{periodLabel(period.from, by, 'long')}</th>
              {SORTS.map(sort => (
                <td key={sort} class="number">
                  {count(countOf(period, sort))}
                </td>
              ))}
              <td class="number">{count(period.total)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function count(number: number): string {
  return number.toLocaleString(locale)
}
