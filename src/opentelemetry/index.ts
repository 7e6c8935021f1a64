/**
 * Metrics and spans by the OpenTelemetry API: `apiKeys({ telemetry: openTelemetry() })`.
 *
 * What is counted on the way of a request is read when metrics are collected, so a verification from memory costs nothing more.
 * Names and units after the semantic conventions of OpenTelemetry (metrics: "Naming rules for counters", units in UCUM,
 * durations in seconds; `error.type`).
 */
import {
  type Attributes,
  type BatchObservableResult,
  type Histogram,
  type Meter,
  type MeterProvider,
  metrics,
  type Observable,
  type Span,
  SpanStatusCode,
  type Tracer,
  type TracerProvider,
  trace,
} from '@opentelemetry/api'
import { SidekeyError } from '../errors.js'
import type { Metrics, Telemetry } from '../telemetry/telemetry.js'

/** The options of {@link openTelemetry}. */
export interface OpenTelemetryOptions {
  /** Default: the global one. */
  readonly meterProvider?: MeterProvider
  /** Default: the global one. */
  readonly tracerProvider?: TracerProvider
}

const SCOPE = 'sidekey'
/** In seconds; those that the semantic conventions advise for durations of requests. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]

/**
 * A telemetry for the option of that name. Without an SDK that the app has set up it does nothing.
 *
 * | metric | unit | attributes |
 * |---|---|---|
 * | `sidekey.verifications` | `{verification}` | `sidekey.outcome`: `accepted`, or the code of the refusal |
 * | `sidekey.cache.lookups` | `{lookup}` | `sidekey.cache.result`: `hit`, `miss` |
 * | `sidekey.cache.records` | `{record}` | |
 * | `sidekey.lease.age` | `s` | |
 * | `sidekey.store.errors` | `{error}` | `sidekey.store.method` |
 * | `sidekey.queue.length` | `{item}` | `sidekey.queue.name`: `last_uses`, `usage`, `refusals` |
 * | `sidekey.operation.duration` | `s` | `sidekey.operation.name`, `error.type` |
 *
 * A span, `sidekey.<operation>`, for each operation of management and each verification that memory could not answer. No
 * attribute has a token, an id of a key or of an owner.
 *
 * @example
 * ```ts
 * import { openTelemetry } from 'sidekey/opentelemetry'
 * const keys = apiKeys({ prefix: 'acme_live', store, telemetry: openTelemetry() })
 * ```
 */
export function openTelemetry({ meterProvider, tracerProvider }: OpenTelemetryOptions = {}): Telemetry {
  const meter = (meterProvider ?? metrics).getMeter(SCOPE)
  const tracer = (tracerProvider ?? trace).getTracer(SCOPE)
  const duration = meter.createHistogram('sidekey.operation.duration', {
    unit: 's',
    description: 'How long operations of management took, and verifications that memory could not answer',
    advice: { explicitBucketBoundaries: BUCKETS },
  })
  return {
    observe: read => observed(meter, read),
    around: (operation, run) => timed(tracer, duration, operation, run),
  }
}

function timed<T>(tracer: Tracer, duration: Histogram, operation: string, run: () => Promise<T>): Promise<T> {
  const began = performance.now()
  const attributes = { 'sidekey.operation.name': operation }
  const ended = (span: Span, more: Attributes) => {
    duration.record((performance.now() - began) / 1000, { ...attributes, ...more })
    span.setAttributes(more).end()
  }
  return tracer.startActiveSpan(`sidekey.${operation}`, { attributes }, async span => {
    try {
      const result = await run()
      ended(span, {})
      return result
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR })
      ended(span, { 'error.type': typeOf(error) })
      throw error
    }
  })
}

/** Never the message of an error: what an app's own functions throw may say anything. */
function typeOf(error: unknown): string {
  if (error instanceof SidekeyError) return error.code
  return error instanceof Error ? error.name : '_OTHER'
}

function observed(meter: Meter, read: () => Metrics): () => void {
  const verifications = meter.createObservableCounter('sidekey.verifications', {
    unit: '{verification}',
    description: 'Verifications by what came of them',
  })
  const lookups = meter.createObservableCounter('sidekey.cache.lookups', {
    unit: '{lookup}',
    description: 'Verifications by whether memory knew the token',
  })
  const records = meter.createObservableUpDownCounter('sidekey.cache.records', {
    unit: '{record}',
    description: 'Keys in memory',
  })
  const leaseAge = meter.createObservableGauge('sidekey.lease.age', {
    unit: 's',
    description: 'How long ago this process renewed its lease; nothing while it has none',
  })
  const storeErrors = meter.createObservableCounter('sidekey.store.errors', {
    unit: '{error}',
    description: 'Store operations that failed',
  })
  const queues = meter.createObservableUpDownCounter('sidekey.queue.length', {
    unit: '{item}',
    description: 'What waits in memory to be written',
  })
  const all: Observable[] = [verifications, lookups, records, leaseAge, storeErrors, queues]

  const collect = (result: BatchObservableResult) => {
    const now = read()
    for (const [outcome, n] of Object.entries(now.verifications))
      result.observe(verifications, n, { 'sidekey.outcome': outcome })
    result.observe(lookups, now.cache.hits, { 'sidekey.cache.result': 'hit' })
    result.observe(lookups, now.cache.misses, { 'sidekey.cache.result': 'miss' })
    result.observe(records, now.cache.records)
    if (now.leaseAgeMs !== null) result.observe(leaseAge, now.leaseAgeMs / 1000)
    for (const [method, n] of Object.entries(now.storeErrors))
      result.observe(storeErrors, n, { 'sidekey.store.method': method })
    result.observe(queues, now.queues.lastUses, { 'sidekey.queue.name': 'last_uses' })
    result.observe(queues, now.queues.usage, { 'sidekey.queue.name': 'usage' })
    result.observe(queues, now.queues.refusals, { 'sidekey.queue.name': 'refusals' })
  }
  meter.addBatchObservableCallback(collect, all)
  return () => meter.removeBatchObservableCallback(collect, all)
}
