/** What the sweep does for balances: it tells the audit what dead processes have not, and leaves no account without a key. */
import { newEventId } from '../../src/manage/event-id.js'
import { aKey, anEvent } from '../../src/store/contract-data.js'
import { testKeys } from '../support/keys.js'
import { overEveryStore } from '../support/stores.js'
import { pass, stopTime, sweepAll, watched } from './sweeping.js'

const HOUR = 3_600_000
const NEVER = { refill: null, since: new Date(0) }

beforeEach(() => stopTime())
afterEach(() => jest.useRealTimers())

overEveryStore('the sweep', store => {
  async function start() {
    const own = watched(store())
    const keys = testKeys({ store: own.store })
    await keys.list({ limit: 1 }) // from its first use on it sweeps
    return { keys, own }
  }
  const of = async (id: string) => (await store().credits.of([id]))[0]

  it('tells once of changes of balances that a process has left behind', async () => {
    const { keys, own } = await start()
    const heard: unknown[] = []
    keys.on('updated', ({ audit }) => heard.push(audit.id))
    const { id } = (await keys.create({ name: 'k', owner: { id: 'alice' }, credits: { balance: 1 } })).apiKey
    const event = anEvent({ id: newEventId(Date.now()), keyId: id, action: 'credits' }, Date.now())
    await store().credits.change(id, { add: 2 }, NEVER, event)
    pass(61_000)
    await sweepAll(own)
    const told = (await keys.audit({ keyId: id, action: 'credits' })).data
    expect(told).toMatchObject([{ id: event.id, changes: { balance: { from: 1, to: 3 } } }])
    expect(heard).toEqual([event.id])
    expect((await of(id))?.outbox).toEqual([])
  })

  it('removes the account of a key that never came, and none that is about to have one', async () => {
    const { own } = await start()
    const at = new Date()
    const [lost, there] = [aKey(), aKey()]
    await store().insert(there)
    for (const { id } of [lost, there]) await store().credits.open(id, 5, NEVER, at)
    pass(HOUR - 120_000)
    await sweepAll(own)
    expect(await of(lost.id)).toBeDefined()
    pass(240_000)
    await sweepAll(own)
    expect(await of(lost.id)).toBeUndefined()
    expect((await of(there.id))?.balance).toBe(5)
    expect(await store().credits.unconfirmed(new Date(Date.now() + HOUR), 10)).toEqual([])
  })

  it('purges the account with a key that was deleted long ago', async () => {
    const { keys, own } = await start()
    const { id } = (await keys.create({ name: 'k', owner: { id: 'alice' }, credits: { balance: 1 } })).apiKey
    await keys.delete(id)
    pass(31 * 24 * HOUR)
    await sweepAll(own)
    expect(await store().find(id)).toBeNull()
    expect(await of(id)).toBeUndefined()
  })
})
