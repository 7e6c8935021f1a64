/** A telemetry for prom-client: `apiKeys({ …, telemetry: prometheus(register) })`. */
import { Counter, Gauge, Histogram } from 'prom-client'

/** Registers the metrics of a `keys` object with `register` (prom-client's own, or one of the app's). */
export function prometheus(register) {
  const registers = [register]
  const duration = new Histogram({
    name: 'sidekey_operation_duration_seconds',
    help: 'How long operations of management took, and verifications that memory could not answer',
    labelNames: ['operation', 'error'],
    registers,
  })
  return {
    async around(operation, run) {
      const end = duration.startTimer({ operation })
      try {
        const result = await run()
        end({ error: '' })
        return result
      } catch (error) {
        end({ error: error.code ?? error.name })
        throw error
      }
    },
    observe(read) {
      const counter = (name, help, label, values) =>
        new Counter({
          name,
          help,
          labelNames: [label],
          registers,
          collect() {
            this.reset()
            for (const [value, n] of Object.entries(values())) this.inc({ [label]: value }, n)
          },
        })
      const gauge = (name, help, label, values) =>
        new Gauge({
          name,
          help,
          labelNames: label ? [label] : [],
          registers,
          collect() {
            this.reset()
            for (const [value, n] of Object.entries(values())) this.set(label ? { [label]: value } : {}, n)
          },
        })
      const made = [
        counter(
          'sidekey_verifications_total',
          'Verifications by what came of them',
          'outcome',
          () => read().verifications,
        ),
        counter(
          'sidekey_cache_lookups_total',
          'Verifications by whether memory knew the token',
          'result',
          () => {
            const { hits, misses } = read().cache
            return { hit: hits, miss: misses }
          },
        ),
        counter(
          'sidekey_store_errors_total',
          'Store operations that failed',
          'method',
          () => read().storeErrors,
        ),
        gauge('sidekey_cache_records', 'Keys in memory', '', () => [read().cache.records]),
        gauge(
          'sidekey_lease_age_seconds',
          'How long ago the lease was renewed; nothing without one',
          '',
          () => {
            const { leaseAgeMs } = read()
            return leaseAgeMs === null ? [] : [leaseAgeMs / 1000]
          },
        ),
        gauge('sidekey_queue_length', 'What waits in memory to be written', 'queue', () => read().queues),
      ]
      return () => {
        for (const { name } of [...made, duration]) register.removeSingleMetric(name)
      }
    },
  }
}
