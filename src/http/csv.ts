/** CSV (RFC 4180), for spreadsheets. */

/** The type of what `csvOf` writes: the first row names the columns. */
export const CSV_TYPE = 'text/csv; charset=utf-8; header=present'

/** What a spreadsheet takes for a formula when a cell begins with it; some take the wide forms of East Asian text too. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/

/** Rows as text. Text that a spreadsheet would take for a formula has an apostrophe before it. */
export function csvOf(rows: readonly (readonly (string | number)[])[]): string {
  return rows.map(row => `${row.map(cellOf).join(',')}\r\n`).join('')
}

function cellOf(value: string | number): string {
  if (typeof value === 'number') return String(value)
  const text = FORMULA.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
