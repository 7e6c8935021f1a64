/** A function of an object, and what it is called by. */
type Wrap = (call: (...args: unknown[]) => unknown, name: string | symbol) => (...args: unknown[]) => unknown

/** An object of which each function, also those of the objects in it, is what `wrap` makes of it. */
export function wrapped<T extends object>(object: T, wrap: Wrap): T {
  return new Proxy(object, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name)
      if (typeof member === 'function') return wrap((...args) => Reflect.apply(member, target, args), name)
      return typeof member === 'object' && member !== null ? wrapped(member, wrap) : member
    },
  })
}
