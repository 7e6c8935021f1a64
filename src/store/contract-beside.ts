/** What every store promises of what is kept beside the records: names that lead to keys, and last uses. */
import assert from 'node:assert/strict'
import { aKey } from './contract-data.js'
import type { DeclarePromise } from './contract-suite.js'
import type { Alias } from './store.js'

export function besidePromises(promise: DeclarePromise): void {
  promise(
    'gives an alias to the first of many that claim it at once, and tells the others whose it is',
    async store => {
      const rivals = Array.from({ length: 10 }, (_, i) => anAlias('shared', `key ${i}`))
      const answers = await Promise.all(rivals.map(alias => store.claimAlias(alias)))
      const [first] = answers
      for (const answer of answers) assert.deepEqual(told(answer), told(first))
      assert.ok(rivals.some(({ keyId }) => keyId === first?.keyId))
      const other = anAlias('other', 'key')
      assert.deepEqual(told(await store.claimAlias(other)), told(other))
    },
  )

  promise('takes an alias away only from the key that it leads to', async store => {
    await store.claimAlias(anAlias('shared', 'mine'))
    await store.releaseAlias('shared', 'theirs')
    assert.equal((await store.claimAlias(anAlias('shared', 'theirs'))).keyId, 'mine')
    await store.releaseAlias('shared', 'mine')
    assert.equal((await store.claimAlias(anAlias('shared', 'theirs'))).keyId, 'theirs')
  })

  promise('gives several aliases at once, each to the first that claims it', async store => {
    await store.claimAlias(anAlias('b', 'first'))
    const rivals = [0, 1, 2].map(i => ['a', 'b', 'c'].map(id => anAlias(id, `rival ${i}`)))
    const answers = await Promise.all(rivals.map(wanted => store.claimAliases(wanted)))
    for (const answer of answers) {
      assert.deepEqual(
        answer.map(({ id }) => id),
        ['a', 'b', 'c'],
      )
      assert.deepEqual(answer.map(told), answers[0]?.map(told))
    }
    assert.equal(answers[0]?.[1]?.keyId, 'first')
    assert.deepEqual(await store.claimAliases([]), [])
  })

  promise('finds an alias by its id, and keeps one without an end', async store => {
    assert.equal(await store.findAlias('token'), null)
    const alias = { ...anAlias('token', 'key'), expireAt: null }
    await store.claimAlias(alias)
    assert.deepEqual(told((await store.findAlias('token')) ?? undefined), told(alias))
    const later = { ...anAlias('token', 'other'), at: new Date(5e12) }
    assert.equal((await store.claimAlias(later)).keyId, 'key')
    const [again] = await store.claimAliases([later])
    assert.equal(again?.keyId, 'key')
    assert.equal(again?.expireAt, null)
  })

  promise('marks an alias as one of a key that is gone, and gives it to nobody else', async store => {
    await store.claimAlias({ ...anAlias('token', 'key'), expireAt: null })
    await store.retireAlias('token', 'other')
    assert.equal((await store.findAlias('token'))?.retired ?? false, false)
    await store.retireAlias('token', 'key')
    assert.equal((await store.findAlias('token'))?.retired, true)
    const claimed = await store.claimAlias(anAlias('token', 'other'))
    assert.deepEqual([claimed.keyId, claimed.retired], ['key', true])
    await store.retireAlias('none', 'key')
    assert.equal(await store.findAlias('none'), null)
  })

  promise('adds several keys, and tells which were not there', async store => {
    const [a, b, c] = [aKey({ name: 'a' }), aKey({ name: 'b' }), aKey({ name: 'c' })]
    await store.insert(b)
    assert.deepEqual((await store.insertMany([a, { ...b, name: 'other' }, c])).sort(), [a.id, c.id].sort())
    assert.equal((await store.find(b.id))?.name, 'b')
    assert.equal((await store.find(c.id))?.name, 'c')
    assert.deepEqual(await store.insertMany([]), [])
  })

  promise('remembers the last use of a key, in whatever order uses are noted', async store => {
    const use = (keyId: string, ms: number) => ({ keyId, at: new Date(ms) })
    for (const id of ['a', 'b']) await store.insert(aKey({ id }))
    await store.recordUses([use('a', 2000), use('b', 1000)])
    await Promise.all([store.recordUses([use('a', 1000)]), store.recordUses([use('b', 3000)])])
    const uses = await store.lastUses(['b', 'a', 'never used'])
    assert.deepEqual(uses.map(({ keyId, at }) => `${keyId} ${at.getTime()}`).sort(), ['a 2000', 'b 3000'])
    await store.recordUses([])
    // Nothing is kept of a key that is gone, whoever is late to note it.
    await store.recordUses([use('gone', 1000), use('a', 4000)])
    assert.deepEqual(
      (await store.lastUses(['gone', 'a'])).map(({ keyId }) => keyId),
      ['a'],
    )
    assert.deepEqual(await store.lastUses([]), [])
  })

  promise(
    'remembers from what address the last use was, and no address that is not to be kept',
    async store => {
      const use = (ms: number, ip?: string | null) => ({
        keyId: 'a',
        at: new Date(ms),
        ...(ip !== undefined && { ip }),
      })
      const ip = async () => (await store.lastUses(['a']))[0]?.ip
      await store.insert(aKey({ id: 'a' }))
      await store.recordUses([use(2000, '192.0.2.1')])
      assert.equal(await ip(), '192.0.2.1')
      await store.recordUses([use(1000, '$at')])
      assert.equal(await ip(), '192.0.2.1')
      await store.recordUses([use(3000, '$at')])
      assert.equal(await ip(), '$at')
      await store.recordUses([use(4000, null)])
      assert.equal(await ip(), null)
      await store.recordUses([use(5000)])
      assert.equal(await ip(), undefined)
      assert.equal((await store.lastUses(['a']))[0]?.at.getTime(), 5000)
    },
  )
}

function anAlias(id: string, keyId: string): Alias {
  return { id, keyId, digest: 'of what was asked', at: new Date(1000), expireAt: new Date(4e12) }
}

function told(alias: Alias | undefined): unknown[] {
  return [alias?.id, alias?.keyId, alias?.digest, alias?.at.getTime(), alias?.expireAt?.getTime()]
}
