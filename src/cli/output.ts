/** What the program writes: answers to standard output, all else to standard error. */
import { styleText } from 'node:util'
import { columnsOf, type Io, type Sink } from './io.js'
import { createProgress, type Progress } from './progress.js'
import { type Column, cardLines, type Fact, type Paint, type Style, tableLines } from './table.js'
import { jsonText, printable, scrubbed } from './text.js'

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
  /** The same of what is not as it should be: in JSON where programs read it. */
  warn(text: string): void
  /** How far long work has come, of what, such as `keys`. */
  progress(what: string): Progress
  paint: Paint
  /** How many cells a line of the answer has; `null`: no end. */
  columns(): number | null
  /** Resolves once all is written. */
  flush(): Promise<void>
}

export function createOutput(
  { stdout, stderr }: Pick<Io, 'stdout' | 'stderr'>,
  { json }: { readonly json: boolean },
): Output {
  const paint = painter(stdout)
  const columns = () => columnsOf(stdout)
  const layout = () => ({ width: columns(), paint })
  const write = (lines: readonly string[]) => void stdout.write(`${lines.join('\n')}\n`)
  return {
    json,
    paint,
    columns,
    progress: what => createProgress(what, stderr),
    line: (text, style) => write([style === undefined ? printable(text) : paint(style, printable(text))]),
    lines: write,
    table: (rows, columns) => write(tableLines(rows, columns, layout())),
    card: facts => write(cardLines(facts, layout())),
    value: value => write([jsonText(value, stdout.isTTY ? 2 : 0)]),
    raw: text => new Promise((done, failed) => stdout.write(text, error => (error ? failed(error) : done()))),
    note: text => void stderr.write(`${printable(scrubbed(text))}\n`),
    warn: text =>
      void stderr.write(
        json
          ? `${jsonText({ warning: scrubbed(text) })}\n`
          : `${painter(stderr)('yellow', 'warning:')} ${printable(scrubbed(text))}\n`,
      ),
    flush: async () => {
      await Promise.all([stdout, stderr].map(stream => new Promise(done => stream.write('', done))))
    },
  }
}

/** Colours only where the terminal has some and nobody has said no (`NO_COLOR`). */
export function painter(stream: Sink): Paint {
  const coloured = stream.isTTY === true && stream.hasColors?.() === true
  return (style, text) => (coloured ? styleText(style, text, { validateStream: false }) : text)
}
