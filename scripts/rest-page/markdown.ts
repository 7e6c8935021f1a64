/** Markdown: tables with their columns in line, text that is wrapped. */

const WIDTH = 118

/** A table; its cells hold no `|`. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(3, ...[title, ...rows.map(row => row[column] ?? '')].map(cell => cell.length)),
  )
  const line = (cells: readonly string[]) =>
    `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width)).join(' | ')} |`
  return [line(head), line(widths.map(width => '-'.repeat(width))), ...rows.map(line)].join('\n')
}

/** Paragraphs, each wrapped anew. */
export function wrapped(text: string): string {
  return text
    .split(/\n{2,}/)
    .map(paragraph => filled(paragraph.split(/\s+/)))
    .join('\n\n')
}

function filled(words: readonly string[]): string {
  const lines: string[] = []
  for (const word of words) {
    const last = lines.at(-1)
    if (last === undefined || last.length + word.length + 1 > WIDTH) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines.join('\n')
}

/** A value as JSON: a line for each field of an object, the rest of it in that line. */
export function jsonBlock(value: object): string {
  const fields = Object.entries(value).map(([name, field]) => `  "${name}": ${inOneLine(field)}`)
  return ['```json', '{', fields.join(',\n'), '}', '```'].join('\n')
}

function inOneLine(value: unknown): string {
  return JSON.stringify(value, null, 1).replace(/\n */g, ' ').replace(/\[ /g, '[').replace(/ \]/g, ']')
}
