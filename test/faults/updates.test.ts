/** Many who change one record, or make the same one, at once: none is lost, and none is there twice. */
import { refusal, type TestKeys } from '../support/keys.js'
import { openShared, type SharedDatabase } from '../support/verify-store.js'

/** Of its own in each test. */
let owner: { id: string }
let tests = 0
const PROCESSES = 4

let shared: SharedDatabase
let processes: TestKeys[]

beforeAll(async () => {
  shared = await openShared()
})
beforeEach(async () => {
  owner = { id: `alice ${++tests}` }
  const options = { maxKeysPerOwner: 5, imported: [{ source: 'old', prefix: 'old_' }] }
  const peers = await Promise.all(Array.from({ length: PROCESSES }, () => shared.join(options)))
  processes = peers.map(({ keys }) => keys)
})
afterEach(() => shared.part())
afterAll(() => shared.drop())

const nth = (i: number): TestKeys => processes[i % PROCESSES] as TestKeys // one of those

it('loses none of a thousand updates of one record at once', async () => {
  const { apiKey } = await nth(0).create({ name: 'a', owner })
  const updates = Array.from({ length: 1_000 }, (_, i) => nth(i).update(apiKey.id, { name: `name ${i}` }))
  const settled = await Promise.allSettled(updates)
  const refused = settled.filter(one => one.status === 'rejected').map(({ reason }) => reason.code)
  expect(refused).toEqual([])
  const record = await nth(0).get(apiKey.id)
  expect(record?.version).toBe(1_001)
  // Each tells what it found and what it left: one chain from the first name to the last.
  const next = new Map<unknown, unknown>()
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await nth(0).audit({ keyId: apiKey.id, limit: 100, ...(cursor && { cursor }) })
    for (const { action, changes } of page.data)
      if (action === 'update') next.set(changes.name?.from, changes.name?.to)
    cursor = page.nextCursor
  }
  expect(next.size).toBe(1_000)
  let name: unknown = 'a'
  for (let i = 0; i < 1_000; i++) name = next.get(name)
  expect(name).toBe(record?.name)
}, 240_000)

it('makes one key of fifty requests with one idempotency key, and no more than an owner may have of fifty without', async () => {
  const same = Array.from({ length: 50 }, (_, i) =>
    nth(i).create({ name: 'one', owner: { id: 'bob' } }, { idempotencyKey: 'the-same' }),
  )
  const made = await Promise.allSettled(same)
  const ids = made.flatMap(one => (one.status === 'fulfilled' ? [one.value.apiKey.id] : []))
  expect(new Set(ids).size).toBe(1)
  expect((await nth(0).list({ owner: { id: 'bob' } })).data).toHaveLength(1)

  const each = Array.from({ length: 50 }, (_, i) => nth(i).create({ name: `${i}`, owner }))
  const codes = await Promise.all(
    each.map(one =>
      one.then(
        () => 'made',
        error => error.code,
      ),
    ),
  )
  expect(codes.filter(code => code === 'made')).toHaveLength(5)
  expect(new Set(codes)).toEqual(new Set(['made', 'KEY_LIMIT_REACHED']))
  expect((await nth(0).list({ owner, limit: 100 })).data).toHaveLength(5)
}, 30_000)

it('imports a row once, however many import it at once', async () => {
  const row = {
    source: 'old',
    id: '7',
    hash: { algorithm: 'sha256' as const, value: 'a'.repeat(64) },
    owner,
    name: 'old one',
  }
  const results = await Promise.all(Array.from({ length: 20 }, (_, i) => nth(i).import([row])))
  expect(results.reduce((sum, { imported }) => sum + imported, 0)).toBe(1)
  expect(results.flatMap(({ failed }) => failed)).toEqual([])
  expect((await nth(0).list({ owner })).data).toHaveLength(1)
})

it('is asked of a condition, and lets one of fifty through', async () => {
  const { apiKey } = await nth(0).create({ name: 'a', owner })
  const all = Array.from({ length: 50 }, (_, i) =>
    nth(i)
      .update(apiKey.id, { name: `${i}` }, { ifVersion: 1 })
      .then(
        () => 'done',
        error => error.code,
      ),
  )
  const codes = await Promise.all(all)
  expect(codes.filter(code => code === 'done')).toHaveLength(1)
  expect(new Set(codes)).toEqual(new Set(['done', 'VERSION_MISMATCH']))
  expect((await refusal(nth(1).update(apiKey.id, { name: 'x' }, { ifVersion: 1 }))).code).toBe(
    'VERSION_MISMATCH',
  )
})
