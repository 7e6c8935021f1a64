/** What the app is asked of owners (`grants`, `user`), how often, and what `keys.forget` does to it. */
import { type ApiKeysOptions, memoryStore, type Owner } from 'sidekey'
import { internalsOf } from '../../src/internals.js'
import { refusalCode, type TestPermission, type TestUser, testKeys } from '../support/keys.js'
import { accepted, childOf, keyFor, settled } from './support.js'

type Options = Partial<ApiKeysOptions<TestPermission, TestUser>>
type Asked = readonly [owner: Owner, organizationId: string | null]

/** The monotonic clock, which only the test moves. */
let now: number
beforeEach(() => {
  now = 1_000
})
afterEach(() => jest.restoreAllMocks())

/** A way to have the app asked of an owner, and how often it was. */
interface Question {
  readonly keys: ReturnType<typeof testKeys>
  /** Has it asked, of a user with this id: what it answers, or the code of what it is refused with. */
  ask(id?: string): Promise<unknown>
  /** The ids that the app was asked about. */
  readonly asked: string[]
}

/** What the app answers about an owner. */
type Answer = (id: string) => unknown

async function grantsOf(answer: Answer, options: Options = {}): Promise<Question> {
  const asked: string[] = []
  const grants = ({ id }: Owner) => {
    asked.push(id)
    return answer(id) as readonly string[] // each test answers as its app would
  }
  const keys = testKeys({ ...options, grants })
  const tokens = new Map<string, string>()
  for (const id of ['alice', 'bob', 'carol']) {
    tokens.set(id, (await keyFor(keys, { owner: { id }, permissions: ['reports:*'] })).token)
  }
  const ask = async (id = 'alice') => {
    const verification = await keys.verify(tokens.get(id))
    return verification.ok ? verification.permissions : verification.code
  }
  return { keys, ask, asked }
}

async function userOf(answer: Answer, options: Options = {}): Promise<Question> {
  const asked: string[] = []
  const user = ({ id }: Owner) => {
    asked.push(id)
    return answer(id) as TestUser // each test answers as its app would
  }
  const keys = testKeys({ ...options, user })
  const ask = async (id = 'alice') => {
    try {
      return await internalsOf(keys).userOf({ type: 'user', id })
    } catch {
      return 'STORE_UNAVAILABLE' // as the adapters answer it
    }
  }
  return { keys, ask, asked }
}

describe.each([
  ['grants', grantsOf],
  ['user', userOf],
] as const)('%s', (_, question) => {
  beforeEach(() => {
    jest.spyOn(performance, 'now').mockImplementation(() => now)
  })
  const answer = () => ['reports:read']

  it('is asked once in 30 seconds of each owner', async () => {
    const { ask, asked } = await question(answer)
    const askAll = async () => {
      for (let i = 0; i < 100; i++) for (const id of ['alice', 'bob']) await ask(id)
    }
    await askAll()
    expect(asked).toEqual(['alice', 'bob'])
    now += 29_999
    await askAll()
    expect(asked).toEqual(['alice', 'bob'])
    now += 1
    await askAll()
    expect(asked).toEqual(['alice', 'bob', 'alice', 'bob'])
  })

  it.each([
    ['5m', 300_000],
    ['2s', 2_000],
    ['0s', 0],
  ])('is asked as ownersFor says: %s', async (ownersFor, ms) => {
    const { ask, asked } = await question(answer, { cache: { ownersFor } })
    await ask()
    if (ms > 0) {
      now += ms - 1
      await ask()
      expect(asked).toHaveLength(1)
      now += 1
    }
    await ask()
    expect(asked).toHaveLength(2)
  })

  it('is asked by each of many at once where nothing is to be kept', async () => {
    const { ask, asked } = await question(answer, { cache: { ownersFor: '0s' } })
    await Promise.all([ask(), ask(), ask()])
    expect(asked).toHaveLength(3)
  })

  it('is asked once by many at once, who share the answer', async () => {
    let tell = (_: readonly string[]) => {}
    const { ask, asked } = await question(
      () =>
        new Promise(resolve => {
          tell = resolve
        }),
    )
    const asking = Array.from({ length: 100 }, () => ask())
    await settled()
    expect(asked).toHaveLength(1)
    tell(['reports:read'])
    expect(await Promise.all(asking)).toEqual(asking.map(() => ['reports:read']))
    await ask()
    expect(asked).toHaveLength(1)
  })

  it('is kept of as many owners as cache.owners says: the least recently used is asked of anew', async () => {
    const { ask, asked } = await question(answer, { cache: { owners: 2 } })
    for (const id of ['alice', 'bob']) await ask(id)
    now += 1_000 // a use counts again after a second
    await ask('alice')
    await ask('carol')
    expect(asked).toEqual(['alice', 'bob', 'carol'])
    for (const id of ['alice', 'carol']) await ask(id)
    expect(asked).toEqual(['alice', 'bob', 'carol'])
    await ask('bob')
    expect(asked).toEqual(['alice', 'bob', 'carol', 'bob'])
  })

  it.each<[string, () => unknown]>([
    ['rejects', () => Promise.reject(new Error('away'))],
    [
      'throws',
      () => {
        throw new Error('away')
      },
    ],
  ])('is asked anew where it %s: a failure is not kept', async (_, fail) => {
    let fails = true
    const { ask, asked } = await question(() => (fails ? fail() : answer()))
    for (let i = 0; i < 2; i++) expect(await ask()).toBe('STORE_UNAVAILABLE')
    expect(asked).toHaveLength(2)
    fails = false
    for (let i = 0; i < 2; i++) expect(await ask()).toEqual(answer())
    expect(asked).toHaveLength(3)
  })

  it('is asked anew of an owner who was forgotten, and of no other', async () => {
    const { keys, ask, asked } = await question(answer)
    for (const id of ['alice', 'bob']) await ask(id)
    await keys.forget({ id: 'alice' })
    for (const id of ['alice', 'bob']) await ask(id)
    expect(asked).toEqual(['alice', 'bob', 'alice'])
    await keys.forget({ type: 'organization', id: 'alice' })
    await ask()
    expect(asked).toHaveLength(3)
  })

  it('is not kept, nor shared with who comes later, as it was asked before the owner was forgotten', async () => {
    const tell: ((value: readonly string[]) => void)[] = []
    const { keys, ask, asked } = await question(() => new Promise(resolve => tell.push(resolve)))
    const before = ask()
    await settled()
    await keys.forget({ id: 'alice' })
    const after = ask()
    await settled()
    expect(asked).toHaveLength(2)
    tell[1]?.([])
    tell[0]?.(['reports:read'])
    expect(await Promise.all([before, after])).toEqual([['reports:read'], []])
    expect(await ask()).toEqual([])
  })
})

