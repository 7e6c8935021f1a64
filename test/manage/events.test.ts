/** `keys.on`: each event once, in the process that told the audit, and nothing that a listener does harms. */
import { type KeyEvent, memoryStore, type Store } from 'sidekey'
import { EVENT_NAMES } from '../../src/manage/events.js'
import { alice, deputy, mallory, refusal, root, type TestKeys, testKeys } from '../support/keys.js'
import { overEveryStore } from '../support/stores.js'
import { pass, stopTime, sweepAll, watched } from './sweeping.js'

/** What is as old as this is left behind. */
const LEFT_BEHIND_MS = 5_001

/** Everything that a `keys` object tells its listeners. */
function listenedTo(keys: TestKeys): KeyEvent[] {
  const heard: KeyEvent[] = []
  for (const name of EVENT_NAMES) keys.on(name, event => heard.push(event))
  return heard
}
const typesOf = (events: readonly KeyEvent[]) => events.map(({ type }) => type)

overEveryStore('events', store => {
  let keys: TestKeys
  let other: TestKeys
  beforeEach(() => {
    keys = testKeys({ store: store() })
    other = testKeys({ store: store() })
  })
  afterEach(() => Promise.all([keys.close(), other.close()]))

  it('tells each act once, with record and audit entry, in the process that did it', async () => {
    const [heard, elsewhere] = [listenedTo(keys), listenedTo(other)]
    const { apiKey } = await keys.as(alice).create({ name: 'CI' })
    const { id } = apiKey
    await keys.as(alice).update(id, { name: 'Nightly', enabled: false })
    await keys.as(alice).update(id, { enabled: true })
    await keys.as(alice).rotate(id)
    await keys.as(deputy).transfer(id, { type: 'service', id: 'build' })
    await keys.as(root).revoke(id, { reason: 'left' })
    await keys.as(root).delete(id)
    await keys.as(root).restore(id)
    await keys.as(root).purge(id)
    await refusal(keys.as(mallory).create({ name: 'x', owner: { id: 'alice' } }))
    await keys.audit()
    expect(elsewhere).toEqual([])
    expect(typesOf(heard).filter(type => type !== 'refused')).toEqual([
      'created',
      ...['updated', 'updated'], // disabled, and renamed
      'updated',
      'rotated',
      'updated', // transferred
      'revoked',
      'deleted',
      'updated', // restored
      'deleted', // purged
    ])
    const audit = (await keys.audit({ limit: 100 })).data
    const told = new Map(audit.map(event => [event.id, event]))
    expect(heard).toHaveLength(audit.length)
    for (const event of heard) {
      // Who reads the audit is told besides what the key is called now.
      expect(told.get(event.audit.id)).toMatchObject(event.audit)
      if (event.type !== 'refused') expect(event.apiKey?.id).toBe(id)
    }
    const revoked = heard.find(({ type }) => type === 'revoked')
    expect(revoked).toMatchObject({
      apiKey: { status: 'revoked', owner: { type: 'service', id: 'build' } },
      audit: { action: 'revoke', actor: { id: 'root' }, reason: 'left' },
    })
    expect(JSON.stringify(heard)).not.toContain('$sha256$')
  })

  it('tells nothing of what changes nothing', async () => {
    const { apiKey } = await keys.as(alice).create({ name: 'CI' })
    await keys.as(alice).revoke(apiKey.id)
    const heard = listenedTo(keys)
    await keys.as(alice).revoke(apiKey.id)
    await keys.as(alice).restore(apiKey.id)
    expect(heard).toEqual([])
  })

  it('tells of each key of a bulk revoke', async () => {
    for (let i = 0; i < 3; i++) await keys.as(alice).create({ name: `k${i}` })
    const heard = listenedTo(keys)
    await keys.revokeAll({ owner: { id: 'alice' } })
    expect(typesOf(heard)).toEqual(['revoked', 'revoked', 'revoked'])
    expect(new Set(heard.map(({ apiKey }) => apiKey?.id)).size).toBe(3)
  })

  it('tells of a refusal with the key that was meant, and of no key where there is none', async () => {
    const { apiKey } = await keys.as(alice).create({ name: 'CI' })
    const heard = listenedTo(keys)
    await refusal(keys.as(mallory).revoke(apiKey.id))
    await refusal(keys.as(mallory).list({ all: true }))
    await keys.audit()
    const told = heard.map(({ type, apiKey: key, audit }) => [type, key?.id, audit.action, audit.refused])
    expect(told.sort()).toEqual(
      [
        ['refused', apiKey.id, 'revoke', 'NOT_FOUND'],
        ['refused', undefined, 'read', 'FORBIDDEN'],
      ].sort(),
    )
  })
})

describe('where a process stops halfway', () => {
  beforeEach(() => stopTime())
  afterEach(() => jest.useRealTimers())

  it('the one that sweeps tells its own listeners, and no other does', async () => {
    const memory = memoryStore()
    const stores = [watched(memory), watched(memory)]
    const heard: KeyEvent[] = []
    for (const { store } of stores) {
      const keys = testKeys({ store })
      for (const name of EVENT_NAMES) keys.on(name, event => heard.push(event))
      await keys.list() // from its first use on it sweeps
    }
    await diesBeforeTelling(memory)
    pass(LEFT_BEHIND_MS)
    await sweepAll(...stores)
    await sweepAll(...stores)
    expect(typesOf(heard)).toEqual(['created'])
    expect(heard[0]).toMatchObject({ apiKey: { name: 'CI' }, audit: { actor: { id: 'alice' } } })
  })

  it('what the audit was told is told to listeners too', async () => {
    const memory = memoryStore()
    let fails = true
    const clearOutboxes: Store['clearOutboxes'] = async drained => {
      if (fails) throw new Error('the store is away')
      return memory.clearOutboxes(drained)
    }
    const store = watched({ ...memory, clearOutboxes })
    const keys = testKeys({ store: store.store })
    const heard = listenedTo(keys)
    await keys.as(alice).create({ name: 'CI' })
    fails = false
    pass(LEFT_BEHIND_MS)
    await sweepAll(store)
    expect((await keys.audit()).data).toHaveLength(1)
    expect(typesOf(heard)).toEqual(['created'])
  })
})

/** A process makes a key, and dies before it has told the audit. */
function diesBeforeTelling(store: Store): Promise<void> {
  return new Promise(died => {
    const appendEvents = () => {
      died()
      return new Promise<never>(() => {})
    }
    void testKeys({ store: { ...store, appendEvents } })
      .as(alice)
      .create({ name: 'CI' })
  })
}
