import type { ApiKey, ChangeOptions } from 'sidekey'
import { alice, bob, refusalCode, refusedFields, type TestKeys, testKeys } from '../support/keys.js'

type Change = (keys: TestKeys, key: ApiKey, options: ChangeOptions) => Promise<unknown>

const CHANGES: readonly (readonly [name: string, change: Change])[] = [
  ['update', (keys, { id }, options) => keys.update(id, { name: 'n' }, options)],
  ['transfer', (keys, { id }, options) => keys.transfer(id, { id: 'bob' }, options)],
  ['rotate', (keys, { id }, options) => keys.rotate(id, options)],
  ['revoke', (keys, { id }, options) => keys.revoke(id, options)],
  ['delete', (keys, { id }, options) => keys.delete(id, options)],
  ['restore', (keys, { id }, options) => keys.restore(id, options)],
  ['purge', (keys, { id }, options) => keys.purge(id, options)],
]

describe.each(CHANGES)('%s with ifVersion', (name, change) => {
  async function subject() {
    const keys = testKeys()
    const made = (await keys.as(alice).create({ name: 'k' })).apiKey
    const key = name === 'restore' ? await keys.delete(made.id) : made
    return { keys, key }
  }

  it('is done where the record has that version', async () => {
    const { keys, key } = await subject()
    await change(keys, key, { ifVersion: key.version })
  })

  it('is refused where it has another, and leaves the record as it is', async () => {
    const { keys, key } = await subject()
    expect(await refusalCode(change(keys, key, { ifVersion: key.version + 1 }))).toBe('VERSION_MISMATCH')
    const [after] = (await keys.list({ status: ['active', 'deleted', 'revoked'] })).data
    expect(after).toMatchObject({ version: key.version, status: key.status })
  })

  it('takes a whole number, and no option that there is not', async () => {
    const { keys, key } = await subject()
    for (const [options, path] of [
      [{ ifVersion: '1' }, 'ifVersion'],
      [{ ifVersion: 1.5 }, 'ifVersion'],
      [{ ifversion: 1 }, 'ifversion'],
    ] as const) {
      expect(await refusedFields(change(keys, key, options as never))).toEqual([path]) // what no type lets by
    }
  })
})

it('tells nobody the version of a key that they may not see', async () => {
  const keys = testKeys()
  const { id } = (await keys.as(alice).create({ name: 'k' })).apiKey
  expect(await refusalCode(keys.as(bob).revoke(id, { ifVersion: 9 }))).toBe('NOT_FOUND')
})
