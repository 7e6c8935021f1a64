/** What usage is answered as. */
import { z } from 'zod'
import type { Usage, UsagePeriod } from '../manage/usage.js'
import { natural, type Wire } from './answers.js'
import { csvOf } from './csv.js'
import { described, told } from './documented.js'

const time = (description: string) => told(z.string(), { format: 'date-time', description })

const outcomes = told(z.record(z.string(), natural()), {
  propertyNames: undefined,
  description:
    'How many by outcome: `accepted`, or the code of the refusal. One that did not occur is not there.',
  examples: [{ accepted: 3, INSUFFICIENT_PERMISSIONS: 1 }],
})

const usagePeriod = told(
  z.object({
    from: time('The beginning.'),
    to: time('The end, which is no longer in it.'),
    total: described(natural(), 'The sum of all outcomes.'),
    outcomes,
  }) satisfies z.ZodType<Wire<UsagePeriod>>,
  { id: 'UsagePeriod', description: 'How often keys were used in an hour, a day or a month.' },
)

const data = described(z.array(usagePeriod), 'Oldest first, without a gap.')
export const usage = told(z.object({ data }), { id: 'Usage' })

/** The same as CSV: a row a period, a column an outcome. */
export function usageCsv({ data }: Usage): string {
  const occurred = new Set(data.flatMap(({ outcomes }) => Object.keys(outcomes)))
  occurred.delete('accepted')
  const columns = ['accepted', ...[...occurred].sort()]
  const rows = data.map(({ from, to, total, outcomes }) => [
    ...[from, to].map(at => at.toISOString()),
    total,
    ...columns.map(outcome => outcomes[outcome] ?? 0),
  ])
  return csvOf([['from', 'to', 'total', ...columns], ...rows])
}

/** What documents show of it. */
export const CSV_EXAMPLE =
  'from,to,total,accepted,KEY_EXPIRED\r\n2026-11-24T23:00:00.000Z,2026-11-25T23:00:00.000Z,4,3,1\r\n'
