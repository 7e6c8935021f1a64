/** What it costs a verification from memory that metrics are on: collected once a second by OpenTelemetry's own SDK. */
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { apiKeys, memoryStore, type Telemetry } from 'sidekey'
import { openTelemetry } from 'sidekey/opentelemetry'
import {
  BY_PROCESSOR,
  claim,
  compare,
  hashingFloor,
  printMachine,
  repeating,
  sideBySide,
  spread,
} from './measure.js'

/** Beside the same without, at most. */
const TIMES = 1.05
const COLLECTED_EVERY_MS = 1_000
const REQUEST = { permissions: 'reports:read' } as const

async function verifying(name: string, telemetry?: Telemetry) {
  const keys = apiKeys({
    prefix: 'acme_live',
    store: memoryStore(),
    permissions: ['reports:read', 'reports:write'],
    grants: () => ['reports:read', 'reports:write'],
    ...(telemetry && { telemetry }),
  })
  const input = { name: 'bench', owner: { id: 'alice' }, permissions: ['reports:read'] } as const
  const { token } = await keys.create(input)
  return {
    token,
    contestant: repeating(
      name,
      () => keys.verify(token, REQUEST),
      ({ ok }) => ok,
    ),
  }
}

printMachine()
const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: COLLECTED_EVERY_MS })
const meterProvider = new MeterProvider({ readers: [reader] })
const without = await verifying('without')
const withIt = await verifying('with metrics on', openTelemetry({ meterProvider }))
const [, plain = [], watched = []] = await sideBySide('A valid key, from memory', BY_PROCESSOR, [
  hashingFloor(without.token),
  without.contestant,
  withIt.contestant,
])
const times = compare(plain, watched, (a, b) => a / b)
claim(
  times.median <= TIMES,
  `${spread(times, value => value.toFixed(3))} times the same without`,
  `at most ${TIMES}`,
)
await meterProvider.shutdown()
