/**
 * Makes keys with the real better-auth: `node better-auth-keys.mjs <folder of its packages> [mongodb uri] [db]`.
 * Prints { tokens, ids, rows }: the tokens that it has handed out, by name, and the rows of its table as JSON. In MongoDB the rows stay.
 */
import { ORGANIZATION, openBetterAuth, TEAMS, USER } from './better-auth-app.mjs'

const [folder, uri, dbName] = process.argv.slice(2)
const { auth, tables, close } = await openBetterAuth(folder, uri, dbName)
const userId = USER
const tokens = {}
const ids = {}
const make = async (name, more = {}) => {
  const made = await auth.api.createApiKey({ body: { userId, name, prefix: 'ba_', ...more } })
  tokens[name] = made.key
  ids[name] = made.id
}
await make('plain')
await make('permitted', { permissions: { reports: ['read', 'write'], exports: ['run'] } })
await make('limited', { rateLimitEnabled: true, rateLimitMax: 3, rateLimitTimeWindow: 3_600_000 })
await make('counted', { remaining: 2 })
await make('refilled', { remaining: 5, refillAmount: 100, refillInterval: 86_400_000 })
await make('ending', { expiresIn: 7 * 86_400 })
await make('described', { metadata: { team: 'data', nested: { a: [1, null] } } })
await make('off')
await auth.api.updateApiKey({ body: { keyId: ids.off, userId, enabled: false } })
// Of an organisation, which its members make.
const { adapter } = await auth.$context
const member = { userId, organizationId: ORGANIZATION, role: 'owner', createdAt: new Date() }
await adapter.create({ model: 'member', data: member })
await make('ofTeam', { configId: TEAMS, organizationId: ORGANIZATION })
// One of its own verifications, so that a row has been used.
await auth.api.verifyApiKey({ body: { key: tokens.plain } })

const rows = uri === undefined ? tables.apikey : []
process.stdout.write(JSON.stringify({ tokens, ids, rows }))
await close()
