/** What every store promises of lists of keys. */
import assert from 'node:assert/strict'
import { newKeyId } from '../key/token.js'
import { aKey, alice, bob, EVERYTHING, ids, insertAll, plain } from './contract-data.js'
import type { DeclarePromise } from './contract-suite.js'
import type { KeyQuery } from './store.js'

export function listPromises(promise: DeclarePromise): void {
  promise('lists newest first, and goes on where a page ended', async store => {
    const keys = await insertAll(
      store,
      [1, 2, 3, 4, 5].map(n => aKey({}, n)),
    )
    const newestFirst = keys.map(key => key.id).reverse()
    const first = await store.list({ ...EVERYTHING, limit: 2 })
    assert.deepEqual(ids(first), newestFirst.slice(0, 2))
    const rest = await store.list({ ...EVERYTHING, before: first[1]?.id ?? '', limit: 10 })
    assert.deepEqual(ids(rest), newestFirst.slice(2))
  })

  promise('lists by owner (type and id both), organisation, parent, kind, tag, text and ids', async store => {
    const parent = newKeyId(1)
    const [mine, , , ours, child] = await insertAll(store, [
      aKey({ owner: alice, name: 'Nightly build', kind: 'secret', tags: ['ci', 'x'] }, 1),
      aKey({ owner: bob }, 2),
      aKey({ owner: { type: 'organization', id: 'alice' } }, 3),
      aKey({ owner: bob, organizationId: 'acme', kind: 'publishable' }, 4),
      aKey({ owner: bob, parentId: parent }, 5),
    ])
    const found = async (query: Partial<KeyQuery>) => ids(await store.list({ ...EVERYTHING, ...query }))
    assert.deepEqual(await found({ owners: [alice] }), ids([mine]))
    assert.equal((await found({ owners: [alice, bob] })).length, 4)
    assert.deepEqual(await found({ organizationId: 'acme' }), ids([ours]))
    assert.deepEqual(await found({ parentId: parent }), ids([child]))
    assert.deepEqual(await found({ kind: 'publishable' }), ids([ours]))
    assert.deepEqual(await found({ tag: 'ci' }), ids([mine]))
    assert.deepEqual(await found({ text: 'BUILD' }), ids([mine]))
    assert.deepEqual(await found({ text: 'b.ild' }), [])
    assert.deepEqual(await found({ ids: ids([mine, child]) }), ids([child, mine]))
    assert.deepEqual(await found({ owners: [bob], organizationId: 'acme', kind: 'secret' }), [])
  })

  promise('tells owners apart whatever signs are in their ids', async store => {
    const odd = [
      { type: 'user', id: 'a:b' },
      { type: 'user', id: '"a"' },
      { type: 'user', id: '$a.b' },
    ]
    await insertAll(
      store,
      odd.map((owner, i) => aKey({ owner }, i + 1)),
    )
    for (const owner of odd) {
      const [key, ...more] = await store.list({ ...EVERYTHING, owners: [owner] })
      assert.deepEqual(plain(key?.owner), plain(owner))
      assert.equal(more.length, 0)
    }
  })

  promise('lists by status at a time', async store => {
    const now = 1_000_000
    const off = { at: new Date(1), by: null, rank: 'owner' as const }
    const [active, disabled, revoked, expired, scheduled, deleted] = await insertAll(store, [
      aKey({ expiresAt: new Date(now + 1), notBefore: new Date(now) }, 1),
      aKey({ disabled: off, expiresAt: new Date(1) }, 2),
      aKey({ revoked: { at: new Date(1), by: null, reason: null }, disabled: off }, 3),
      aKey({ expiresAt: new Date(now) }, 4),
      aKey({ notBefore: new Date(now + 1) }, 5),
      aKey({ deleted: off, revoked: { at: new Date(1), by: null, reason: null } }, 6),
    ])
    const by = async (...statuses: KeyQuery['statuses']) =>
      ids(await store.list({ ...EVERYTHING, now, statuses }))
    assert.deepEqual(await by('active'), ids([active]))
    assert.deepEqual(await by('disabled'), ids([disabled]))
    assert.deepEqual(await by('revoked'), ids([revoked]))
    assert.deepEqual(await by('expired'), ids([expired]))
    assert.deepEqual(await by('scheduled'), ids([scheduled]))
    assert.deepEqual(await by('deleted'), ids([deleted]))
    assert.deepEqual(await by('active', 'deleted'), ids([deleted, active]))
    assert.deepEqual(await by('expired', 'disabled', 'scheduled'), ids([scheduled, expired, disabled]))
    assert.equal((await by('active', 'disabled', 'revoked', 'expired', 'scheduled')).length, 5)
  })

  promise('lists by when keys end and when they were deleted', async store => {
    const at = (ms: number) => new Date(ms)
    const gone = (ms: number) => ({ at: at(ms), by: null, rank: 'owner' as const })
    const [, first, second, third, longAgo, late] = await insertAll(store, [
      aKey({}, 1),
      aKey({ expiresAt: at(1000) }, 2),
      aKey({ expiresAt: at(2000) }, 3),
      aKey({ expiresAt: at(3000) }, 4),
      aKey({ deleted: gone(1000), expiresAt: at(9000) }, 5),
      aKey({ deleted: { ...gone(2000), forGood: true } }, 6),
    ])
    const found = async (query: Partial<KeyQuery>) => ids(await store.list({ ...EVERYTHING, ...query }))
    assert.deepEqual(await found({ expiresAfter: at(1000), expiresBy: at(3000) }), ids([third, second]))
    assert.deepEqual(await found({ expiresAfter: at(2000) }), ids([longAgo, third]))
    assert.deepEqual(await found({ expiresBy: at(2000) }), ids([second, first]))
    assert.deepEqual(await found({ deletedBefore: at(2000) }), ids([longAgo]))
    assert.deepEqual(await found({ deletedBefore: at(2001) }), ids([late, longAgo]))
    assert.deepEqual(await found({ deletedBefore: at(2001), expiresAfter: at(1) }), ids([longAgo]))
    assert.deepEqual(plain((await store.find(late?.id ?? ''))?.deleted), plain(late?.deleted))
  })

  promise('lists keys that end when they are not used, by when they are to be looked at', async store => {
    const at = (ms: number) => new Date(ms)
    const idle = (checkAt: number, endedAt: number | null = null) => ({
      idle: {
        after: '90d',
        since: at(1),
        checkAt: at(checkAt),
        endedAt: endedAt === null ? null : at(endedAt),
      },
    })
    const [first, second, ended] = await insertAll(store, [
      aKey(idle(1000), 1),
      aKey(idle(2000), 2),
      aKey(idle(1000, 1500), 3),
      aKey({}, 4),
    ])
    const found = async (query: Partial<KeyQuery>) => ids(await store.list({ ...EVERYTHING, ...query }))
    assert.deepEqual(await found({ idleCheckBy: at(999) }), [])
    assert.deepEqual(await found({ idleCheckBy: at(1000) }), ids([first]))
    assert.deepEqual(await found({ idleCheckBy: at(2000) }), ids([second, first]))
    assert.deepEqual(await found({ statuses: ['expired'] }), ids([ended]))
    const before = await store.find(first?.id ?? '')
    await store.moveIdleChecks([{ keyId: first?.id ?? '', at: at(3000) }])
    await store.moveIdleChecks([])
    assert.deepEqual(await found({ idleCheckBy: at(2000) }), ids([second]))
    const after = await store.find(first?.id ?? '')
    assert.deepEqual(plain(after?.idle), plain({ ...before?.idle, checkAt: at(3000) }))
    assert.equal(after?.version, before?.version)
  })

  promise('looks at nothing of a key that may go unused for ever', async store => {
    const [key] = await insertAll(store, [aKey({}, 1)])
    await store.moveIdleChecks([{ keyId: key?.id ?? '', at: new Date(1000) }])
    assert.equal((await store.find(key?.id ?? ''))?.idle, null)
  })
}
