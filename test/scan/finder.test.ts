/** Tokens in a stream, however it is cut. */
import fc from 'fast-check'
import { newKeyId, newToken } from '../../src/key/token.js'
import { createTextScan } from '../../src/scan/files.js'
import { createFinder, type FinderOptions } from '../../src/scan/finder.js'

const token = (prefix = 'acme_live') => newToken(prefix, newKeyId(Date.now())).token
const ANY: FinderOptions = { prefixes: null }

/** What is found in a text that comes in pieces of these lengths. */
function foundIn(text: string | Buffer, options: FinderOptions = ANY, lengths: readonly number[] = []) {
  const finder = createFinder(options)
  const bytes = Buffer.from(text)
  const found = []
  let at = 0
  for (const length of lengths) {
    found.push(...finder.push(bytes.subarray(at, at + length)))
    at += length
  }
  return [...found, ...finder.push(bytes.subarray(at))]
}

describe('a token', () => {
  it.each([
    ['alone', (one: string) => one],
    ['in quotes', (one: string) => `const key = "${one}";`],
    ['in an address', (one: string) => `https://x.example/?k=${one}&y=1`],
    ['after letters of a prefix', (one: string) => `x_y${one}`],
    ['before letters', (one: string) => `${one}and more`],
    ['twice', (one: string) => `${one}${one}`],
    ['among what has its shape', (one: string) => `a_${'0'.repeat(16)}_${'x'.repeat(49)} ${one}`],
    ['overlapped by what has its shape', (one: string) => `_${'0'.repeat(16)}_${'x'.repeat(20)}${one}`],
  ])('is found %s, with its prefix or whatever it is', (_, put) => {
    const one = token()
    const times = put(one).split(one).length - 1
    for (const prefixes of [null, new Set(['acme_live']), new Set(['other', 'acme_live'])]) {
      const found = foundIn(put(one), { prefixes })
      expect(found.map(({ token }) => token)).toEqual(Array(times).fill(one))
    }
  })

  it('is found once, wherever the text is cut', () => {
    const tokens = [token(), token('a'), token(`z${'9'.repeat(30)}`), token('acme_test')]
    const text = fc.array(
      fc.oneof(fc.constantFrom(...tokens, '\n', ' ', '_'), fc.string({ maxLength: 40 })),
      { maxLength: 30 },
    )
    const cuts = fc.array(fc.integer({ min: 0, max: 150 }), { maxLength: 20 })
    fc.assert(
      fc.property(text, cuts, (parts, lengths) => {
        const whole = parts.join('|')
        const found = foundIn(whole, ANY, lengths)
        expect(found).toEqual(foundIn(whole))
        expect(found.map(({ token }) => token)).toEqual(parts.filter(part => tokens.includes(part)))
        for (const { token, line } of found) expect(whole.split('\n')[line - 1]).toContain(token)
      }),
    )
  })

  it('is not what has one character otherwise, nor of another prefix', () => {
    const one = token()
    for (let i = 0; i < one.length; i++) {
      const wrong = one.slice(0, i) + (one[i] === 'q' ? 'r' : 'q') + one.slice(i + 1)
      // Another first letter may leave a shorter prefix, whose checksum is not that of the whole.
      expect(foundIn(wrong)).toEqual([])
    }
    expect(foundIn(one, { prefixes: new Set(['acme_test']) })).toEqual([])
  })
})

describe('a patch', () => {
  it('tells commit and file of each token, also far behind their lines, and in small pieces', () => {
    const [a, b, c] = [token(), token(), token()]
    const sha = (digit: string) => digit.repeat(40)
    const patch = `commit ${sha('a')}
Author: x
    commit message with ${a}

diff --git a/src/é.js b/src/é.js
--- a/src/é.js
+++ b/src/é.js
@@ -1 +1,2 @@
${'+filler\n'.repeat(5_000)}+${b}
commit ${sha('b')}

diff --git a/old.txt b/new name.txt
-${c}
`
    const places = [
      { token: a, commit: sha('a') },
      { token: b, commit: sha('a'), file: 'src/é.js' },
      { token: c, commit: sha('b'), file: 'new name.txt' },
    ]
    for (const size of [100_000, 4_096, 7]) {
      const lengths = Array(Math.ceil(Buffer.byteLength(patch) / size)).fill(size)
      const found = foundIn(patch, { prefixes: null, patch: true }, lengths)
      expect(
        found.map(({ token, commit, file }) => ({ token, ...(commit && { commit }), ...(file && { file }) })),
      ).toEqual(places)
    }
  })
})

describe('a file', () => {
  const scanned = (bytes: Buffer, size = 1_000) => {
    const scan = createTextScan(ANY)
    for (let at = 0; at < bytes.length; at += size) {
      if (scan.push(bytes.subarray(at, at + size)) === 'binary') return 'binary'
    }
    return scan.found.map(one => one.token)
  }

  it('that is binary is passed over, one with a NUL far behind is not', () => {
    const one = token()
    expect(scanned(Buffer.from(`\u0000${one}`))).toBe('binary')
    expect(scanned(Buffer.from(`${'x'.repeat(9_000)}\u0000${one}`))).toEqual([one])
  })

  it('in UTF-16 is read, whichever way round', () => {
    const one = token()
    const little = Buffer.from(`\ufeffkey: ${one}\r\n`, 'utf16le')
    expect(scanned(little, 77)).toEqual([one])
    expect(scanned(Buffer.from(little).swap16(), 77)).toEqual([one])
  })

  it('in Latin-1 or of no encoding is read', () => {
    const one = token()
    expect(scanned(Buffer.concat([Buffer.from([0xe9, 0xff, 0x80]), Buffer.from(one)]))).toEqual([one])
  })
})
