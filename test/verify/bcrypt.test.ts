/** bcrypt: off the event loop, capped in number, and as costly for an unknown id as for a known one. */
import { setImmediate as tick } from 'node:timers/promises'
import bcrypt from 'bcrypt'
import { newKeyId, newToken } from '../../src/key/token.js'
import { testKeys } from '../support/keys.js'
import { edit, forged, keyFor, outcome, until, watchedStore } from './support.js'

/** What the source allows: this many at work, this many in line. */
const AT_ONCE = 2 + 64
/**
 * A comparison of cost 12 takes many thousands of turns of an event loop that has nothing else to do; one that does
 * not work, or blocks, takes one or two.
 */
const TURNS = 30

function slowKeys(bcryptCost = 10) {
  const store = watchedStore()
  return { store, keys: testKeys({ store, hash: 'bcrypt', bcryptCost }) }
}

const unknownToken = () => newToken('acme_test', newKeyId(Date.now())).token

/** How often the event loop turned while `work` was under way, up to `TURNS`. */
async function turnsDuring(work: Promise<unknown>): Promise<number> {
  let done = false
  const end = work.finally(() => {
    done = true
  })
  let turns = 0
  while (!done && turns < TURNS) {
    await tick()
    if (!done) turns++
  }
  await end
  return turns
}

/** Lets comparisons be of the lowest cost, whatever the hash: for what is not about cost. */
function cheapen() {
  const compare = bcrypt.compare.bind(bcrypt)
  const cheap = bcrypt.hashSync('of nobody', 4)
  jest.spyOn(bcrypt, 'compare').mockImplementation(async (data: string | Buffer) => compare(data, cheap))
}

afterEach(() => jest.restoreAllMocks())

describe('a comparison by bcrypt', () => {
  it('leaves the event loop to others while it works', async () => {
    const { keys } = slowKeys(12)
    const { token } = await keyFor(keys)
    expect(await turnsDuring(keys.verify(token))).toBe(TURNS)
  })

  it('reads the 49 bytes of the secret part, and works as hard for an unknown id', async () => {
    const { keys } = slowKeys(12)
    const { token } = await keyFor(keys)
    const compared = jest.spyOn(bcrypt, 'compare')
    for (const presented of [forged(token), unknownToken()]) {
      compared.mockClear()
      expect(await turnsDuring(keys.verify(presented))).toBe(TURNS)
      expect(compared.mock.calls).toEqual([[presented.slice(-49), expect.stringMatching(/^\$2b\$12\$/)]])
    }
  })

  it('is none for a token that is mistyped', async () => {
    const { keys } = slowKeys()
    const { token } = await keyFor(keys)
    const compared = jest.spyOn(bcrypt, 'compare')
    expect(outcome(await keys.verify(`${token.slice(0, -1)}-`))).toBe('KEY_INVALID')
    expect(compared).not.toHaveBeenCalled()
  })
})

describe('comparisons by bcrypt beyond the cap', () => {
  it.each(['wrong secrets', 'unknown ids'])('are answered 503 at once, not left to hang: %s', async sort => {
    const { keys } = slowKeys()
    const { token } = await keyFor(keys)
    cheapen()
    const surplus = 10

    const answered: string[] = []
    const all = Array.from({ length: AT_ONCE + surplus }, async () => {
      const answer = await keys.verify(sort === 'unknown ids' ? unknownToken() : forged(token))
      answered.push(outcome(answer))
      return answer
    })
    const answers = await Promise.all(all)
    const refused = answers.filter(answer => outcome(answer) === 'STORE_UNAVAILABLE')
    expect(refused).toHaveLength(surplus)
    for (const answer of refused)
      expect(answer).toEqual({ ok: false, code: 'STORE_UNAVAILABLE', status: 503, retryAfter: 1 })
    expect(answered.slice(surplus).every(code => code === 'KEY_INVALID')).toBe(true)
  })

  it('do not wear out: the next is served as before', async () => {
    const { keys, store } = slowKeys()
    const { apiKey, token } = await keyFor(keys)
    await edit(store, apiKey.id, { hash: bcrypt.hashSync(token.slice(-49), 4) })
    const answers = await Promise.all(Array.from({ length: AT_ONCE + 5 }, () => keys.verify(forged(token))))
    expect(answers.map(outcome).filter(code => code === 'KEY_INVALID')).toHaveLength(AT_ONCE)
    for (let more = 0; more < 3; more++) expect(outcome(await keys.verify(forged(token)))).toBe('KEY_INVALID')
    expect(outcome(await keys.verify(token))).toBe('ok')
    // The hash of that low cost is being renewed, which takes a place of its own: leave none for the next test.
    await until(() => store.renewals.length > 0)
  })

  it('never run more than two at once', async () => {
    const { keys, store } = slowKeys()
    const { apiKey, token } = await keyFor(keys)
    await edit(store, apiKey.id, { hash: bcrypt.hashSync(token.slice(-49), 4) })
    const compare = bcrypt.compare.bind(bcrypt)
    let running = 0
    let most = 0
    jest.spyOn(bcrypt, 'compare').mockImplementation(async (data: string | Buffer, hash: string) => {
      running++
      most = Math.max(most, running)
      const matches = await compare(data, hash)
      running--
      return matches
    })
    await Promise.all(Array.from({ length: 20 }, () => keys.verify(forged(token))))
    expect(most).toBe(2)
  })

  it('leave keys of other algorithms alone', async () => {
    const { keys, store } = slowKeys()
    cheapen()
    const flood = Array.from({ length: AT_ONCE + 5 }, () => keys.verify(unknownToken()))
    const fast = testKeys({ store })
    const { token } = await keyFor(fast)
    expect(outcome(await fast.verify(token))).toBe('ok')
    await Promise.all(flood)
  })
})
