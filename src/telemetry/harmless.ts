import type { Logger } from '../logger.js'
import type { Telemetry } from './telemetry.js'

/** A telemetry that throws must not make what it watches fail: the operation then goes on without it. */
export function harmlessTelemetry(telemetry: Telemetry, logger: Logger): Telemetry {
  return {
    observe: read => telemetry.observe(read),
    around(operation, run) {
      let running: ReturnType<typeof run> | undefined
      const once = () => {
        running ??= run()
        return running
      }
      try {
        return telemetry.around(operation, once)
      } catch (error) {
        logger.warn({ err: error }, 'the telemetry failed')
        return once()
      }
    },
  }
}
