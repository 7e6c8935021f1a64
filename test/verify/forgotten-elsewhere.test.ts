/** `keys.forget(owner)` in one process is heard by all over MongoDB, and names that owner alone, whatever the id. */
import type { Owner, OwnerInput } from 'sidekey'
import { internalsOf } from '../../src/internals.js'
import {
  fromMemory,
  type Hearing,
  heldHearing,
  openShared,
  type Peer,
  type SharedDatabase,
  seenAfter,
} from '../support/verify-store.js'
import { accepted, keyFor, outcome } from './support.js'

/** No lease lapses while a test runs, however slow the machine. */
const COHERENCE = { pollMs: 20, leaseMs: 600_000 }

/** Ids that would be one, or parts of one another, if they were not quoted where they are put together. */
const ODD_IDS = [
  'a',
  'a"',
  'a","b',
  'a","acme"]',
  'a",null]',
  '["user","a"]',
  'a,b',
  'a:b',
  'a\\',
  '$a.b',
  '__proto__',
  'ä',
  'a\u0308', // the same to the eye
  '🔑',
]
const OWNERS: readonly Owner[] = [
  ...ODD_IDS.map(id => ({ type: 'user', id })),
  { type: 'service', id: 'a' },
  { type: 'user', id: 'service:a' },
]
const ORGANIZATIONS = [null, 'acme', '"acme"'] as const

let shared: SharedDatabase
let reader: Peer
let readersHearing: Hearing
let writer: Peer
/** Whom the reader's app was asked about. */
let asked: string[]
let granted: readonly string[] | null

beforeAll(async () => {
  shared = await openShared()
})
beforeEach(async () => {
  asked = []
  granted = ['*']
  const ask = (...about: unknown[]) => {
    asked.push(JSON.stringify(about))
  }
  readersHearing = heldHearing()
  reader = await shared.join({
    around: readersHearing.around,
    coherence: COHERENCE,
    cache: { ownersFor: '5m' },
    grants(owner, organizationId) {
      ask(owner, organizationId)
      return granted
    },
    user(owner) {
      ask(owner)
      return { id: owner.id }
    },
  })
  writer = await shared.join({ coherence: COHERENCE })
})
afterEach(() => shared.part())
afterAll(() => shared.drop())

/** What is seen at the moment in which the writer has forgotten an owner. */
const seenAfterForgetting = <T>(owner: OwnerInput, see: () => Promise<T>) =>
  seenAfter({ act: () => writer.keys.forget(owner), by: writer, hearing: readersHearing, see })

it.each([
  ['narrowed', ['reports:read'], 'INSUFFICIENT_PERMISSIONS'],
  ['switched off', null, 'OWNER_INACTIVE'],
] as const)(
  'a key is refused in another process once its owner was %s and forgotten',
  async (_, next, code) => {
    const { token } = await keyFor(writer.keys, { permissions: ['reports:*'] })
    const request = { permissions: 'reports:write' } as const
    await fromMemory(reader, token, request)
    granted = next
    expect(outcome(await reader.keys.verify(token, request))).toBe('ok') // it is kept
    await writer.keys.forget({ id: 'alice' })
    expect(outcome(await reader.keys.verify(token, request))).toBe(code)
  },
)

it('another process asks anew of all organisations of who was forgotten, and of nobody else', async () => {
  const made = OWNERS.flatMap(owner =>
    ORGANIZATIONS.map(organizationId =>
      keyFor(writer.keys, { owner, ...(organizationId !== null && { organizationId }) }),
    ),
  )
  const tokens = (await Promise.all(made)).map(({ token }) => token)
  // The first change that a database knows of has everything dropped: it is not of one of these.
  await writer.keys.forget({ id: 'nobody' })
  const { userOf } = internalsOf(reader.keys)
  const askAll = async () => {
    for (const token of tokens) accepted(await reader.keys.verify(token))
    for (const owner of OWNERS) await userOf(owner)
  }
  for (const token of tokens) await fromMemory(reader, token)
  await askAll()
  asked = []
  await askAll()
  expect(asked).toEqual([])
  for (const owner of OWNERS) {
    await seenAfterForgetting(owner, askAll)
    expect(asked).toEqual(
      [...ORGANIZATIONS.map(organizationId => [owner, organizationId]), [owner]].map(about =>
        JSON.stringify(about),
      ),
    )
    asked = []
  }
})
