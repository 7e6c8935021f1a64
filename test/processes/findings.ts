/** What a campaign of narrowings has shown. */
import type { Times } from './fleet.js'
import type { Target } from './narrowing.js'
import type { Answers, Report } from './verifying-process.js'

export interface Narrowed extends Times {
  readonly target: Target
  /** When it was first asked for; `began` is that of the attempt that resolved. */
  readonly asked: bigint
  /** Why earlier attempts rejected. */
  readonly rejected: readonly string[]
}

/** Of each key that a process has accepted by a verification that began after the narrowing had resolved. */
export function lateAcceptances(narrowed: readonly Narrowed[], reports: readonly Report[]) {
  return narrowed.flatMap(({ target, resolved }) =>
    reports.flatMap(({ accepted }, process) => {
      const at = accepted.get(target.id) ?? 0n
      return at > resolved ? [{ process, act: target.act, msAfter: msBetween(resolved, at) }] : []
    }),
  )
}

/** The keys that a process does not refuse in the end, each with what it answers. */
export function notRefused(narrowed: readonly Narrowed[], reports: readonly Report[]) {
  return narrowed.flatMap(({ target, resolved }) =>
    reports.flatMap(({ answers }, process) => {
      const last = answers.get(target.id)?.at(-1)
      const isRefused = last !== undefined && last.to > resolved && !NO_REFUSALS.has(last.code)
      return isRefused ? [] : [{ process, act: target.act, code: last?.code }]
    }),
  )
}

const NO_REFUSALS: ReadonlySet<string> = new Set(['ok', 'STORE_UNAVAILABLE'])

/** How long before a narrowing was asked for each process last accepted the key, in ms; negative: it was after. */
export function gaps(narrowed: readonly Narrowed[], reports: readonly Report[]): number[] {
  return narrowed.flatMap(({ target, asked }) =>
    reports.map(({ accepted }) => msBetween(accepted.get(target.id) ?? 0n, asked)),
  )
}

/** The value that this share of all is at most. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN
}

export interface Quantiles {
  readonly p50: number
  readonly p99: number
  readonly worst: number
}

/** Prints how long the calls that resolved took, in ms. */
export function printTimes(what: string, narrowed: readonly Narrowed[]): Quantiles {
  const times = narrowed.map(({ began, resolved }) => msBetween(began, resolved))
  const [p50, p99, worst] = [quantile(times, 0.5), quantile(times, 0.99), quantile(times, 1)].map(Math.round)
  const found = { p50: p50 ?? Number.NaN, p99: p99 ?? Number.NaN, worst: worst ?? Number.NaN }
  const rejected = narrowed.flatMap(one => one.rejected).length
  process.stderr.write(
    `${what}: ${times.length} narrowed, after ${rejected} rejections; ` +
      `p50 ${found.p50} ms, p99 ${found.p99} ms, worst ${found.worst} ms\n`,
  )
  return found
}

/** What a key was answered by the verifications that began between two moments. */
export function answersBetween(answers: readonly Answers[], from: bigint, to: bigint): Answers[] {
  return answers.filter(one => one.from < to && one.to > from)
}

export function msBetween(from: bigint, to: bigint): number {
  return Number(to - from) / 1e6
}
