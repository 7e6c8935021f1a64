/**
 * A date that cannot be changed. Records are shared by many answers, and `Object.freeze` does not reach what is inside a
 * `Date`; a copy an answer would cost each verification.
 */
class ReadonlyDate extends Date {
  static {
    // Libraries make their copies by it (date-fns does), and those are theirs to change.
    Object.defineProperty(ReadonlyDate.prototype, 'constructor', { value: Date })
    for (const name of Object.getOwnPropertyNames(Date.prototype)) {
      if (!name.startsWith('set')) continue
      Object.defineProperty(ReadonlyDate.prototype, name, { value: refuse })
    }
  }

  /** Printed as any other date. */
  [Symbol.for('nodejs.util.inspect.custom')](): Date {
    return new Date(this)
  }
}

function refuse(): never {
  throw new TypeError("A record's dates cannot be changed; make a copy with new Date(date).")
}

/** The same point in time, unchangeable. */
export function readonlyDate(date: Date): Date {
  return Object.freeze(new ReadonlyDate(date))
}
