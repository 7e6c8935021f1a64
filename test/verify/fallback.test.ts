/** The question to the old system by itself: what it is asked, what its answers mean, and what the log has of its failures. */
import { inspect } from 'node:util'
import type { Config } from '../../src/config.js'
import { type ForeignToken, parseForeign } from '../../src/key/foreign-token.js'
import type { Alias } from '../../src/store/store.js'
import { createFallback } from '../../src/verify/fallback.js'
import { Undecided } from '../../src/verify/miss-gate.js'

const SHAPES = [
  {
    source: 'parted',
    prefix: '',
    least: 16,
    most: 512,
    separator: '|',
    hash: 'sha256',
    covers: 'token',
  },
] as const

function tokenOf(text: string): ForeignToken {
  const token = parseForeign(text, SHAPES)
  if (token === null) throw new Error('it has not the shape')
  return token
}

const ONE = tokenOf(`1|${'x'.repeat(20)}`)
const OTHER = tokenOf(`2|${'x'.repeat(20)}`)

type Ask = NonNullable<Config['fallback']>['ask']

/** An old system that answers so, and what came of it here. */
function moving(
  ask: (token: string, context: { readonly signal: AbortSignal }) => unknown,
  timeoutMs = 5_000,
) {
  const aliases = new Map<string, Partial<Alias>>()
  const looked: string[] = []
  const adopted: unknown[] = []
  const logged: { readonly err: Error; readonly message: string }[] = []
  const logger = {
    warn() {},
    error: (details: object, message: string) => logged.push({ ...(details as { err: Error }), message }), // an error is logged so
  }
  const fallback = createFallback(
    { fallback: { ask: ask as Ask, timeoutMs }, logger }, // whatever an app may answer
    async id => {
      looked.push(id)
      return (aliases.get(id) as Alias | undefined) ?? null // the rest of it is not looked at
    },
    async (token, answer) => {
      adopted.push([token, answer])
      return `key of ${token.token}`
    },
  )
  if (fallback === null) throw new Error('there is one')
  return { fallback, aliases, looked, adopted, logged }
}

/** What is logged of a failure. */
async function loggedOf(failure: unknown, token = ONE) {
  const { fallback, logged } = moving(() => Promise.reject(failure))
  await expect(fallback.find(token)).rejects.toThrow('does not answer')
  expect(logged).toHaveLength(1)
  const [first] = logged
  if (first === undefined) throw new Error('nothing is logged')
  return first
}

it('there is none without the option', () => {
  const none = createFallback({ fallback: null, logger: console }, jest.fn(), jest.fn())
  expect(none).toBeNull()
})

describe('the old system', () => {
  it('is asked about the whole token, and the key that it knows is taken over by what it says', async () => {
    const asked: string[] = []
    const { fallback, adopted, logged } = moving(token => {
      asked.push(token)
      return { owner: { id: 'alice' } }
    })
    expect(await fallback.find(ONE)).toBe(`key of ${ONE.token}`)
    expect(asked).toEqual([ONE.token])
    expect(adopted).toEqual([[ONE, { owner: { id: 'alice' } }]])
    expect(logged).toEqual([])
  })

  it.each([null, undefined, false])('does not know the token where it answers %s', async answer => {
    const { fallback, adopted } = moving(() => answer)
    expect(await fallback.find(ONE)).toBeNull()
    expect(adopted).toEqual([])
  })

  it.each([true, '', 0, {}])('knows it by any other answer, which is judged elsewhere: %j', async answer => {
    const { fallback, adopted } = moving(async () => answer)
    expect(await fallback.find(ONE)).not.toBeNull()
    expect(adopted).toEqual([[ONE, answer]])
  })

  it('is not asked about a key that was removed here for good, but about one whose claim came to nothing', async () => {
    const { fallback, aliases, looked, adopted } = moving(() => ({}))
    aliases.set('token-id:parted:1', { keyId: 'gone', retired: true })
    expect(await fallback.find(ONE)).toBeNull()
    expect(adopted).toEqual([])
    aliases.set('token-id:parted:1', { keyId: 'claimed' })
    expect(await fallback.find(ONE)).not.toBeNull()
    expect(looked).toEqual(['token-id:parted:1', 'token-id:parted:1'])
  })

  it('is asked once at a time about a token, and of each by itself', async () => {
    const asked: string[] = []
    const answers: ((answer: unknown) => void)[] = []
    const { fallback } = moving(token => {
      asked.push(token)
      return new Promise(resolve => answers.push(resolve))
    })
    const finding = [fallback.find(ONE), fallback.find(ONE), fallback.find(OTHER)]
    await new Promise(setImmediate)
    expect(asked).toEqual([ONE.token, OTHER.token])
    answers[0]?.({})
    answers[1]?.(null)
    expect(await Promise.all(finding)).toEqual([`key of ${ONE.token}`, `key of ${ONE.token}`, null])
    const later = fallback.find(ONE)
    await new Promise(setImmediate)
    expect(asked).toHaveLength(3)
    answers[2]?.(null)
    expect(await later).toBeNull()
  })
})

