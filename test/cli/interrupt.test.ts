/** Ctrl-C in the midst of a long change: what is begun is finished and told to all, and a repeat goes on. */

import { apiKeys } from 'sidekey'
import { mongooseStore } from 'sidekey/mongoose'
import { databaseWithUri, ended, json, run, start } from './support.js'

jest.setTimeout(120_000)

const KEYS = 450

it('leaves nothing half done, and says how to go on', async () => {
  const database = await databaseWithUri()
  const store = mongooseStore(database.connection)
  const keys = apiKeys({ prefix: 'acme_test', store, cache: false })
  const making = async () => {
    for (let i = 0; i < KEYS / 10; i++) await keys.create({ name: 'k', owner: { id: 'leaver' } })
  }
  try {
    await keys.ready()
    await Promise.all(Array.from({ length: 10 }, making))
    const records = database.connection.collection('sidekey_keys')
    const env = { MONGODB_URI: database.address }
    const revoke = ['revoke', '--owner', 'leaver', '--yes', '--json']

    const child = start(revoke, { env })
    const over = ended(child)
    while ((await records.countDocuments({ state: 'revoked' })) === 0) if (child.exitCode !== null) break
    child.kill('SIGINT')
    const stopped = await over
    expect(stopped.code).toBe(130)
    const { error } = JSON.parse(stopped.stderr.split('\n').at(-2) ?? '') as { error: { message: string } }
    const revoked = await records.countDocuments({ state: 'revoked' })
    expect(error.message).toContain(`${revoked} revoked`)
    expect(revoked).toBeGreaterThan(0)
    expect(revoked).toBeLessThan(KEYS)
    // Each that is revoked has been told of: no outbox is left.
    expect(await records.countDocuments({ state: 'revoked', 'outbox.0': { $exists: true } })).toBe(0)

    expect(json(await run(revoke, { env }))).toEqual({ revoked: KEYS - revoked })
  } finally {
    await keys.close()
    await database.drop()
  }
})
