/** What the audit tells, and in which order; what it leaves out. */
import { type AuditEvent, memoryStore, type Store } from 'sidekey'
import { newEventId } from '../../src/manage/event-id.js'
import { alice, bob, carol, deputy, mallory, refusal, refusalCode, root, testKeys } from '../support/keys.js'

const acts = (events: readonly AuditEvent[]) => events.map(({ action }) => action).reverse()

describe('ids of events', () => {
  it('sort in the order in which they were made, within a millisecond too', () => {
    const ids = Array.from({ length: 2000 }, (_, i) => newEventId(1_700_000_000_000 + Math.floor(i / 500)))
    expect([...ids].sort()).toEqual(ids)
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('follow the clock also where it was set back', () => {
    const late = newEventId(1_700_000_000_001)
    const early = [newEventId(1_700_000_000_000), newEventId(1_700_000_000_000)]
    expect([late, ...early].sort()).toEqual([...early, late])
  })
})

describe('a page of the audit', () => {
  it('ends where the next begins, also while more comes, and with a filter that few events pass', async () => {
    const keys = testKeys()
    const { apiKey } = await keys.as(alice).create({ name: '0' })
    for (let i = 1; i <= 30; i++) {
      await keys.update(apiKey.id, { name: `${i}` })
      if (i % 10 === 0) await keys.as(alice).rotate(apiKey.id)
    }
    const pages: string[][] = []
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await keys.as(alice).audit({ action: 'rotate', limit: 2, ...(cursor && { cursor }) })
      pages.push(page.data.map(({ id }) => id))
      cursor = page.nextCursor
      await keys.as(alice).rotate(apiKey.id) // newer than all pages
    }
    expect(pages.map(page => page.length)).toEqual([2, 1])
    expect(pages.flat()).toEqual([...new Set(pages.flat())].sort().reverse())
  })

  it('takes a cursor only for the query that it came from', async () => {
    const keys = testKeys()
    for (let i = 0; i < 3; i++) await keys.as(alice).create({ name: `${i}` })
    const { nextCursor } = await keys.as(alice).audit({ limit: 1 })
    const cursor = nextCursor ?? ''
    const changed = [
      { action: 'create' },
      { refused: false },
      { owner: { id: 'alice' } },
      { from: new Date(1) },
    ] as const
    for (const query of changed)
      expect(await refusalCode(keys.as(alice).audit({ limit: 1, cursor, ...query }))).toBe('INVALID_INPUT')
    expect((await keys.as(alice).audit({ limit: 1, cursor })).data).toHaveLength(1)
  })
})

describe('who is told what', () => {
  it('shows a member no event of a colleague’s key, nor a key’s past to somebody who has lost it', async () => {
    const keys = testKeys()
    const { apiKey } = await keys.as(alice).create({ name: 'CI', organizationId: 'acme' })
    await keys.as(alice).update(apiKey.id, { name: 'Nightly' })
    expect((await keys.as(bob).audit({ organizationId: 'acme' })).data).toEqual([])
    await keys.as(deputy).transfer(apiKey.id, { id: 'bob' })
    expect((await keys.as(alice).audit()).data).toEqual([])
    expect(await refusalCode(keys.as(alice).audit({ keyId: apiKey.id }))).toBe('NOT_FOUND')
    const past = await keys.as(bob).audit({ keyId: apiKey.id, refused: false })
    expect(acts(past.data)).toEqual(['create', 'update', 'transfer'])
    const ofManager = await keys.as(carol).audit({ organizationId: 'acme', refused: false })
    expect(ofManager.data).toEqual(past.data)
  })

  it('shows nobody but admins what concerns no owner', async () => {
    const keys = testKeys()
    await refusal(keys.as(mallory).list({ all: true }))
    for (const user of [mallory, alice, carol]) expect((await keys.as(user).audit()).data).toEqual([])
    const [refused] = (await keys.as(root).audit({ all: true })).data
    expect(refused).toMatchObject({
      actor: { id: 'mallory' },
      action: 'read',
      refused: 'FORBIDDEN',
      owner: null,
    })
  })

  it('asks the app’s authorize of every key that there is', async () => {
    const asked: string[] = []
    const keys = testKeys({
      authorize: (actor, action, apiKey) => {
        if (action !== 'audit') return undefined
        asked.push(`${actor.id} ${apiKey.name}`)
        return apiKey.name === 'secret' ? 'deny' : undefined
      },
    })
    await keys.as(alice).create({ name: 'open' })
    const { apiKey } = await keys.as(alice).create({ name: 'secret' })
    const { data } = await keys.as(alice).audit()
    expect(data.map(({ changes }) => changes.name?.to)).toEqual(['open'])
    expect(await refusalCode(keys.as(alice).audit({ keyId: apiKey.id }))).toBe('FORBIDDEN')
    expect(new Set(asked)).toEqual(new Set(['alice open', 'alice secret']))
  })
})

describe('what is told of a change', () => {
  it('is one event for each act in it, with its own part of what has changed', async () => {
    const keys = testKeys()
    const { apiKey } = await keys.as(alice).create({ name: 'CI' })
    await keys.as(alice).update(apiKey.id, { enabled: false, name: 'Nightly', tags: ['x'] })
    const { data } = await keys.audit({ keyId: apiKey.id, limit: 2 })
    const told = new Map(data.map(({ action, changes }) => [action, changes]))
    expect(told).toEqual(
      new Map([
        ['disable', { enabled: { from: true, to: false } }],
        ['update', { name: { from: 'CI', to: 'Nightly' }, tags: { from: [], to: ['x'] } }],
      ]),
    )
  })

  it.each([
    ['is no update where only the switch was turned', { enabled: false, name: 'CI' }, ['create', 'disable']],
    ['is no enabling where it was on', { enabled: true, name: 'Nightly' }, ['create', 'update']],
  ])('%s', async (_what, patch, told) => {
    const keys = testKeys()
    const { apiKey } = await keys.as(alice).create({ name: 'CI' })
    await keys.as(alice).update(apiKey.id, patch)
    expect(acts((await keys.audit({ keyId: apiKey.id })).data)).toEqual(told)
  })

  it('is told where a higher rank switches off what is off already', async () => {
    const keys = testKeys()
    const { apiKey } = await keys.as(alice).create({ name: 'CI' })
    await keys.as(alice).update(apiKey.id, { enabled: false })
    await keys.as(root).update(apiKey.id, { enabled: false })
    await keys.as(root).update(apiKey.id, { enabled: false })
    const { data } = await keys.audit({ keyId: apiKey.id, action: 'disable' })
    expect(data.map(({ actor }) => actor.id)).toEqual(['root', 'alice'])
  })
})

describe('a purge that could not tell the audit', () => {
  it('is done by a repeat', async () => {
    const memory = memoryStore()
    let isAway = true
    const appendEvents: Store['appendEvents'] = events =>
      isAway ? Promise.reject(new Error('the store is away')) : memory.appendEvents(events)
    const { apiKey } = await testKeys({ store: memory }).as(alice).create({ name: 'CI' })
    const keys = testKeys({ store: { ...memory, appendEvents } })
    await expect(keys.purge(apiKey.id)).rejects.toThrow('the store is away')
    isAway = false
    await keys.purge(apiKey.id)
    expect(await memory.find(apiKey.id)).toBeNull()
    expect(acts((await keys.audit({ keyId: apiKey.id })).data)).toEqual(['create', 'purge'])
  })
})
