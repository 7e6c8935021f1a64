/** Tables and cards that fit a terminal of any width. */
import { cut, cutFront, padded, printable, widthOf, wrapped } from './text.js'

/** How a cell is coloured, where there are colours. */
export type Style = 'green' | 'red' | 'yellow' | 'dim' | 'bold'
export type Paint = (style: Style, text: string) => string

export interface Column<T> {
  readonly title: string
  readonly value: (row: T) => string
  readonly style?: (row: T) => Style | undefined
  /** May be cut to so many cells; without it the column is never cut. */
  readonly least?: number | ((row: T) => number)
  /** Where it is cut; default: at its end. */
  readonly cutAt?: 'front'
  /** Where there is no room: the column with the greatest number goes first; without one it stays. */
  readonly drop?: number
}

const GAP = '  '

/**
 * The lines of a table; where even the least of it does not fit, a card a row.
 * @param width how many cells there are; `null`: as many as it takes
 */
export function tableLines<T>(
  rows: readonly T[],
  columns: readonly Column<T>[],
  { width, paint }: { readonly width: number | null; readonly paint: Paint },
): string[] {
  const all = columns.map(column => {
    const cells = rows.map(row => printable(column.value(row)))
    const natural = Math.max(widthOf(column.title), ...cells.map(widthOf))
    return { column, cells, natural, least: Math.min(natural, leastOf(column, rows) ?? natural) }
  })
  const shown = width === null ? all : fitting(all, width)
  if (width !== null && !fits(shown, width)) return cards(rows, columns, { width, paint })
  const widths = width === null ? shown.map(({ natural }) => natural) : shared(shown, width)
  const lineOf = (texts: readonly string[], paintOf: (i: number, text: string) => string) =>
    texts
      .map((text, i) => {
        const isLast = i === texts.length - 1
        const cutting = shown[i]?.column.cutAt === 'front' ? cutFront : cut
        const fitted = cutting(text, widths[i] ?? 0)
        return paintOf(i, isLast ? fitted : padded(fitted, widths[i] ?? 0))
      })
      .join(GAP)
  const head = lineOf(
    shown.map(({ column }) => column.title),
    (_, text) => paint('bold', text),
  )
  return [
    head,
    ...rows.map((row, r) =>
      lineOf(
        shown.map(({ cells }) => cells[r] ?? ''),
        (i, text) => {
          const style = shown[i]?.column.style?.(row)
          return style === undefined ? text : paint(style, text)
        },
      ),
    ),
  ]
}

interface Measured<T> {
  readonly column: Column<T>
  readonly cells: readonly string[]
  readonly natural: number
  readonly least: number
}

/** The columns that there is room for. */
function fitting<T>(all: readonly Measured<T>[], width: number): readonly Measured<T>[] {
  let shown = all
  while (!fits(shown, width)) {
    const last = [...shown].sort((a, b) => (b.column.drop ?? 0) - (a.column.drop ?? 0))[0]
    if (last?.column.drop === undefined) return shown
    shown = shown.filter(one => one !== last)
  }
  return shown
}

function fits(shown: readonly Measured<never>[], width: number): boolean {
  return sum(shown.map(({ least }) => least)) <= room(shown.length, width)
}

/** How far the column may be cut, so that it will do for every row; `undefined`: it may not. */
function leastOf<T>({ least, title }: Column<T>, rows: readonly T[]): number | undefined {
  return typeof least === 'function' ? Math.max(widthOf(title), ...rows.map(least)) : least
}

/** The rows where there is no room for columns: all that is known of one, a line each, then the next. */
function cards<T>(
  rows: readonly T[],
  columns: readonly Column<T>[],
  layout: { readonly width: number; readonly paint: Paint },
): string[] {
  const cardOf = (row: T) =>
    cardLines(
      columns
        .map(({ title, value, style }) => [title.toLowerCase(), value(row), style?.(row)] as const)
        .filter(([, value]) => value !== ''),
      layout,
    )
  return rows.flatMap((row, i) => (i === 0 ? cardOf(row) : ['', ...cardOf(row)]))
}

/** Every column has what it needs at least; what is left goes to those that are cut, a cell each in turn. */
function shared<T>(shown: readonly Measured<T>[], width: number): number[] {
  const widths = shown.map(({ least }) => least)
  let left = room(shown.length, width) - sum(widths)
  while (left > 0) {
    const before = left
    for (const [i, { natural }] of shown.entries()) {
      if (left === 0 || (widths[i] ?? 0) >= natural) continue
      widths[i] = (widths[i] ?? 0) + 1
      left--
    }
    if (left === before) break
  }
  return widths
}

function room(columns: number, width: number): number {
  return width - GAP.length * Math.max(0, columns - 1)
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0)
}

/** A name and what it is. */
export type Fact = readonly [name: string, value: string, style?: Style | undefined]

/** The lines of one thing's facts, a line each; long values go on in the next line. */
export function cardLines(
  facts: readonly Fact[],
  { width, paint }: { readonly width: number | null; readonly paint: Paint },
): string[] {
  const names = Math.max(0, ...facts.map(([name]) => widthOf(name)))
  return facts.flatMap(([name, value, style]) => {
    const room = width === null ? Number.POSITIVE_INFINITY : Math.max(8, width - names - GAP.length)
    const [first = '', ...rest] = wrapped(printable(value), room)
    const painted = (text: string) => (style === undefined ? text : paint(style, text))
    return [
      paint('dim', padded(name, names)) + GAP + painted(first),
      ...rest.map(line => ' '.repeat(names) + GAP + painted(line)),
    ]
  })
}
