/** Whether two samples of times differ, and by how much. */

/** The times of one class, in ns. */
export type Times = Float64Array

export interface Difference {
  /** Welch's t of the means, once the slowest tenth of both together is cut off (dudect: Reparaz, Balasch, Verbauwhede, 2017). */
  readonly t: number
  /** Between the medians, in ns. */
  readonly ofMedians: number
  /** 99 in 100 resamples (bootstrap, percentile) have it in between. */
  readonly from: number
  readonly to: number
}

const CROPPED = 0.9
const RESAMPLES = 500

export function difference(a: Times, b: Times): Difference {
  const [x, y] = [a.toSorted(), b.toSorted()]
  const resampled = Float64Array.from(
    { length: RESAMPLES },
    () => resampledMedian(y) - resampledMedian(x),
  ).sort()
  return {
    t: welch(a, b),
    ofMedians: at(y, 0.5) - at(x, 0.5),
    from: at(resampled, 0.005),
    to: at(resampled, 0.995),
  }
}

export function median(times: Times): number {
  return at(times.toSorted(), 0.5)
}

function welch(a: Times, b: Times): number {
  const limit = at(Float64Array.from([...a, ...b]).sort(), CROPPED)
  const [x, y] = [a, b].map(times => moments(times.filter(time => time <= limit)))
  if (x === undefined || y === undefined) throw new Error('unreachable: there are two')
  return (y.mean - x.mean) / Math.sqrt(x.variance / x.count + y.variance / y.count)
}

function moments(times: Times) {
  const count = times.length
  const mean = times.reduce((sum, time) => sum + time, 0) / count
  const variance = times.reduce((sum, time) => sum + (time - mean) ** 2, 0) / (count - 1)
  return { count, mean, variance }
}

/** The median of as many draws, with replacement: how often each is drawn tells it, without sorting again. */
function resampledMedian(sorted: Times): number {
  const drawn = new Uint16Array(sorted.length)
  for (let i = 0; i < sorted.length; i++) {
    const index = Math.floor(Math.random() * sorted.length)
    drawn[index] = (drawn[index] ?? 0) + 1
  }
  let seen = 0
  for (const [index, times] of drawn.entries()) {
    seen += times
    if (seen * 2 > sorted.length) return sorted[index] ?? Number.NaN
  }
  return Number.NaN
}

function at(sorted: Times, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
