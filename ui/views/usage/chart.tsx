/** Draws usage as bars on each other. For the eye: the same numbers are in the table beside it. */
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { UsagePeriod } from '../../../src/client/index.js'
import type { PeriodLength } from '../../../src/usage/periods.js'
import { countOf, SORTS, type Sort, stackedCounts } from '../../outcomes.js'
import { locale } from '../../page.js'
import { useMedia } from '../../parts/use-external.js'
import { t } from '../../text.js'
import { periodLabel } from './ranges.js'

const HEIGHT = 220

interface ChartProps {
  readonly periods: readonly UsagePeriod[]
  readonly by: PeriodLength
}

export function Chart({ periods, by }: ChartProps) {
  const frame = useRef<HTMLDivElement>(null)
  const [pointed, setPointed] = useState<number | null>(null)
  const dark = useMedia('(prefers-color-scheme: dark)')

  useLayoutEffect(() => {
    const element = frame.current
    if (element === null) return
    const plot = new uPlot(optionsFor(element, periods, by, setPointed), dataOf(periods), element)
    const observer = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT }))
    observer.observe(element)
    return () => {
      observer.disconnect()
      plot.destroy()
    }
  }, [periods, by, dark])

  const period = pointed === null ? undefined : periods[pointed]
  return (
    <figure class="chart">
      <div ref={frame} role="img" aria-label={t('usage.chart')} dir="ltr" class="chart-frame" />
      <figcaption class="chart-pointed hint" aria-hidden="true">
        {period === undefined ? '\u00a0' : pointedText(period, by)}
      </figcaption>
    </figure>
  )
}

/** Places in the list stand for times: days are not all as long, and labels are by the viewer's clock. */
function dataOf(periods: readonly UsagePeriod[]): uPlot.AlignedData {
  const heights = stackedCounts(periods)
  return [periods.map((_, i) => i), ...drawn().map(sort => heights[sort])]
}

/** What reaches highest is drawn first, and what is lower over it. */
function drawn(): Sort[] {
  return [...SORTS].reverse()
}

function optionsFor(
  element: HTMLElement,
  periods: readonly UsagePeriod[],
  by: PeriodLength,
  onPoint: (index: number | null) => void,
): uPlot.Options {
  const { color, font } = textOf(element)
  const axis = {
    stroke: color('muted'),
    grid: { stroke: color('border'), width: 1 },
    ticks: { show: false },
    font,
  }
  return {
    width: element.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
    scales: {
      x: { time: false, range: () => [-0.6, periods.length - 0.4] },
      y: { range: (_plot, _min, max) => [0, Math.max(4, max * 1.05)] },
    },
    axes: [
      {
        ...axis,
        size: 28,
        grid: { show: false },
        space: 64,
        incrs: [1, 2, 3, 6, 7, 12, 14, 24, 28],
        values: (_plot, places) =>
          places.map(place => {
            const period = periods[place]
            return period === undefined ? '' : periodLabel(period.from, by, 'short')
          }),
      },
      {
        ...axis,
        size: 56,
        incrs: WHOLE,
        values: (_plot, numbers) =>
          numbers.map(number => number.toLocaleString(locale, { notation: 'compact' })),
      },
    ],
    series: [
      {},
      ...drawn().map(sort => ({
        label: sort,
        fill: color(sort),
        width: 0,
        points: { show: false },
        ...(uPlot.paths.bars && { paths: uPlot.paths.bars({ size: [0.7, 48], radius: 0.08 }) }),
      })),
    ],
    hooks: { setCursor: [({ cursor }) => onPoint(cursor.idx ?? null)] },
  }
}

/** Steps of an axis of requests: there are no halves. */
const WHOLE = Array.from({ length: 10 }, (_, power) => [1, 2, 5].map(step => step * 10 ** power)).flat()

/** Colours and font as the page has them now, by the browser itself: a theme may write them in any way. */
function textOf(element: HTMLElement): { color: (name: string) => string; font: string } {
  const color = (name: string) => {
    const probe = document.createElement('span')
    probe.className = `series-${name}`
    element.append(probe)
    const { color } = getComputedStyle(probe)
    probe.remove()
    return color
  }
  return { color, font: `12px ${getComputedStyle(element).fontFamily}` }
}

function pointedText(period: UsagePeriod, by: PeriodLength): string {
  const counts = SORTS.map(sort => `${t(`usage.${sort}`)}: ${countOf(period, sort).toLocaleString(locale)}`)
  return `${periodLabel(period.from, by, 'long')} · ${counts.join(' · ')}`
}
