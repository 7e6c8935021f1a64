/** Tokens that were found: what is ended, and what goes on. Over every store. */
import { internalsOf } from '../../src/internals.js'
import { testKeys } from '../support/keys.js'
import { overEveryStore } from '../support/stores.js'

const REVOKE = () => 'revoke' as const
const PLACE = 'app.js:7'

overEveryStore('a token that was found', store => {
  async function open() {
    const keys = testKeys({ store: store() })
    const made = await keys.create({ name: 'k', owner: { id: 'alice' } })
    const report = (token: string, place = PLACE) =>
      internalsOf(keys).reportLeaks({}, [{ token, place }], REVOKE)
    return { keys, ...made, report }
  }

  it('ends its key', async () => {
    const { keys, token, report } = await open()
    expect(await report(token)).toMatchObject([{ did: 'revoked', apiKey: { status: 'revoked' } }])
    expect(await keys.verify(token)).toMatchObject({ code: 'KEY_REVOKED' })
  })

  it('and had been rotated away, ends at once, while the key goes on with its new one', async () => {
    const { keys, apiKey, token, report } = await open()
    const next = await keys.rotate(apiKey.id, { grace: '1h' })
    expect(await keys.verify(token)).toMatchObject({ ok: true })
    expect(await report(token)).toMatchObject([{ did: 'ended', apiKey: { id: apiKey.id, status: 'active' } }])
    expect(await keys.verify(token)).toMatchObject({ ok: false, code: 'KEY_INVALID' })
    expect(await keys.verify(next.token)).toMatchObject({ ok: true })
    const { data } = await keys.audit({ keyId: apiKey.id })
    expect(data.map(({ action }) => action)).toEqual(['leak', 'rotate', 'rotate', 'create'])
    expect(Object.keys(data[1]?.changes ?? {})).toEqual(['oldTokenEndsAt'])
  })

  it('and had ended before, changes nothing: an old report is no way to end a key', async () => {
    const { keys, apiKey, token, report } = await open()
    await keys.rotate(apiKey.id, { grace: '0s' })
    const { version } = (await keys.get(apiKey.id)) ?? {}
    expect(await report(token)).toMatchObject([{ did: 'ended' }])
    expect(await keys.get(apiKey.id)).toMatchObject({ status: 'active', version })
  })

  it('is told once for each place, in one line and without the token', async () => {
    const { keys, apiKey, token, report } = await open()
    await report(token, `https://example.com/?q=${token}\n\u001b[2Jmore`)
    await report(token, 'elsewhere')
    await report(token, 'elsewhere')
    const { data } = await keys.audit({ keyId: apiKey.id, action: 'leak' })
    expect(data.map(({ reason }) => reason).sort()).toEqual([
      'found: elsewhere',
      `found: https://example.com/?q=acme_test_${apiKey.id}_[redacted][2Jmore`,
    ])
    const { revoked } = (await keys.get(apiKey.id)) ?? {}
    expect(revoked?.reason).not.toContain(token.slice(-49))
  })

  it('among many ends them all', async () => {
    const keys = testKeys({ store: store() })
    const made = await Promise.all(
      Array.from({ length: 25 }, (_, i) => keys.create({ name: `k${i}`, owner: { id: 'alice' } })),
    )
    const found = made.map(({ token }, i) => ({ token, place: `f:${i}` }))
    const outcomes = await internalsOf(keys).reportLeaks({}, found, REVOKE)
    expect(outcomes.map(({ did }) => did)).toEqual(made.map(() => 'revoked'))
    for (const { token } of made) expect(await keys.verify(token)).toMatchObject({ code: 'KEY_REVOKED' })
  })

  it('and that another system has made ends its key, and is not said again in the place either', async () => {
    const token = `old_${'q/'.repeat(14)}`
    const keys = testKeys({ store: store(), imported: [{ source: 'old', prefix: 'old_' }] })
    await keys.import([{ source: 'old', token, owner: { id: 'alice' } }])
    await keys.verify(token) // hashed anew
    const place = `https://example.com/?a=${token}&b=${encodeURIComponent(token)}`
    expect(await internalsOf(keys).reportLeaks({}, [{ token, place }], REVOKE)).toMatchObject([
      { did: 'revoked', apiKey: { status: 'revoked' } },
    ])
    expect(await keys.verify(token)).toMatchObject({ code: 'KEY_REVOKED' })
    const { data } = await keys.audit({})
    expect(data.map(({ reason }) => reason)).toContain(
      'found: https://example.com/?a=[redacted]&b=[redacted]',
    )
    expect(JSON.stringify([data, (await keys.list({ status: 'revoked' })).data])).not.toMatch(/q(\/|%2F)q/)
  })

  it('of a key that is deleted ends it too, so that nobody restores it', async () => {
    const { keys, apiKey, token, report } = await open()
    await keys.delete(apiKey.id)
    await report(token)
    await keys.restore(apiKey.id)
    expect(await keys.get(apiKey.id)).toMatchObject({ status: 'revoked' })
  })
})
