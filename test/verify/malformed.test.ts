/** What is not a token of ours is refused by its look: no read of the store, and never an exception. */
import fc from 'fast-check'
import { tokenOf } from '../key/fixture.js'
import { type TestKeys, testKeys } from '../support/keys.js'
import { runs } from '../support/runs.js'
import { keyFor, outcome, type WatchedStore, watchedStore } from './support.js'

const DIGITS = [...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz']
const digits = (length: number) =>
  fc.array(fc.constantFrom(...DIGITS), { minLength: length, maxLength: length }).map(list => list.join(''))
/** Tokens put together without the code under test, so that a failure can be run again. */
const token = fc.tuple(digits(16), digits(43)).map(([id, secret]) => tokenOf('acme_test', id, secret))
const position = fc.nat(75)
const anyText = fc.string({ unit: 'binary', minLength: 1, maxLength: 100 })
const anyCharacter = fc.oneof(
  fc.constantFrom(...DIGITS, '_', '-', ' ', '\0'),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
)

let store: WatchedStore
let keys: TestKeys

beforeEach(() => {
  store = watchedStore()
  keys = testKeys({ store, kinds: { secret: {}, publishable: { prefix: 'acme_test_pub' } } })
})

/** Verifies whatever a JavaScript caller may pass. */
function verifyAnything(value: unknown) {
  return keys.verify(value as string) // that it is none is the point
}

async function expectRefusedUnread(value: unknown, code = 'KEY_INVALID'): Promise<void> {
  expect(await verifyAnything(value)).toEqual({ ok: false, code, status: 401 })
  expect(store.reads).toEqual([])
}

describe('a well-formed token', () => {
  it('costs exactly one read, of its id, known or not', async () => {
    const { apiKey, token: known } = await keyFor(keys)
    expect(outcome(await keys.verify(known))).toBe('ok')
    expect(store.reads).toEqual([apiKey.id])

    await fc.assert(
      fc.asyncProperty(token, async unknown => {
        const before = store.reads.length
        expect(outcome(await keys.verify(unknown))).toBe('KEY_INVALID')
        expect(store.reads.slice(before)).toEqual([unknown.slice(10, 26)])
      }),
      runs(20),
    )
  })
})

describe('a mistyped token is refused without the store', () => {
  it('where one character is another', async () => {
    await fc.assert(
      fc.asyncProperty(token, position, anyCharacter, async (right, at, character) => {
        fc.pre(right[at] !== character)
        await expectRefusedUnread(right.slice(0, at) + character + right.slice(at + 1))
      }),
      runs(2000),
    )
  })

  it('where one character is any other digit, at every place of one token', async () => {
    const { token: right } = await keyFor(keys)
    for (const at of right.split('').keys()) {
      for (const digit of [...DIGITS, '_']) {
        if (digit === right[at]) continue
        const wrong = right.slice(0, at) + digit + right.slice(at + 1)
        if (outcome(await keys.verify(wrong)) !== 'KEY_INVALID')
          throw new Error(`accepted at ${at}: ${digit}`)
      }
    }
    expect(store.reads).toEqual([])
  })

  it('where two neighbours are swapped', async () => {
    await fc.assert(
      fc.asyncProperty(token, fc.nat(74), async (right, at) => {
        const [a = '', b = ''] = right.slice(at, at + 2)
        fc.pre(a !== b)
        await expectRefusedUnread(right.slice(0, at) + b + a + right.slice(at + 2))
      }),
      runs(2000),
    )
  })

  it('where some of it is missing, at the end or at the front', async () => {
    await fc.assert(
      fc.asyncProperty(token, fc.integer({ min: 1, max: 75 }), async (right, length) => {
        await expectRefusedUnread(right.slice(0, length))
        await expectRefusedUnread(right.slice(-length))
      }),
      runs(500),
    )
  })

  it('where a character is missing in the middle, or is there twice', async () => {
    await fc.assert(
      fc.asyncProperty(token, position, async (right, at) => {
        await expectRefusedUnread(right.slice(0, at) + right.slice(at + 1))
        await expectRefusedUnread(right.slice(0, at + 1) + right.slice(at))
      }),
      runs(500),
    )
  })

  it('where there is more of it, at the end or at the front', async () => {
    await fc.assert(
      fc.asyncProperty(token, anyText, async (right, more) => {
        await expectRefusedUnread(right + more)
        await expectRefusedUnread(more + right)
      }),
      runs(500),
    )
  })

  it('where its letters have lost their case', async () => {
    const { token: right } = await keyFor(keys)
    await expectRefusedUnread(right.toLowerCase())
    await expectRefusedUnread(right.toUpperCase())
  })
})

describe('what is no token at all is refused without the store, and never throws', () => {
  it('any text', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', minLength: 1, maxLength: 200 }), async text => {
        await expectRefusedUnread(text)
      }),
      runs(500),
    )
  })

  it.each([
    ['a megabyte', () => 'a'.repeat(1024 * 1024)],
    ['a megabyte that begins as a token does', () => `acme_test_${'0'.repeat(1024 * 1024)}`],
    ['a megabyte of underscores', () => '_'.repeat(1024 * 1024)],
    ['a NUL', () => '\0'],
    ['a lone surrogate', () => '\ud800'],
    ['as long as a token, in another script', () => '鍵'.repeat(76)],
    ['as long as a token, in bytes that are none', () => '\uffff'.repeat(76)],
    ['a JWT', () => 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl'],
    ['blank', () => ' '],
    ['the name of a prototype', () => '__proto__'],
  ])('%s', async (_, make) => {
    await expectRefusedUnread(make())
  })

  it('a real token with blanks, a NUL or a megabyte around it', async () => {
    const { token: right } = await keyFor(keys)
    for (const more of [' ', '\n', '\0', '\u200b', 'x'.repeat(1024 * 1024)]) {
      await expectRefusedUnread(right + more)
      await expectRefusedUnread(more + right)
    }
  })

  it.each([
    ['a number', 42],
    ['NaN', Number.NaN],
    ['zero', 0],
    ['true', true],
    ['false', false],
    ['an object', {}],
    ['a NoSQL operator', { $gt: '' }],
    [
      'an object that throws when it is made text',
      {
        toString: () => {
          throw new Error('never')
        },
      },
    ],
    ['a list', []],
    ['a symbol', Symbol('token')],
    ['a function', () => 'token'],
    ['a bigint', 1n],
    ['bytes', new Uint8Array(76)],
  ])('%s', async (_, value) => {
    await expectRefusedUnread(value)
  })

  it('a real token wrapped in a list, an object or a String', async () => {
    const { token: right } = await keyFor(keys)
    for (const value of [[right], { token: right }, new String(right), Buffer.from(right)])
      await expectRefusedUnread(value)
  })
})

describe('no token', () => {
  it.each([undefined, null, ''])('is missing, not invalid: %j', async value => {
    await expectRefusedUnread(value, 'KEY_MISSING')
  })
})
