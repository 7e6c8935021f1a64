/** What the program writes: answers to standard output, all else to standard error. */
import { styleText } from 'node:util'
import { type Column, cardLines, type Fact, type Paint, type Style, tableLines } from './table.js'
import { jsonText, printable, scrubbed } from './text.js'

type Stream = NodeJS.WriteStream

export interface Output {
  /** Whether programs read it. */
  readonly json: boolean
  /** A line of the answer, for people, whatever is in it. */
  line(text: string, style?: Style): void
  /** Lines that are printable as they are. */
  lines(texts: readonly string[]): void
  table<T>(rows: readonly T[], columns: readonly Column<T>[]): void
  card(facts: readonly Fact[]): void
  /** The answer, for programs. */
  value(value: unknown): void
  /** A part of it as it is: what is too large to be written at once. */
  raw(text: string): Promise<void>
  /** What is not the answer: to standard error. */
  note(text: string): void
  warn(text: string): void
  paint: Paint
  /** Resolves once all is written. */
  flush(): Promise<void>
}

export function createOutput({ json }: { readonly json: boolean }): Output {
  const { stdout, stderr } = process
  const paint = painter(stdout)
  const layout = () => ({ width: stdout.isTTY ? Math.max(20, stdout.columns || 80) : null, paint })
  const write = (lines: readonly string[]) => void stdout.write(`${lines.join('\n')}\n`)
  return {
    json,
    paint,
    line: (text, style) => write([style === undefined ? printable(text) : paint(style, printable(text))]),
    lines: write,
    table: (rows, columns) => write(tableLines(rows, columns, layout())),
    card: facts => write(cardLines(facts, layout())),
    value: value => write([jsonText(value, stdout.isTTY ? 2 : 0)]),
    raw: text => new Promise((done, failed) => stdout.write(text, error => (error ? failed(error) : done()))),
    note: text => void stderr.write(`${printable(scrubbed(text))}\n`),
    warn: text =>
      void stderr.write(`${painter(stderr)('yellow', 'warning:')} ${printable(scrubbed(text))}\n`),
    flush: async () => {
      await Promise.all([stdout, stderr].map(stream => new Promise(done => stream.write('', done))))
    },
  }
}

/** Colours only where the terminal has some and nobody has said no (`NO_COLOR`). */
export function painter(stream: Stream): Paint {
  const coloured = stream.isTTY === true && stream.hasColors()
  return (style, text) => (coloured ? styleText(style, text) : text)
}
