/** CSV as it is written, in pieces of any size, comes out as it went in; what is broken costs itself alone. */
import fc from 'fast-check'
import { type CsvRecord, csvRecords } from '../../src/import/csv-records.js'

const field = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '"', ',', ';', '\n', '\r', '\t', 'ü') })
const rows = fc
  .integer({ min: 2, max: 4 })
  .chain(width =>
    fc.array(fc.array(field, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 8 }),
  )
const marks = fc.record({
  delimiter: fc.constantFrom(',', ';', '\t'),
  newline: fc.constantFrom('\n', '\r\n', '\r'),
})

const NEEDS_QUOTES = /[",;\t\r\n]/
const written = (row: readonly string[], delimiter: string) =>
  row.map(text => (NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text)).join(delimiter)

async function* inPieces(text: string, size: number): AsyncGenerator<string> {
  for (let i = 0; i < text.length; i += size) yield text.slice(i, i + size)
}

async function read(text: string, size: number, delimiter: string, newline: string): Promise<CsvRecord[]> {
  const found: CsvRecord[] = []
  const lineBreak = newline === '\r' ? '\r' : '\n'
  for await (const record of csvRecords(inPieces(text, size), { delimiter, lineBreak })) found.push(record)
  return found
}

it('gives every field as it was written', async () => {
  await fc.assert(
    fc.asyncProperty(
      rows,
      marks,
      fc.integer({ min: 1, max: 9 }),
      fc.boolean(),
      async (all, by, size, ends) => {
        const { delimiter, newline } = by
        const text = all.map(row => written(row, delimiter)).join(newline) + (ends ? newline : '')
        const records = await read(text, size, delimiter, newline)
        expect(records.map(record => ('fields' in record ? record.fields : record.fault))).toEqual(all)
      },
    ),
  )
})

it('loses no row that stands on a line of its own, whatever the lines between are', async () => {
  const good = fc.constantFrom('good,1', 'good,2', 'good,3')
  const broken = fc.constantFrom('"x,y', 'x"y,z', '"x"y,z', 'x', '"', '"""', '', 'x,"y"z', '"x,y"""')
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(good, broken), { maxLength: 12 }),
      fc.integer({ min: 1, max: 9 }),
      async (lines, size) => {
        const records = await read(['a,b', ...lines].join('\n'), size, ',', '\n')
        const expected = lines.flatMap((line, i) => (line.startsWith('good') ? [i + 2] : []))
        const taken = records.flatMap(record => ('fields' in record ? record.line : [])).slice(1)
        expect(taken).toEqual(expected)
      },
    ),
  )
})
