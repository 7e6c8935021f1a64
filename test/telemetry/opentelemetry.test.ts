/** `sidekey/opentelemetry`, by the SDK itself: what it exports of a `keys` object. */
import { type Attributes, context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { openTelemetry } from 'sidekey/opentelemetry'
import { mallory, refusalCode, testKeys } from '../support/keys.js'

const owner = { id: 'alice' }

function setUp() {
  const spans = new InMemorySpanExporter()
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] })
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000 })
  const meterProvider = new MeterProvider({ readers: [reader] })
  const keys = testKeys({ telemetry: openTelemetry({ meterProvider, tracerProvider }) })
  return {
    keys,
    tracer: tracerProvider.getTracer('app'),
    spans: () => spans.getFinishedSpans(),
    /** By metric, each point as its attributes and value. */
    async points() {
      exporter.reset()
      await reader.forceFlush()
      const metrics = exporter.getMetrics().flatMap(one => one.scopeMetrics.flatMap(scope => scope.metrics))
      return new Map(
        metrics.map(({ descriptor, dataPoints }) => [
          descriptor.name,
          {
            unit: descriptor.unit,
            points: dataPoints.map(
              ({ attributes, value }): Attributes => ({ ...attributes, value: value as number }),
            ),
          },
        ]),
      )
    },
    async end() {
      await keys.close()
      await meterProvider.shutdown()
      await tracerProvider.shutdown()
    },
  }
}

it('exports counts by outcome, cache lookups and queues, with the units of the semantic conventions', async () => {
  const { keys, points, end } = setUp()
  const { token } = await keys.create({ name: 'a', owner })
  for (let i = 0; i < 3; i++) await keys.verify(token)
  await keys.verify('nonsense')
  const exported = await points()
  expect(exported.get('sidekey.verifications')).toEqual({
    unit: '{verification}',
    points: [
      { 'sidekey.outcome': 'accepted', value: 3 },
      { 'sidekey.outcome': 'KEY_INVALID', value: 1 },
    ],
  })
  expect(exported.get('sidekey.cache.records')).toEqual({ unit: '{record}', points: [{ value: 1 }] })
  const lookups = exported.get('sidekey.cache.lookups')?.points ?? []
  expect(lookups.map(point => point['sidekey.cache.result'])).toEqual(['hit', 'miss'])
  expect(exported.get('sidekey.queue.length')?.points).toContainEqual({
    'sidekey.queue.name': 'usage',
    value: 1,
  })
  await end()
})

it('exports how long operations took, and by what error they ended', async () => {
  const { keys, points, spans, end } = setUp()
  const { apiKey } = await keys.create({ name: 'a', owner })
  await keys.revoke(apiKey.id)
  await refusalCode(keys.as(mallory).revoke(apiKey.id))
  const durations = (await points()).get('sidekey.operation.duration')
  expect(durations?.unit).toBe('s')
  expect(durations?.points.map(point => [point['sidekey.operation.name'], point['error.type']])).toEqual([
    ['create', undefined],
    ['revoke', undefined],
    ['revoke', 'NOT_FOUND'],
  ])
  expect(spans().map(({ name, status }) => [name, status.code])).toEqual([
    ['sidekey.create', 0],
    ['sidekey.revoke', 0],
    ['sidekey.revoke', 2],
  ])
  await end()
})

it('puts its spans within that of the request', async () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  const { keys, tracer, spans, end } = setUp()
  await tracer.startActiveSpan('request', async span => {
    await keys.list()
    span.end()
  })
  const [list, outer] = spans()
  expect(list?.parentSpanContext?.spanId).toBe(outer?.spanContext().spanId)
  await end()
  context.disable()
})

it('tells nothing of who, and nothing secret', async () => {
  const { keys, spans, points, end } = setUp()
  const { apiKey, token } = await keys.create({ name: 'the name', owner })
  await keys.verify(token)
  await refusalCode(keys.as(mallory).revoke(apiKey.id))
  const told = JSON.stringify([
    spans().map(({ name, attributes }) => ({ name, attributes })),
    [...(await points())],
  ])
  expect(told).toContain('sidekey.operation.name')
  for (const secret of [token, token.slice(20), apiKey.id, 'alice', 'mallory', 'the name'])
    expect(told).not.toContain(secret)
  await end()
})

it('reads no more after close()', async () => {
  const { keys, points, end } = setUp()
  await keys.verify('nonsense')
  const one = [{ 'sidekey.outcome': 'KEY_INVALID', value: 1 }]
  expect((await points()).get('sidekey.verifications')?.points).toEqual(one)
  await keys.close()
  await keys.verify('nonsense')
  expect((await points()).get('sidekey.verifications')?.points).toEqual(one)
  await end()
})

it('does nothing where the app has set up no SDK', async () => {
  trace.disable()
  const keys = testKeys({ telemetry: openTelemetry() })
  const { apiKey, token } = await keys.create({ name: 'a', owner })
  expect((await keys.verify(token)).ok).toBe(true)
  expect((await keys.get(apiKey.id))?.id).toBe(apiKey.id)
  await keys.close()
})
