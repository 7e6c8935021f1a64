/** Outcomes of requests, in the three sorts that are drawn. Pure. */
import type { UsagePeriod } from '../src/client/index.js'

/** Drawn on each other in this order: the first one at the bottom. */
export const SORTS = ['accepted', 'limited', 'refused'] as const
export type Sort = (typeof SORTS)[number]

const LIMITED = ['RATE_LIMITED', 'CREDITS_EXHAUSTED']

/** Which sort an outcome is of. */
export function sortOf(outcome: string): Sort {
  if (outcome === 'accepted') return 'accepted'
  return LIMITED.includes(outcome) ? 'limited' : 'refused'
}

/** How many of a sort there were in a period. */
export function countOf({ outcomes }: Pick<UsagePeriod, 'outcomes'>, sort: Sort): number {
  return sumOf(
    Object.entries(outcomes).flatMap(([outcome, count]) => (sortOf(outcome) === sort ? [count] : [])),
  )
}

/** The sum of each outcome over all periods: accepted first, then the most frequent. */
export function totalsOf(
  periods: readonly Pick<UsagePeriod, 'outcomes'>[],
): [outcome: string, count: number][] {
  const totals = new Map<string, number>()
  for (const { outcomes } of periods) {
    for (const [outcome, count = 0] of Object.entries(outcomes))
      totals.set(outcome, (totals.get(outcome) ?? 0) + count)
  }
  const rank = (outcome: string) => (outcome === 'accepted' ? 0 : 1)
  return [...totals].sort(([a, m], [b, n]) => rank(a) - rank(b) || n - m)
}

/** For each sort, the heights up to which it reaches when all are put on each other. */
export function stackedCounts(periods: readonly Pick<UsagePeriod, 'outcomes'>[]): Record<Sort, number[]> {
  const below = periods.map(() => 0)
  const heightsOf = (sort: Sort) =>
    periods.map((period, i) => {
      below[i] = (below[i] ?? 0) + countOf(period, sort)
      return below[i]
    })
  return { accepted: heightsOf('accepted'), limited: heightsOf('limited'), refused: heightsOf('refused') }
}

function sumOf(counts: readonly (number | undefined)[]): number {
  return counts.reduce<number>((sum, count = 0) => sum + count, 0)
}
