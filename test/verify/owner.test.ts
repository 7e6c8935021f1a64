/** What the app is asked of owners, made safe: by itself. */
import { type apiKeys, memoryStore, type Owner } from 'sidekey'
import { toConfig } from '../../src/config.js'
import { createOwnerNames, ownerGrants, ownerUser } from '../../src/verify/owner.js'

const ALICE: Owner = { type: 'user', id: 'alice' }

function configOf(options: Partial<Parameters<typeof apiKeys>[0]>) {
  const warned: unknown[] = []
  const logger = { warn: (...entry: unknown[]) => warned.push(entry), error() {} }
  return { config: toConfig({ prefix: 'acme_test', store: memoryStore(), logger, ...options }), warned }
}

describe('what an owner may', () => {
  it('is everything where the app does not say', () => {
    expect(ownerGrants(configOf({}).config)(ALICE, null)).toEqual(['*'])
  })

  it('is what the app says of this owner in this organisation, at once or later', async () => {
    const asked: unknown[] = []
    const list = ['reports:read']
    const { config } = configOf({
      grants(owner, organizationId) {
        asked.push([owner, organizationId])
        return organizationId === null ? list : Promise.resolve(list)
      },
    })
    const grants = ownerGrants(config)
    const granted = grants(ALICE, null)
    expect(granted).toEqual(['reports:read'])
    expect(Object.isFrozen(granted) && !Object.isFrozen(list)).toBe(true)
    const later = grants(ALICE, 'acme')
    expect(later).toBeInstanceOf(Promise)
    expect(await later).toEqual(['reports:read'])
    expect(asked).toEqual([
      [ALICE, null],
      [ALICE, 'acme'],
    ])
  })

  it('is nothing for one who is switched off, and that is nothing to warn of', () => {
    const { config, warned } = configOf({ grants: () => null })
    expect(ownerGrants(config)(ALICE, null)).toBeNull()
    expect(warned).toEqual([])
  })

  it.each([undefined, '*', true, {}, ['reports:read', 42]])(
    'is nothing where the app answers %j, and is told of',
    async answer => {
      const { config, warned } = configOf({ grants: () => answer as never }) // as a careless app would
      expect(ownerGrants(config)(ALICE, null)).toBeNull()
      expect(warned).toEqual([
        [
          { option: 'grants', help: 'docs/warnings.md#malformed-answer' },
          'grants must answer a list of permissions, or null for an owner who is switched off; anything else refuses',
        ],
      ])
    },
  )
})

describe('the user of an owner', () => {
  it('is nobody where the app does not load any', () => {
    expect(ownerUser(configOf({}).config)(ALICE)).toBeUndefined()
  })

  it('is whom the app loads, by a promise where its answer is like one', async () => {
    const user = { name: 'Alice' }
    expect(ownerUser(configOf({ user: () => user }).config)(ALICE)).toBe(user)
    let runs = 0
    const query = {
      // biome-ignore lint/suspicious/noThenProperty: as mongoose's queries have it
      then(done: (found: unknown) => void) {
        runs++
        done(user)
      },
    }
    const found = ownerUser(configOf({ user: () => query }).config)(ALICE)
    expect(found).toBeInstanceOf(Promise)
    expect([await found, await found, runs]).toEqual([user, user, 1])
  })
})

it('names each owner', () => {
  const nameOf = createOwnerNames()
  const [bob, acme] = [
    { type: 'user', id: 'bob' },
    { type: 'organization', id: 'bob' },
  ]
  const names = [ALICE, bob, acme].map(nameOf)
  expect(new Set(names).size).toBe(3)
  expect([ALICE, bob, acme].map(nameOf)).toEqual(names)
  expect(nameOf({ ...bob })).toBe(names[1])
})
