/** Fills the placeholders of messages. Pure. */

/** `{name}` is replaced; one without a value stays as it is, so that a mistake in a translation is seen. */
const PLACEHOLDER = /\{([a-zA-Z]+)\}/

/** Marks of Unicode that keep a name of another direction from turning what stands beside it. */
const ISOLATE = '\u2068'
const POP_ISOLATE = '\u2069'
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/

export type Values = Readonly<Record<string, string | number>>

/** A message with its values, as text. A value of another direction than the message is isolated. */
export function fill(message: string, values: Values = {}): string {
  const rtl = RIGHT_TO_LEFT.test(message)
  return fillWith(message, values, value => {
    const text = String(value)
    return RIGHT_TO_LEFT.test(text) === rtl ? text : ISOLATE + text + POP_ISOLATE
  }).join('')
}

/** A message in parts: its text, and what stands for each placeholder. */
export function fillWith<V, R>(
  message: string,
  values: Readonly<Record<string, V>>,
  shown: (value: V) => R,
): (string | R)[] {
  return message.split(PLACEHOLDER).map((part, i) => {
    if (i % 2 === 0) return part
    const value = values[part]
    return value === undefined ? `{${part}}` : shown(value)
  })
}
