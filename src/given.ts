export type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

/** The fields that are there: an `undefined` one is as good as none. */
export function given<T extends object>(fields: T): Given<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<T> // those are left
}
