/** A text that comes in pieces, as far as it has been read and not been done with. */

/** What has been read. */
export interface Part {
  readonly text: string
  /** Whether nothing comes after it. */
  readonly isEnd: boolean
  /** The line that it begins on, from 1. */
  readonly line: number
  /** Whether there is anything left. */
  isThere(): Promise<boolean>
  /** Reads on: as much again as is there, so that what is looked through from its beginning is not so for each piece. */
  grow(): Promise<void>
  pass(length: number): void
  passLine(): Promise<void>
  /** Passes all of it, and puts another text there. */
  become(text: string): void
}

export function partOf(pieces: AsyncIterable<string>, { lineBreak }: { readonly lineBreak: string }): Part {
  const input = pieces[Symbol.asyncIterator]()
  let text = ''
  let line = 1
  let isEnd = false

  const pass = (length: number) => {
    for (let at = text.indexOf(lineBreak); at >= 0 && at < length; at = text.indexOf(lineBreak, at + 1))
      line++
    text = text.slice(length)
  }
  const grow = async () => {
    const read = [text]
    for (let left = text.length; left >= 0 && !isEnd; ) {
      const next = await input.next()
      if (next.done) isEnd = true
      else {
        read.push(next.value)
        left -= next.value.length
      }
    }
    text = read.join('')
  }
  return {
    get text() {
      return text
    },
    get isEnd() {
      return isEnd
    },
    get line() {
      return line
    },
    async isThere() {
      while (text === '' && !isEnd) await grow()
      return text !== ''
    },
    grow,
    pass,
    async passLine() {
      for (;;) {
        const at = text.indexOf(lineBreak)
        pass(at < 0 ? text.length : at + 1)
        if (at >= 0 || isEnd) return
        await grow()
      }
    },
    become(other) {
      pass(text.length)
      text = other
    },
  }
}