describe('grants', () => {
  it('are asked once of each organisation in whose context an owner has keys, and all are forgotten', async () => {
    const asked: Asked[] = []
    const keys = testKeys({
      grants(owner, organizationId) {
        asked.push([owner, organizationId])
        return ['*']
      },
    })
    const tokens: string[] = []
    for (const organizationId of [null, 'acme', 'evil', null, 'acme']) {
      tokens.push((await keyFor(keys, { ...(organizationId !== null && { organizationId }) })).token)
    }
    const askAll = () => Promise.all(tokens.map(token => keys.verify(token)))
    const alice = { type: 'user', id: 'alice' }
    const each = [null, 'acme', 'evil'].map(organization => [alice, organization])
    for (let i = 0; i < 3; i++) await askAll()
    expect(asked).toEqual(each)
    await keys.forget(alice)
    await askAll()
    expect(asked).toEqual([...each, ...each])
  })

  it('that switch an owner off are kept like others, until the owner is forgotten', async () => {
    let granted: readonly string[] | null = null
    const { keys, ask, asked } = await grantsOf(() => granted)
    for (let i = 0; i < 2; i++) expect(await ask()).toBe('OWNER_INACTIVE')
    expect(asked).toHaveLength(1)
    granted = ['*']
    await keys.forget({ id: 'alice' })
    expect(await ask()).toEqual(['reports:*'])
  })

  it('that were narrowed cut a key at once when its owner is forgotten, and the keys that it made', async () => {
    let granted = ['*']
    const keys = testKeys({ grants: () => granted })
    const parent = await keyFor(keys, { permissions: ['api-keys:create', 'reports:*'] })
    const child = await childOf(keys, parent.token, { permissions: ['reports:*'] })
    const permissions = async () => [
      accepted(await keys.verify(parent.token)).permissions,
      accepted(await keys.verify(child.token)).permissions,
    ]
    expect(await permissions()).toEqual([['api-keys:create', 'reports:*'], ['reports:*']])
    granted = ['reports:read']
    expect(await permissions()).toEqual([['api-keys:create', 'reports:*'], ['reports:*']])
    await keys.forget({ id: 'alice' })
    expect(await permissions()).toEqual([['reports:read'], ['reports:read']])
  })

  it('are asked by each verification where there is no cache', async () => {
    const { ask, asked } = await grantsOf(() => ['*'], { cache: false })
    for (let i = 0; i < 3; i++) await ask()
    expect(asked).toHaveLength(3)
  })
})

it('does not forget who is no owner: a wrong type or id is refused', async () => {
  const keys = testKeys({ store: memoryStore() })
  for (const owner of [
    {},
    { id: '' },
    { id: 'a', type: 'User' },
    { id: 'a', organizationId: 'acme' },
    null,
    'alice',
  ]) {
    expect(await refusalCode(keys.forget(owner as never))).toBe('INVALID_INPUT') // as JavaScript may call it
  }
})
