/** The key by which the server knows an attempt for the same again, where its answer was lost. Pure, but for chance. */

/** Answers the same key for the same input, until that has been done; then a new one. */
export interface Attempts {
  readonly keyFor: (input: unknown) => string
  readonly done: () => void
}

export function attempts(): Attempts {
  let last: { readonly text: string; readonly key: string } | null = null
  return {
    keyFor(input) {
      const text = JSON.stringify(input)
      if (last?.text !== text) last = { text, key: randomKey() }
      return last.key
    },
    done() {
      last = null
    },
  }
}

/** `crypto.randomUUID` is not there in pages that are served without TLS. */
function randomKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map(byte => byte.toString(16).padStart(2, '0'))
    .join('')
}
