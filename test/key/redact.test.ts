/** What is masked in a text, and what is left of it. */
import fc from 'fast-check'
import { redact, redactor } from '../../src/key/redact.js'
import { newKeyId, newToken } from '../../src/key/token.js'
import { runs } from '../support/runs.js'
import { FIXTURE } from './fixture.js'

const start = `${FIXTURE.prefix}_${FIXTURE.id}_`
const MASKED = `${start}[redacted]`

describe('redact', () => {
  it('masks the secret of a token, and leaves what tells the key', () => {
    expect(redact(FIXTURE.token)).toBe(MASKED)
    expect(redact(`Bearer ${FIXTURE.token}, "${FIXTURE.token}"`)).toBe(`Bearer ${MASKED}, "${MASKED}"`)
  })

  it('masks a token of any prefix, anywhere in a text', () => {
    const around = fc.string({ unit: fc.constantFrom('a', '0', '_', ' ', '"', '\n') })
    fc.assert(
      fc.property(around, around, fc.constantFrom('a', 'acme_live', 'x_'), (before, after, prefix) => {
        const { secret, token } = newToken(prefix, newKeyId(Date.now()))
        expect(redact(`${before}${token}${after}`)).not.toContain(secret)
      }),
      runs(200),
    )
  })

  it.each([
    ['that lacks its check', FIXTURE.token.slice(0, -6), MASKED],
    ['with more at its end', `${FIXTURE.token}0aZ`, MASKED],
    ['with other text at its end', `${FIXTURE.token}-x`, `${MASKED}-x`],
    ['that lacks more than its check', FIXTURE.token.slice(0, -7), FIXTURE.token.slice(0, -7)],
    ['with a short id', FIXTURE.token.replace('0V76', '0V7'), FIXTURE.token.replace('0V76', '0V7')],
    ['with a long id', FIXTURE.token.replace('0V76', '0V766'), FIXTURE.token.replace('0V76', '0V766')],
    ['with no mark before its id', FIXTURE.token.slice(10), FIXTURE.token.slice(10)],
  ])('of a token %s', (_, text, masked) => {
    expect(redact(text)).toBe(masked)
  })

  it('leaves other texts as they are', () => {
    expect(redact('')).toBe('')
    expect(redact('a_b_c and 0123456789')).toBe('a_b_c and 0123456789')
  })

  it('masks what the patterns match too, each time', () => {
    const patterns = [/ba_[a-z]+/, /(?<=pin=)\d+/]
    expect(redact(`${FIXTURE.token} ba_x ba_y pin=1 pin=22`, { patterns })).toBe(
      `${MASKED} [redacted] [redacted] pin=[redacted] pin=[redacted]`,
    )
    expect(redact(FIXTURE.token, {})).toBe(MASKED)
    expect(redact(FIXTURE.token, { patterns: [] })).toBe(MASKED)
  })
})

describe('redactor', () => {
  it('masks tokens without options', () => {
    expect(redactor()(FIXTURE.token)).toBe(MASKED)
    expect(redactor({})(FIXTURE.token)).toBe(MASKED)
  })

  it('reads a pattern with the flags that it has, and from the beginning of each text', () => {
    const mask = redactor({ patterns: [/secret/gi, /^pin/my] })
    for (let i = 0; i < 2; i++)
      expect(mask('a SECRET secret\npin')).toBe('a [redacted] [redacted]\n[redacted]')
  })

  it('leaves the patterns that it was given alone', () => {
    const pattern = /x/g
    pattern.lastIndex = 5
    expect(redact('xx', { patterns: [pattern] })).toBe('[redacted][redacted]')
    expect(pattern.lastIndex).toBe(5)
  })

  it.each([
    ['a regular expression without a list', /x/],
    ['text', 'x'],
    ['a list of texts', ['x']],
    ['a list with a text in it', [/x/, 'x']],
    ['null', null],
  ])('takes a list of regular expressions, and not %s', (_, patterns) => {
    const options = { patterns } as { patterns: RegExp[] } // as an app without types has it
    const refusal = expect.objectContaining({
      code: 'INVALID_OPTION',
      message: 'sidekey: patterns: takes a list of regular expressions',
    })
    expect(() => redactor(options)).toThrow(refusal)
    expect(() => redact('x', options)).toThrow(refusal)
  })
})
