/** What every store promises of the audit: events in the outbox of a record, and events that have been told. */
import assert from 'node:assert/strict'
import { newKeyId } from '../key/token.js'
import { aKey, alice, anEvent, bob, ids, insertAll, kept, plain } from './contract-data.js'
import type { DeclarePromise } from './contract-suite.js'
import type { EventQuery, Store } from './store.js'

export function auditPromises(promise: DeclarePromise): void {
  outboxPromises(promise)
  eventPromises(promise)
}

function outboxPromises(promise: DeclarePromise): void {
  promise(
    'keeps the outbox with the record, field for field, as it is inserted and replaced',
    async store => {
      const key = aKey({ outbox: [anEvent(DETAILED, 1)] })
      await store.insert(key)
      assert.deepEqual(plain(await store.find(key.id)), plain(key))
      const next = {
        ...key,
        version: 2,
        outbox: [...key.outbox, anEvent({}, 2), anEvent({ reason: 'x' }, 3)],
      }
      assert.equal(await store.replace(next, 1), true)
      assert.deepEqual(plain(await store.find(key.id)), plain(next))
      const other = { ...next, version: 2, outbox: [] }
      assert.equal(await store.replace(other, 1), false)
      assert.equal((await store.find(key.id))?.outbox.length, 3)
    },
  )

  promise('tells the keys with an event from before a time, at most so many', async store => {
    const [none, old, mixed, young, removed] = await insertAll(store, [
      aKey(),
      aKey({ outbox: [anEvent({}, 999)] }),
      aKey({ outbox: [anEvent({}, 5000), anEvent({}, 1)] }),
      aKey({ outbox: [anEvent({}, 1000)] }),
      aKey({ outbox: [anEvent({}, 1)] }),
    ])
    assert.equal(await store.remove(removed?.id ?? '', 1), true)
    const pending = async (before: number, limit = 10) =>
      (await store.pending(new Date(before), limit)).map(plain).sort(byId)
    assert.deepEqual(await pending(1000), [old, mixed].map(plain).sort(byId))
    assert.deepEqual(await pending(1001), [old, mixed, young].map(plain).sort(byId))
    assert.equal((await pending(1001, 2)).length, 2)
    assert.deepEqual(await pending(0), [])

    await store.clearOutboxes([{ keyId: old?.id ?? '', eventIds: ids(old?.outbox ?? []) }])
    assert.equal(await store.replace(aKey({ ...none, outbox: [anEvent({}, 1)], version: 2 }), 1), true)
    assert.deepEqual(ids(await store.pending(new Date(1000), 10)).sort(), ids([none, mixed]).sort())
  })

  promise('takes events out of outboxes: those that are named, and changes nothing else', async store => {
    const events = [1, 2, 3].map(at => anEvent({}, at))
    const [first, second, third] = await insertAll(
      store,
      [5, 6, 7].map(version =>
        aKey({ version, outbox: events.map(event => ({ ...event, id: newKeyId(1) })) }),
      ),
    )
    if (first === undefined || second === undefined || third === undefined) throw new Error('three were made')
    const [a, b, c] = first.outbox
    await store.clearOutboxes([
      { keyId: first.id, eventIds: ids([a, c]) },
      { keyId: second.id, eventIds: [...ids(second.outbox), newKeyId(1)] },
      { keyId: third.id, eventIds: ids(first.outbox) }, // another key's
      { keyId: newKeyId(1), eventIds: ids(first.outbox) },
    ])
    await store.clearOutboxes([])
    assert.deepEqual(plain(await store.find(first.id)), plain({ ...first, outbox: [b] }))
    assert.deepEqual(plain(await store.find(second.id)), plain({ ...second, outbox: [] }))
    assert.deepEqual(plain(await store.find(third.id)), plain(third))
  })

  promise('loses no event to a clearing at the same time as a change', async store => {
    const keys = await insertAll(
      store,
      Array.from({ length: 10 }, () => aKey({ outbox: [anEvent({}, 1)] })),
    )
    const added = anEvent({}, 2)
    const changes = await Promise.all(
      keys.flatMap(key => [
        store.replace({ ...key, version: 2, outbox: [...key.outbox, added] }, 1),
        store.clearOutboxes([{ keyId: key.id, eventIds: ids(key.outbox) }]),
      ]),
    )
    assert.equal(changes.filter(changed => changed === true).length, keys.length)
    for (const { id } of keys) {
      const found = await store.find(id)
      assert.equal(found?.version, 2)
      assert.equal(found?.outbox.at(-1)?.id, added.id)
    }
  })
}

