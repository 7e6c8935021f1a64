/** Whatever is done and wherever a token is written: none is in the audit, nor a hash. */
import type { ApiKeysOptions } from 'sidekey'
import { EVENT_NAMES } from '../../src/manage/events.js'
import {
  alice,
  mallory,
  refusal,
  type TestKeys,
  type TestPermission,
  type TestUser,
  testKeys,
} from '../support/keys.js'
import { overEveryStore } from '../support/stores.js'

/** The secret part and the checksum. */
const SECRET_LENGTH = 49

type Options = Partial<ApiKeysOptions<TestPermission, TestUser>>

overEveryStore('secrets and the audit', store => {
  /** Everything that was kept, as it is in the store, and as callers see it. */
  async function everythingTold(keys: TestKeys): Promise<string> {
    const stored = await store().events({ limit: 1000 })
    const shown = (await keys.audit({ limit: 100 })).data
    return JSON.stringify([stored, shown])
  }

  it.each<[string, Options]>([
    ['SHA-256', {}],
    ['HMAC', { pepper: { current: 'x'.repeat(32) } }],
    ['bcrypt', { hash: 'bcrypt', bcryptCost: 10 }],
  ])('holds no token and no hash, whatever is done (%s)', async (_which, options) => {
    const keys = testKeys({ store: store(), ...options })
    const heard: string[] = []
    for (const name of EVENT_NAMES) keys.on(name, event => heard.push(JSON.stringify(event.audit)))
    const { apiKey, token: old } = await keys.as(alice).create({ name: 'CI' })
    const { id } = apiKey
    const { token } = await keys.as(alice).rotate(id)
    const both = `${old} and ${token}`
    const request = {
      ip: old,
      id: token,
      headers: { 'user-agent': `curl ${both}`, 'x-request-id': token, authorization: `Bearer ${token}` },
    }
    const face = keys.as(alice, request)
    await face.update(id, {
      name: old,
      description: both,
      metadata: { text: both, list: [{ token }] },
    })
    await face.update(id, { enabled: false })
    await face.update(id, { enabled: true, name: 'CI', description: null, metadata: {} })
    await refusal(keys.as(mallory, request).revoke(id))
    await face.lookup(token)
    await face.revoke(id, { reason: `found ${both}` })
    await face.delete(id)
    await keys.purge(id)
    const told = (await everythingTold(keys)) + heard.join()
    expect(told.includes('[redacted]')).toBe(true)
    for (const one of [old, token]) expect(told.includes(one.slice(-SECRET_LENGTH))).toBe(false)
    expect(/\$(sha256|hmac-sha256|2b)\$/.test(told)).toBe(false)
    await keys.close()
  })
})

describe('what a client writes', () => {
  const toldOf = async (userAgent: string) => {
    const keys = testKeys()
    const { token } = await keys.as(alice).create({ name: 'CI' })
    const headers = { 'user-agent': userAgent.replace('TOKEN', token).replace('HALF', token.slice(0, 40)) }
    const rest = token.slice(40)
    headers['user-agent'] = headers['user-agent'].replace('REST', rest)
    await keys.as(alice, { headers }).create({ name: 'another' })
    const [event] = (await keys.audit({ action: 'create' })).data
    return { told: event?.userAgent ?? '', secret: token.slice(-SECRET_LENGTH) }
  }

  it.each([
    ['at its beginning', 'TOKEN'],
    ['where it is cut', `${'x'.repeat(230)} TOKEN`],
    ['behind what is cut', `${'x'.repeat(1000)} TOKEN`],
    ['twice', 'TOKEN,TOKEN'],
  ])('holds no token %s', async (_where, userAgent) => {
    const { told, secret } = await toldOf(userAgent)
    expect(told).not.toContain(secret)
    expect(told.length).toBeLessThanOrEqual(256)
  })

  it('holds no token that has a control character in it, which is taken out', async () => {
    const { told, secret } = await toldOf('HALF\u0085REST')
    expect(told).not.toContain(secret)
  })
})