describe('an old system that fails', () => {
  it('is 503 with a time to come back, at the cost of a place at the gate, and asked again by the next', async () => {
    let fails = true
    const { fallback } = moving(() => {
      if (fails) throw new Error('away')
      return {}
    })
    const failure = await fallback.find(ONE).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(Undecided)
    expect(failure).toMatchObject({
      code: 'STORE_UNAVAILABLE',
      status: 503,
      message: 'The old system does not answer.',
      retryAfter: 1,
      cause: { message: 'away' },
    })
    fails = false
    expect(await fallback.find(ONE)).not.toBeNull()
  })

  it('is told in the log', async () => {
    const { err, message } = await loggedOf(
      Object.assign(new TypeError('no such host'), { code: 'ENOTFOUND' }),
    )
    expect(message).toBe('the old system could not be asked about a token')
    expect(err).toMatchObject({ name: 'TypeError', message: 'no such host', code: 'ENOTFOUND' })
    expect(err.stack).toContain('fallback.test')
  })

  it.each([
    ['as it is', ONE.token],
    ['as in an address', encodeURIComponent(ONE.token)],
    ['one of ours', `acme_test_${'0'.repeat(16)}_${'x'.repeat(49)}`],
  ])('is told without a token that is in its words: %s', async (_, told) => {
    const failure = Object.assign(new Error(`no: ${told}, ${told}`), { code: `E_${told}`, request: told })
    failure.name = `Error of ${told}`
    failure.stack = `at ${told}, and at ${told}`
    const { err } = await loggedOf(failure)
    expect(inspect(err, { depth: null, showHidden: true })).not.toContain(told)
    for (const text of [err.message, err.name, err.stack]) expect(text).toContain('[redacted]')
    expect((err as NodeJS.ErrnoException).code).toContain('[redacted]')
    expect(err).not.toHaveProperty('request')
  })

  it.each([
    ['a text', 'old system', 'old system'],
    ['nothing', undefined, 'undefined'],
    ['an object', { code: 'E', message: 'secret' }, '[object Object]'],
  ])('with what is no error is told by its text alone: %s', async (_, failure, message) => {
    const { err } = await loggedOf(failure)
    expect(err).toMatchObject({ name: 'Error', message })
    expect(err).not.toHaveProperty('code')
  })

  it('has no code in the log where it has none, or one that is no text', async () => {
    expect((await loggedOf(new Error('no'))).err).not.toHaveProperty('code')
    expect((await loggedOf(Object.assign(new Error('no'), { code: 42 }))).err).not.toHaveProperty('code')
  })

  it('has no stack in the log where it has none', async () => {
    const failure = new Error('no')
    delete failure.stack
    expect((await loggedOf(failure)).err.stack).toBe('')
  })
})

describe('the time that it may take', () => {
  beforeEach(() => jest.useFakeTimers())
  afterEach(() => jest.useRealTimers())

  it('is what the option says: then it is 503, and it is told that it need not go on', async () => {
    let signal: AbortSignal | undefined
    const { fallback, logged } = moving((_, context) => {
      signal = context.signal
      return new Promise(() => {})
    }, 3_000)
    const finding = fallback.find(ONE).catch((error: unknown) => error)
    await jest.advanceTimersByTimeAsync(2_999)
    expect([signal?.aborted, logged]).toEqual([false, []])
    await jest.advanceTimersByTimeAsync(1)
    expect(await finding).toBeInstanceOf(Undecided)
    expect(logged[0]?.err.message).toBe('no answer within 3000 ms')
    expect(signal?.aborted).toBe(true)
  })

  it('leaves no timer behind where it was quicker, and it need not go on with anything', async () => {
    let signal: AbortSignal | undefined
    const { fallback } = moving((_, context) => {
      signal = context.signal
      return null
    })
    await fallback.find(ONE)
    expect(jest.getTimerCount()).toBe(0)
    expect(signal?.aborted).toBe(true)
  })
})
