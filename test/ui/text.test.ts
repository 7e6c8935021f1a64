import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fill } from '../../ui/fill.js'
import { messages } from '../../ui/messages.js'
import { relativeParts } from '../../ui/parts/relative-time.js'
import { looksLikeToken } from '../../ui/token-shape.js'

const UI = join(__dirname, '../../ui')

describe('messages of the page', () => {
  it('fills placeholders by their names, each time they occur', () => {
    expect(fill('{a} of {b}, {a}', { a: 1, b: 'two' })).toBe('1 of two, 1')
  })

  it('shows a placeholder that has no value', () => {
    expect(fill('{count} of {all}', { count: 1 })).toBe('1 of {all}')
  })

  it('does not fill what a value brings along', () => {
    expect(fill('{a}', { a: '{b}', b: 'secret' })).toBe('{b}')
  })

  it('keeps a name of another direction from turning the text around it', () => {
    expect(fill('Copy {what}', { what: 'مفتاح' })).toBe('Copy \u2068مفتاح\u2069')
    expect(fill('نسخ {what}', { what: 'CI.' })).toBe('نسخ \u2068CI.\u2069')
  })

  it('has text for every key', () => {
    for (const text of Object.values(messages)) expect(text.trim()).not.toBe('')
  })

  it('has none that the page does not show', () => {
    const sources = readdirSync(UI, { recursive: true, encoding: 'utf8' })
      .filter(file => /\.tsx?$/.test(file) && file !== 'messages.ts')
      .map(file => readFileSync(join(UI, file), 'utf8'))
      .join()
    // Some are named by what the API answers.
    const families = [...sources.matchAll(/`([a-zA-Z.]+\.)\$\{|`\$\{[a-z]+\}(\.[a-zA-Z]+)`/g)]
    const isInFamily = (key: string) =>
      families.some(([, start, end]) => (start ? key.startsWith(start) : key.endsWith(end ?? '?')))
    const unused = Object.keys(messages).filter(key => !sources.includes(`'${key}'`) && !isInFamily(key))
    expect(unused).toEqual([])
  })
})

describe('times from now', () => {
  it.each([
    [-30_000, { value: 0, unit: 'second' }],
    [-90_000, { value: -1, unit: 'minute' }],
    [23.9 * 3_600_000, { value: 23, unit: 'hour' }],
    [90 * 86_400_000, { value: 3, unit: 'month' }],
    [-800 * 86_400_000, { value: -2, unit: 'year' }],
  ])('%d ms are told as people would', (ms, told) => {
    expect(relativeParts(ms)).toEqual(told)
  })
})

describe('what looks like a token', () => {
  const prefixes = ['acme_live', 'acme_pub']

  it('is what begins with a prefix, an id and an underscore', () => {
    expect(looksLikeToken('acme_live_0VbvmdHo9P49d4yC_s', prefixes)).toBe(true)
    expect(looksLikeToken('acme_pub_0VbvmdHo9P49d4yC_', prefixes)).toBe(true)
  })

  it('is not a name, nor the beginning that a list shows', () => {
    expect(looksLikeToken('acme_live', prefixes)).toBe(false)
    expect(looksLikeToken('acme_live_0VbvmdHo9P49d4yC', prefixes)).toBe(false)
    expect(looksLikeToken('other_0VbvmdHo9P49d4yC_s', prefixes)).toBe(false)
  })
})
