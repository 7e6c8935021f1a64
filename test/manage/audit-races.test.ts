/** However many processes change, drain and sweep the same keys at once: what was done is told once, and nothing else. */
import { type KeyEvent, SidekeyError } from 'sidekey'
import { EVENT_NAMES } from '../../src/manage/events.js'
import { alice, type TestKeys, testKeys } from '../support/keys.js'
import { overEveryStore } from '../support/stores.js'

overEveryStore('the audit under contention', store => {
  const PROCESSES = 3
  let processes: TestKeys[]
  beforeEach(() => {
    processes = Array.from({ length: PROCESSES }, () => testKeys({ store: store() }))
  })
  afterEach(() => Promise.all(processes.map(keys => keys.close())))

  const by = (i: number) => processes[i % PROCESSES] as TestKeys

  /** Takes events out of records and tells them, as often as it can, until `work` is done. */
  async function whileDraining<T>(work: Promise<T>): Promise<T> {
    let isDone = false
    const drain = async () => {
      while (!isDone) {
        const keys = await store().pending(new Date(Date.now() + 60_000), 10)
        await store().appendEvents(
          keys.flatMap(({ outbox }) => outbox.map(event => ({ ...event, expireAt: null }))),
        )
        await store().clearOutboxes(
          keys.map(({ id, outbox }) => ({ keyId: id, eventIds: outbox.map(event => event.id) })),
        )
        await new Promise(setImmediate)
      }
    }
    const draining = drain()
    try {
      return await work
    } finally {
      isDone = true
      await draining
    }
  }

  it('tells each of many changes of one key once, in the order of its versions, and leaves none in the record', async () => {
    const { apiKey } = await by(0).as(alice).create({ name: 'v1' })
    const changes = Array.from({ length: 30 }, (_, i) =>
      by(i)
        .as(alice)
        .update(apiKey.id, { name: `change ${i}` }),
    )
    const changed = await whileDraining(Promise.all(changes))

    const events = (await by(0).audit({ keyId: apiKey.id, action: 'update', limit: 100 })).data
    const told = new Map(events.map(({ changes: { name } }) => [name?.to, name?.from]))
    expect(events).toHaveLength(30)
    // From each name to the next: one chain from the first to the last.
    const chain = ['v1']
    const names = [...changed].sort((a, b) => a.version - b.version).map(({ name }) => name)
    for (const name of names) {
      expect(told.get(name)).toBe(chain.at(-1))
      chain.push(name)
    }
    expect((await store().find(apiKey.id))?.outbox).toEqual([])
    expect(await store().pending(new Date(Date.now() + 60_000), 10)).toEqual([])
  })

  it('tells with the next change what a process that died before it has left', async () => {
    const { apiKey } = await by(0).as(alice).create({ name: 'CI' })
    await new Promise<void>(died => {
      const appendEvents = () => {
        died()
        return new Promise<never>(() => {})
      }
      const dying = testKeys({ store: { ...store(), appendEvents } })
      void dying.as(alice).update(apiKey.id, { tags: ['left'] })
    })
    const heard: KeyEvent[] = []
    by(1).on('updated', event => heard.push(event))
    await by(1).as(alice).update(apiKey.id, { name: 'Nightly' })
    const told = (await by(0).audit({ keyId: apiKey.id })).data.map(({ changes }) => Object.keys(changes))
    expect(told).toEqual([['name'], ['tags'], ['name', 'kind', 'owner']])
    expect(heard.map(({ audit }) => Object.keys(audit.changes))).toEqual([['tags'], ['name']])
    expect((await store().find(apiKey.id))?.outbox).toEqual([])
  })

  it('tells of a revocation, a purge and an update at once what has come of them', async () => {
    const heard: KeyEvent[] = []
    for (const keys of processes) for (const name of EVENT_NAMES) keys.on(name, event => heard.push(event))
    const made = await Promise.all(
      Array.from({ length: 10 }, (_, i) => by(i).as(alice).create({ name: 'k' })),
    )
    const outcomes = await Promise.all(
      made.flatMap(({ apiKey: { id } }, i) =>
        [
          by(i).update(id, { name: 'renamed' }),
          by(i + 1).revoke(id),
          by(i + 2).purge(id),
          by(i).purge(id),
        ].map(act => act.then(() => 'done', codeOf)),
      ),
    )
    for (const outcome of outcomes) expect(['done', 'NOT_FOUND', 'ALREADY_REVOKED']).toContain(outcome)
    for (const { apiKey } of made) {
      expect(await store().find(apiKey.id)).toBeNull()
      const told = (await by(0).audit({ keyId: apiKey.id })).data.map(({ action }) => action)
      expect(told[0]).toBe('purge')
      expect(told.at(-1)).toBe('create')
      expect(new Set(told).size).toBe(told.length)
    }
    const all = (await by(0).audit({ limit: 100 })).data
    expect(heard.map(({ audit }) => audit.id).sort()).toEqual(all.map(({ id }) => id).sort())
  })

  it('tells each key of two bulk revokes at once, once, and counts it once', async () => {
    const made = await Promise.all(
      Array.from({ length: 40 }, (_, i) => by(i).create({ name: `k${i}`, owner: { id: 'leaver' } })),
    )
    const results = await whileDraining(
      Promise.all([0, 1, 2].map(i => by(i).revokeAll({ owner: { id: 'leaver' } }, { reason: 'left' }))),
    )
    expect(results.reduce((sum, { revoked }) => sum + revoked, 0)).toBe(made.length)
    const { data } = await by(0).audit({ action: 'revoke', limit: 100 })
    expect(data.map(({ keyId }) => keyId).sort()).toEqual(made.map(({ apiKey }) => apiKey.id).sort())
  })
})

function codeOf(error: unknown): string {
  return error instanceof SidekeyError ? error.code : String(error)
}
