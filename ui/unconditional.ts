import type { Condition, KeyConfig } from '../src/client/index.js'

/** For what is meant whatever the record is by now: to end a key must not fail since its name was changed meanwhile. */
export function unconditional({ requireIfMatch }: Pick<KeyConfig, 'requireIfMatch'>): Condition {
  return requireIfMatch ? { ifMatch: '*' } : {}
}
