/** What may have to be waited for, and mostly has not: what memory answers is there at once. */
export type Soon<T> = T | Promise<T>

/** Goes on with a value at once, or with a promise of one when it is there: a promise costs as much as a hash. */
export function andThen<T, U>(value: Soon<T>, then: (value: T) => Soon<U>): Soon<U> {
  return value instanceof Promise ? value.then(then) : then(value)
}

/** Whether a value has to be waited for: a promise, or one of an app's own (mongoose's queries are such). */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
