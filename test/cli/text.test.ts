import fc from 'fast-check'
import { type Column, cardLines, tableLines } from '../../src/cli/table.js'
import { cut, cutFront, jsonText, printable, scrubbed, widthOf, wrapped } from '../../src/cli/text.js'

const HOSTILE = 'a\u001b[2J\u001b]0;title\u0007\u009b31m\r\n\u202eb\u2028\ud800'

describe('text for a terminal', () => {
  it('has nothing in it that acts on the terminal', () => {
    expect(printable(HOSTILE)).toBe(
      'a\\u{1b}[2J\\u{1b}]0;title\\u{7}\\u{9b}31m\\u{d}\\u{a}\\u{202e}b\\u{2028}\\u{d800}',
    )
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        expect(printable(text)).not.toMatch(/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u)
      }),
    )
  })

  it('is the same value where it is JSON', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        const written = jsonText({ text })
        expect(JSON.parse(written)).toEqual({ text })
        expect(written).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u)
      }),
    )
  })

  it('has no token and no password of an address in it', () => {
    const token = `acme_live_${'a'.repeat(16)}_${'b'.repeat(49)}`
    expect(scrubbed(`failed for ${token} at mongodb+srv://user:pa:ss@host/db`)).toBe(
      'failed for acme_live_aaaaaaaaaaaaaaaa_[redacted] at mongodb+srv://[redacted]@host/db',
    )
  })

  it.each([
    ['at mongodb://u:pa/ss@w@host/db is', 'at mongodb://[redacted]@host/db is'],
    ['at https://u:p@host/@scope/x is', 'at https://[redacted]@host/@scope/x is'],
    ['in file:///x/node_modules/@scope/y.js:1:2', 'in file:///x/node_modules/@scope/y.js:1:2'],
  ])('has as much of an address as is no secret: %s', (text, shown) => {
    expect(scrubbed(text)).toBe(shown)
  })

  it('is as wide as a terminal shows it', () => {
    expect([widthOf('abc'), widthOf('漢字'), widthOf('👩‍👩‍👧'), widthOf('e\u0301')]).toEqual([3, 4, 2, 1])
    expect([cut('漢字漢字', 5), cut('漢字', 2), cut('漢字', 1), cut('漢字', 0)]).toEqual([
      '漢字…',
      '…',
      '…',
      '',
    ])
    expect(wrapped('one two three', 8)).toEqual(['one two', 'three'])
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 2, max: 40 }), (text, width) => {
        for (const line of wrapped(printable(text), width)) expect(widthOf(line)).toBeLessThanOrEqual(width)
        expect(widthOf(cut(printable(text), width))).toBeLessThanOrEqual(width)
      }),
    )
  })
})

describe('a table', () => {
  const plain = { paint: (_: string, text: string) => text }
  const columns: readonly Column<{ id: string; name: string; owner: string }>[] = [
    { title: 'ID', value: row => row.id },
    { title: 'NAME', value: row => row.name, least: 8 },
    { title: 'OWNER', value: row => row.owner, least: 8, drop: 1 },
  ]
  const rows = [{ id: '0Vc1bg0pVgcWC6Li', name: `nightly ${HOSTILE}`, owner: 'alice@example.com' }]

  it('is never wider than the terminal, and never cuts an id', () => {
    for (let width = 26; width <= 120; width++) {
      const lines = tableLines(rows, columns, { ...plain, width })
      for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(width)
      expect(lines[1]).toContain('0Vc1bg0pVgcWC6Li')
    }
  })

  it('is a card a row where there is no room for its columns: nothing is cut', () => {
    expect(tableLines([...rows, ...rows], columns, { ...plain, width: 25 })).toEqual(
      [0, 1].flatMap(i => [
        ...(i === 0 ? [] : ['']),
        'id     0Vc1bg0pVgcWC6Li',
        ...wrapped(printable(rows[0]?.name ?? ''), 18).map(
          (line, l) => (l === 0 ? 'name   ' : '       ') + line,
        ),
        'owner  alice@example.com',
      ]),
    )
  })

  it('cuts a path at its front', () => {
    const path: Column<string> = { title: 'PLACE', value: row => row, least: 10, cutAt: 'front' }
    expect(tableLines(['src/long/path/app.js:7'], [path], { ...plain, width: 12 })).toEqual([
      'PLACE',
      '…th/app.js:7',
    ])
    expect([cutFront('漢字漢字', 5), cutFront('漢字', 2), cutFront('漢字', 0)]).toEqual(['…漢字', '…', ''])
  })

  it('leaves out what there is no room for, and cuts nothing where it is no terminal', () => {
    expect(tableLines(rows, columns, { ...plain, width: 30 })[0]?.trimEnd()).toBe('ID                NAME')
    expect(tableLines(rows, columns, { ...plain, width: null })[1]).toContain(printable(HOSTILE))
  })

  it('goes on in the next line where it is a card', () => {
    const lines = cardLines(
      [
        ['name', 'one two three four five'],
        ['id', 'x'],
      ],
      { ...plain, width: 20 },
    )
    expect(lines).toEqual(['name  one two three', '      four five', 'id    x'])
  })
})
