/** What a store promises of changes and leases, where it has them: what keeps every process's memory true. */
import assert from 'node:assert/strict'
import { aKey } from './contract-data.js'
import type { DeclarePromise } from './contract-suite.js'
import type { ChangeEntry, Lease, LocalChanges, Named, SharedChanges, Store } from './store.js'

/** As many entries are kept, at least. */
const KEPT = 512

export function coherencePromises(promise: DeclarePromise): void {
  const shared = (what: string, check: (changes: SharedChanges) => Promise<void>) =>
    promise(what, async ({ changes }) => {
      if (changes?.kind === 'shared') await check(changes)
    })
  const local = (what: string, check: (changes: LocalChanges, store: Store) => Promise<void>) =>
    promise(what, async store => {
      if (store.changes?.kind === 'local') await check(store.changes, store)
    })

  shared('where changes are shared, tells of none before there is one', async changes => {
    assert.deepEqual(await changes.read(10), { tag: null, recent: [] })
    assert.deepEqual(await changes.tags(), [])
    assert.deepEqual(await changes.leases(), [])
  })

  shared('where changes are shared, hands back an entry as it was, owners too', async changes => {
    const owners = [
      { type: 'user', id: 'with:colons::in it' },
      { type: 'organization', id: 'org' },
    ]
    const whole: ChangeEntry = { tag: 'both', keyIds: ['k1', 'k2'], owners }
    await changes.publish(whole)
    assert.deepEqual(await changes.read(10), { tag: 'both', recent: [whole] })
    await changes.publish(anEntry('keys', ['k3']))
    await changes.publish({ tag: 'nothing', keyIds: [], owners: [] })
    const recent = [whole, anEntry('keys', ['k3']), { tag: 'nothing', keyIds: [], owners: [] }]
    assert.deepEqual(await changes.read(10), { tag: 'nothing', recent })
  })

  shared('where changes are shared, reads the newest entries, the oldest of them first', async changes => {
    for (const tag of ['a', 'b', 'c', 'd']) await changes.publish(anEntry(tag))
    const two = await changes.read(2)
    assert.equal(two.tag, 'd')
    assert.deepEqual(tagsOf(two.recent), ['c', 'd'])
    assert.deepEqual(tagsOf((await changes.read(100)).recent), ['a', 'b', 'c', 'd'])
    assert.deepEqual(await changes.read(0), { tag: 'd', recent: [] })
    assert.deepEqual(await changes.tags(), ['a', 'b', 'c', 'd'])
  })

  shared('where changes are shared, loses no entry of many that publish at once', async changes => {
    const rivals = Array.from({ length: 50 }, (_, i) => anEntry(`tag ${i}`, [`key ${i}`]))
    await Promise.all(rivals.map(entry => changes.publish(entry)))
    const { tag, recent } = await changes.read(100)
    assert.deepEqual(byTag(recent), byTag(rivals))
    assert.equal(tag, recent.at(-1)?.tag)
    assert.deepEqual(await changes.tags(), tagsOf(recent))
  })

  shared(
    'where changes are shared, tells a tag and its entry in one: no reader sees one alone',
    async changes => {
      let done = false
      const publishing = (async () => {
        for (let i = 0; i < 40; i++) await changes.publish(anEntry(`tag ${i}`))
        done = true
      })()
      while (!done) {
        const { tag, recent } = await changes.read(3)
        assert.equal(tag, recent.at(-1)?.tag ?? null)
      }
      await publishing
    },
  )

  shared('where changes are shared, keeps the newest 512 entries, in their order', async changes => {
    const published = Array.from({ length: KEPT + 8 }, (_, i) => `tag ${i}`)
    for (const tag of published) await changes.publish(anEntry(tag))
    const kept = await changes.tags()
    assert.ok(kept.length >= KEPT)
    assert.deepEqual(kept, published.slice(-kept.length))
    assert.deepEqual(tagsOf((await changes.read(KEPT)).recent), published.slice(-KEPT))
  })

  shared('where changes are shared, renews a lease: its tag is set, its beat rises', async changes => {
    await changes.insertLease(aLease('mine'))
    await changes.insertLease({ ...aLease('other'), tag: 'theirs', leaseMs: 500 })
    assert.equal(await changes.renewLease('mine', 'heard'), true)
    assert.deepEqual(await leasesOf(changes), [
      { id: 'mine', tag: 'heard', beat: 1, leaseMs: 2000 },
      { id: 'other', tag: 'theirs', beat: 0, leaseMs: 500 },
    ])
    assert.equal(await changes.renewLease('mine', null), true)
    assert.deepEqual((await leasesOf(changes))[0], { id: 'mine', tag: null, beat: 2, leaseMs: 2000 })
  })

  shared('where changes are shared, counts every renewal of many at once', async changes => {
    await changes.insertLease(aLease('mine'))
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, i) => changes.renewLease('mine', `${i}`)),
    )
    assert.ok(answers.every(Boolean))
    assert.equal((await changes.leases())[0]?.beat, 10)
  })

  shared('where changes are shared, never makes a lease by renewing', async changes => {
    assert.equal(await changes.renewLease('nobody', 'tag'), false)
    await changes.insertLease(aLease('gone'))
    await changes.removeLease('gone')
    assert.equal(await changes.renewLease('gone', 'tag'), false)
    assert.deepEqual(await changes.leases(), [])
  })

  shared('where changes are shared, takes a lease away only at the beat that was read', async changes => {
    await changes.insertLease(aLease('living'))
    await changes.insertLease(aLease('dead'))
    await changes.renewLease('living', 'tag')
    await changes.removeLease('living', 0)
    await changes.removeLease('dead', 0)
    assert.deepEqual(
      (await changes.leases()).map(({ id }) => id),
      ['living'],
    )
    await changes.removeLease('living', 1)
    await changes.removeLease('living')
    assert.deepEqual(await changes.leases(), [])
  })

  local(
    'where changes are local, tells of each write to a record as soon as it counts',
    async (changes, store) => {
      const key = aKey({ hash: '$sha256$old' })
      const seen: string[] = []
      let last: Promise<unknown> = Promise.resolve()
      changes.watch(({ keyIds, owners }) => {
        seen.push(...keyIds)
        assert.deepEqual(owners, [])
        last = store.find(key.id).then(found => found?.version ?? null)
      })
      await store.insert(key)
      assert.equal(await last, 1)
      await store.replace({ ...key, version: 2 }, 1)
      assert.equal(await last, 2)
      await store.rehash(key.id, '$sha256$old', '$sha256$new')
      await store.remove(key.id, 2)
      assert.equal(await last, null)
      assert.deepEqual(seen, [key.id, key.id, key.id, key.id])
    },
  )

  local('where changes are local, tells before the write has resolved', async (changes, store) => {
    const key = aKey()
    let told = false
    changes.watch(() => {
      told = true
    })
    await store.insert(key).then(() => assert.ok(told))
  })

  local(
    'where changes are local, tells of no write that did not happen, and of no drained outbox',
    async (changes, store) => {
      const key = aKey({ hash: '$sha256$old' })
      await store.insert(key)
      let told = 0
      changes.watch(() => told++)
      await store.insert(key)
      await store.replace({ ...key, version: 9 }, 8)
      await store.rehash(key.id, '$sha256$other', '$sha256$new')
      await store.remove(key.id, 8)
      await store.clearOutboxes([{ keyId: key.id, eventIds: ['event'] }])
      assert.equal(told, 0)
    },
  )

  local(
    'where changes are local, tells all who watch of what is published, until they stop',
    async changes => {
      const named: Named = { keyIds: ['k'], owners: [{ type: 'user', id: 'alice' }] }
      const seen: [string, Named][] = []
      const stop = changes.watch(one => seen.push(['first', one]))
      changes.watch(one => seen.push(['second', one]))
      changes.publish(named)
      stop()
      stop()
      changes.publish({ keyIds: [], owners: [] })
      assert.deepEqual(seen, [
        ['first', named],
        ['second', named],
        ['second', { keyIds: [], owners: [] }],
      ])
    },
  )
}

function anEntry(tag: string, keyIds: readonly string[] = [`key of ${tag}`]): ChangeEntry {
  return { tag, keyIds, owners: [] }
}

function aLease(id: string): Lease {
  return { id, tag: null, beat: 0, leaseMs: 2000 }
}

async function leasesOf(changes: SharedChanges): Promise<Lease[]> {
  return (await changes.leases()).sort((a, b) => (a.id < b.id ? -1 : 1))
}

function tagsOf(entries: readonly ChangeEntry[]): string[] {
  return entries.map(({ tag }) => tag)
}

function byTag(entries: readonly ChangeEntry[]): ChangeEntry[] {
  return [...entries].sort((a, b) => (a.tag < b.tag ? -1 : 1))
}
