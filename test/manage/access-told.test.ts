/** What whoever is refused is told, and what the audit is: which act, on which key, whose matter it is. */
import type { CreateInput, KeyManagement } from 'sidekey'
import {
  actingBy,
  alice,
  bob,
  mallory,
  refusal,
  root,
  type TestKeys,
  type TestPermission,
  testKeys,
} from '../support/keys.js'

const ALICE = { type: 'user', id: 'alice' }

/** The refusals that the audit tells of, newest first. */
async function toldTo(keys: TestKeys) {
  const { data } = await keys.audit({ refused: true })
  return data.map(({ action, keyId, owner, refused }) => ({ action, keyId, owner, refused }))
}

async function holder(keys: TestKeys, input: Omit<CreateInput<TestPermission>, 'name'>) {
  const { apiKey, token } = await keys.as(alice).create({ name: 'acting', ...input })
  return { apiKey, face: await actingBy(keys, token) }
}

describe('whoever is refused by session', () => {
  it.each<[string, (face: KeyManagement<TestPermission>, id: string) => Promise<unknown>]>([
    ['rotate', (face, id) => face.rotate(id)],
    ['transfer', (face, id) => face.transfer(id, { id: 'bob' })],
  ])('is told what they may not do to a key that they may see: %s', async (action, act) => {
    const keys = testKeys()
    const { id } = (await keys.as(alice).create({ name: 'k' })).apiKey
    const error = await refusal(act(keys.as(root), id))
    expect(error).toMatchObject({ code: 'FORBIDDEN', message: `You may not ${action} this key.` })
    expect(await toldTo(keys)).toEqual([{ action, keyId: id, owner: ALICE, refused: 'FORBIDDEN' }])
  })

  it('is told of a key that they may not see that there is none; the audit knows which it was', async () => {
    const keys = testKeys()
    const { id } = (await keys.as(alice).create({ name: 'k' })).apiKey
    const error = await refusal(keys.as(mallory).revoke(id))
    expect(error).toMatchObject({ code: 'NOT_FOUND', message: 'There is no such key.' })
    expect(await toldTo(keys)).toEqual([{ action: 'revoke', keyId: id, owner: ALICE, refused: 'NOT_FOUND' }])
  })

  it('is told of a new key without an id, as a matter of whose it was to be', async () => {
    const keys = testKeys()
    const error = await refusal(keys.as(bob).create({ name: 'k', owner: { id: 'alice' } }))
    expect(error.message).toBe('You may not create this key.')
    expect(await toldTo(keys)).toEqual([
      { action: 'create', keyId: null, owner: ALICE, refused: 'FORBIDDEN' },
    ])
  })

  it('is told what helps, where that is a fresh login', async () => {
    const keys = testKeys({ authorize: (_, action) => (action === 'read' ? undefined : 'reauthenticate') })
    const { id } = (await keys.create({ name: 'k', owner: { id: 'alice' } })).apiKey
    const message = 'Log in again, then repeat this.'
    expect(await refusal(keys.as(alice).rotate(id))).toMatchObject({ message })
    expect(await refusal(keys.as(alice).create({ name: 'x' }))).toMatchObject({ message })
    const refused = 'REAUTHENTICATION_REQUIRED'
    expect(await toldTo(keys)).toEqual([
      { action: 'create', keyId: null, owner: ALICE, refused },
      { action: 'rotate', keyId: id, owner: ALICE, refused },
    ])
  })
})

describe('a key that is refused', () => {
  it('is told which permission it lacks, where one would help', async () => {
    const keys = testKeys()
    const { apiKey, face } = await holder(keys, { permissions: ['reports:read'] })
    const messageOf = async (act: Promise<unknown>) => (await refusal(act)).message
    expect(await messageOf(face.create({ name: 'x' }))).toBe(
      'This key may not create keys; that needs api-keys:create.',
    )
    expect(await messageOf(face.purge(apiKey.id))).toBe('This key may not purge keys.')
    expect(await toldTo(keys)).toEqual([
      { action: 'purge', keyId: apiKey.id, owner: ALICE, refused: 'FORBIDDEN' },
      { action: 'create', keyId: null, owner: ALICE, refused: 'FORBIDDEN' },
    ])
  })

  it('is told what it may not do to a weaker key', async () => {
    const keys = testKeys()
    const { face } = await holder(keys, { permissions: ['api-keys:*'] })
    const weaker = (await keys.as(alice).create({ name: 'weaker' })).apiKey
    const error = await refusal(face.rotate(weaker.id))
    expect(error.message).toBe('This key may not rotate that key.')
    expect(error.errors).toBeUndefined()
  })

  it('is told in what a key would be more than itself, all of it', async () => {
    const keys = testKeys()
    const { face } = await holder(keys, { permissions: ['api-keys:*'], expiresIn: '90d' })
    const wider = { permissions: ['exports:run'], expiresIn: '91d' } as const
    const error = await refusal(face.create({ name: 'child', ...wider }))
    expect(error.message).toBe('A key manages only keys that are weaker than itself: permissions, expiresAt.')
    expect(error.errors).toEqual([
      { path: 'permissions', message: 'must be within the key that acts' },
      { path: 'expiresAt', message: 'must be within the key that acts' },
    ])

    const { id } = (await face.create({ name: 'child' })).apiKey
    expect((await refusal(face.update(id, wider))).code).toBe('FORBIDDEN')
    expect(await toldTo(keys)).toEqual([
      { action: 'update', keyId: id, owner: ALICE, refused: 'FORBIDDEN' },
      { action: 'create', keyId: null, owner: ALICE, refused: 'FORBIDDEN' },
    ])
  })
})
