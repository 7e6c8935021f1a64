import type { Command } from 'commander'
import { given } from '../../given.js'
import { type CommonOptions, idArgument, type Run, runWithKeys, withKeys } from '../command.js'
import type { Io } from '../io.js'
import { type OwnerOptions, ownerFilter, withOwner } from '../options.js'
import { minute } from '../view.js'

interface UsageOptions extends CommonOptions, OwnerOptions {
  readonly from?: string
  readonly to?: string
  readonly by?: 'hour' | 'day' | 'month'
  readonly timeZone?: string
}

export function addUsage(program: Command, io: Io): void {
  const command = program
    .command('usage')
    .description('how often keys were used, by period and outcome')
    .argument('[id]', 'of this key alone', idArgument)
  withOwner(command)
    .option('--from <time>', 'not before, ISO 8601 (default: 30 days before)')
    .option('--to <time>', 'before (default: now)')
    .option('--by <period>', 'hour, day or month', 'day')
    .option('--time-zone <zone>', 'whose days and months', 'UTC')
  withKeys(command).action((id: string | undefined, options: UsageOptions) =>
    runWithKeys(io, options, run => usage(run, id, options)),
  )
}

async function usage({ manage, output }: Run, id: string | undefined, options: UsageOptions): Promise<void> {
  const { from, to, by, timeZone } = options
  const found = await manage.usage({
    ...ownerFilter(options),
    ...given({ keyId: id, from, to, by, timeZone }),
  })
  if (output.json) return output.value(found)
  const used = found.data.filter(({ total }) => total > 0)
  if (used.length === 0) return output.note('No use in this time.')
  const outcomes = [...new Set(used.flatMap(period => Object.keys(period.outcomes)))].sort(acceptedFirst)
  output.table(used, [
    { title: 'FROM', value: period => minute(period.from) },
    { title: 'TOTAL', value: period => String(period.total) },
    ...outcomes.map((outcome, i) => ({
      title: outcome,
      value: (period: (typeof used)[number]) => String(Reflect.get(period.outcomes, outcome) ?? 0),
      ...(i > 0 && { drop: i }),
    })),
  ])
}

/** The column that is first stays where there is little room. */
function acceptedFirst(a: string, b: string): number {
  if (a === b) return 0
  if (a === 'accepted' || b === 'accepted') return a === 'accepted' ? -1 : 1
  return a < b ? -1 : 1
}
