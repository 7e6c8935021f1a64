/** Mistakes of the app's own functions, told once each: they are made at every request. */
import type { Config } from './options.js'

const told = new WeakMap<Config, Set<string>>()

/** Warns that an option's function answers something else than it must, which counts as a refusal. */
export function tellOnce(config: Config, option: string, mustAnswer: string): void {
  const options = told.get(config) ?? new Set()
  if (options.has(option)) return
  told.set(config, options.add(option))
  config.logger.warn({ option }, `${option} must answer ${mustAnswer}; anything else refuses`)
}