function eventPromises(promise: DeclarePromise): void {
  promise('keeps an event field for field, as it was when it was told', async store => {
    const changes = { metadata: { from: { a: [1, null, { 'b.c': '$d' }] }, to: {} } }
    const events = [anEvent({ ...DETAILED, changes }, 2), anEvent(BARE, 1)]
    const expected = events.map(plain)
    await store.appendEvents(events.map(event => ({ ...event, expireAt: new Date(4e12) })))
    changes.metadata.from.a.length = 0
    assert.deepEqual((await store.events({ limit: 10 })).map(plain), expected)
  })

  promise('adds an event once, the first time, and tells which were added', async store => {
    const [a, b, c] = [anEvent({}, 1), anEvent({}, 2), anEvent({}, 3)].map(kept)
    if (a === undefined || b === undefined || c === undefined) throw new Error('three were made')
    assert.deepEqual(await store.appendEvents([]), [])
    assert.deepEqual((await store.appendEvents([a, b])).sort(), ids([a, b]).sort())
    assert.deepEqual(await store.appendEvents([a, b]), [])
    assert.deepEqual(await store.appendEvents([{ ...b, reason: 'another' }, c, { ...a, count: 7 }]), ids([c]))
    assert.deepEqual((await store.events({ limit: 10 })).map(plain), [c, b, a].map(bare).map(plain))
  })

  promise('adds each of the same events once, however many add them at once', async store => {
    const events = Array.from({ length: 20 }, (_, i) => kept(anEvent({}, i + 1)))
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, i) => store.appendEvents(events.slice(i, i + 12))),
    )
    assert.deepEqual(answers.flat().sort(), ids(events.slice(0, 19)).sort())
    assert.equal((await store.events({ limit: 100 })).length, 19)
  })

  promise(
    'lists events by key, actor, owner (type and id both), organisation, action and refusal',
    async store => {
      const keyId = newKeyId(7)
      const events = [
        anEvent({ keyId, action: 'revoke' }, 1),
        anEvent({ keyId, actor: { id: 'bob', via: 'key', keyId: newKeyId(1) }, refused: 'NOT_FOUND' }, 2),
        anEvent({ owner: bob, organizationId: 'acme' }, 3),
        anEvent({ owner: { type: 'organization', id: 'alice' }, organizationId: 'acme' }, 4),
        anEvent({ ...BARE, refused: 'FORBIDDEN' }, 5),
      ]
      await store.appendEvents(events.map(kept))
      const numbers = new Map(events.map(({ id }, i) => [id, i + 1]))
      const found = async (query: Partial<EventQuery>) =>
        (await store.events({ limit: 100, ...query })).map(({ id }) => numbers.get(id))
      assert.deepEqual(await found({}), [5, 4, 3, 2, 1])
      assert.deepEqual(await found({ keyId }), [2, 1])
      assert.deepEqual(await found({ actorId: 'bob' }), [2])
      assert.deepEqual(await found({ actorId: 'null' }), [])
      assert.deepEqual(await found({ owners: [alice] }), [2, 1])
      assert.deepEqual(await found({ owners: [alice, bob] }), [3, 2, 1])
      assert.deepEqual(await found({ owners: [{ type: 'organization', id: 'alice' }] }), [4])
      assert.deepEqual(await found({ owners: [] }), [])
      assert.deepEqual(await found({ organizationId: 'acme' }), [4, 3])
      assert.deepEqual(await found({ action: 'revoke' }), [1])
      assert.deepEqual(await found({ refused: true }), [5, 2])
      assert.deepEqual(await found({ refused: false }), [4, 3, 1])
      assert.deepEqual(await found({ organizationId: 'acme', owners: [bob], actorId: 'alice' }), [3])
      assert.deepEqual(await found({ keyId, refused: false, action: 'update' }), [])
    },
  )

  promise('lists events of a time, newest first, and goes on where a page ended', async store => {
    const times = [1000, 1999, 2000, 2001, 3000]
    await store.appendEvents(shuffled(times.map(at => kept(anEvent({}, at)))))
    const page = (query: EventQuery) => store.events(query)
    const found = async (query: Partial<EventQuery>) =>
      (await page({ limit: 100, ...query })).map(({ at }) => at.getTime())
    assert.deepEqual(await found({ from: new Date(2000) }), [3000, 2001, 2000])
    assert.deepEqual(await found({ to: new Date(2000) }), [1999, 1000])
    assert.deepEqual(await found({ from: new Date(1999), to: new Date(2001) }), [2000, 1999])
    assert.deepEqual(await found({ from: new Date(2002), to: new Date(3000) }), [])
    assert.deepEqual(await pagesOf(store, { limit: 2 }), [[3000, 2001], [2000, 1999], [1000]])
    assert.deepEqual(await pagesOf(store, { limit: 2, to: new Date(3000) }), [[2001, 2000], [1999, 1000], []])
    assert.deepEqual(await pagesOf(store, { limit: 2, from: new Date(1001) }), [
      [3000, 2001],
      [2000, 1999],
      [],
    ])
  })
}

/** An event that has something in every field. */
const DETAILED = {
  action: 'revoke',
  actor: { id: '$a.b:c', via: 'key', keyId: newKeyId(1) },
  organizationId: 'acme',
  changes: { name: { from: null, to: 'CI' }, tags: { from: ['x'], to: [] } },
  reason: 'left “acme”',
  refused: 'NOT_FOUND',
  count: 12,
  ip: '2001:db8::1',
  userAgent: 'curl/8',
  requestId: 'r-1',
} as const

/** An event that is about no key, by nobody that has an id. */
const BARE = { actor: { id: null, via: 'server' }, keyId: null, owner: null } as const

/** The times of all events, page by page. */
async function pagesOf(store: Store, query: EventQuery): Promise<number[][]> {
  const pages: number[][] = []
  for (let before: string | undefined; ; ) {
    const events = await store.events({ ...query, ...(before !== undefined && { before }) })
    pages.push(events.map(({ at }) => at.getTime()))
    before = events.at(-1)?.id
    if (events.length < query.limit) return pages
  }
}

function bare({ expireAt, ...event }: ReturnType<typeof kept>) {
  return event
}

function shuffled<T>([first, second, ...rest]: T[]): T[] {
  return [second, ...rest.reverse(), first].filter(one => one !== undefined)
}

function byId(a: unknown, b: unknown): number {
  return String(Reflect.get(Object(a), 'id')) < String(Reflect.get(Object(b), 'id')) ? -1 : 1
}
