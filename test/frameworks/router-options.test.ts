/** Wrong options of the router fail when it is made, over every framework. */
import { testKeys } from '../support/keys.js'
import { FRAMEWORKS } from './apps.js'

const WRONG: readonly (readonly [option: string, options: object])[] = [
  ['requireIfMatch', { requireIfMatch: 'yes' }],
  ['requireIfMatch', { requireIfMatch: null }],
  ['csrf', { csrf: true }],
  ['csrf', { csrf: null }],
  ['csrf', { csrf: 'x-csrf-token' }],
  ['answerWithin', { answerWithin: 10 }],
  ['answerWithin', { answerWithin: '10' }],
  ['answerWithin', { answerWithin: '-1s' }],
  ['answerWithin', { answerWithin: '11m' }],
  ['answerWithin', { answerWithin: null }],
  ['answerwithin', { answerwithin: '1s' }],
]

describe.each(FRAMEWORKS)('keyRouter over $name', ({ app }) => {
  it.each(WRONG)('fails at once for a wrong %s: %j', (option, options) => {
    const wrong = { code: 'INVALID_OPTION', errors: [{ path: option, message: expect.stringMatching(/\w/) }] }
    expect(() => app(testKeys(), options)).toThrow(expect.objectContaining(wrong))
  })

  it('names all that is wrong at once', () => {
    const options = { csrf: 1, answerWithin: 1, x: 1 } as object // wrong on purpose
    expect(() => app(testKeys(), options)).toThrow(/x: is not a known option.*csrf: .*answerWithin: /)
  })

  it('takes an answer at once, and one after 10 minutes', () => {
    for (const answerWithin of ['0s', '10m'])
      expect(app(testKeys(), { answerWithin })).toBeInstanceOf(Function)
  })
})
