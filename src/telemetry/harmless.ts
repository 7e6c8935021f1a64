import type { Logger } from '../logger.js'
import type { OperationName, Telemetry } from './telemetry.js'

/** A telemetry that throws or rejects must not make what it watches fail: the operation then goes on without it. */
export function harmlessTelemetry(telemetry: Telemetry, logger: Logger): Telemetry {
  const warn = (error: unknown) => logger.warn({ err: error }, 'the telemetry failed')

  /** What the operation comes to. Its own error, which a telemetry passes on, is no fault of the telemetry's. */
  async function goOn<T>(error: unknown, once: () => Promise<T>): Promise<T> {
    const outcome = once()
    const isOwn = await outcome.then(
      () => false,
      own => own === error,
    )
    if (!isOwn) warn(error)
    return outcome
  }

  return {
    observe(read) {
      const off = telemetry.observe(read)
      return () => {
        try {
          off?.()
        } catch (error) {
          warn(error)
        }
      }
    },
    around<T>(operation: OperationName, run: () => Promise<T>): Promise<T> {
      let running: Promise<T> | undefined
      const once = () => {
        running ??= run()
        return running
      }
      try {
        return telemetry.around(operation, once).catch(error => goOn(error, once))
      } catch (error) {
        return goOn(error, once)
      }
    },
  }
}
