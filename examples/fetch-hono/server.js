// A Hono app with a login of its own, by signed cookie. The lines that add API keys end in `// keys`.
import { randomBytes } from 'node:crypto'
import { serve } from '@hono/node-server'
import { getConnInfo } from '@hono/node-server/conninfo'
import { Hono } from 'hono'
import { getSignedCookie, setSignedCookie } from 'hono/cookie'
import { apiKeys, memoryStore } from 'sidekey' // keys
import { keyHandler, verifyRequest } from 'sidekey/fetch' // keys

const users = new Map([
  ['alice', { id: 'alice', role: 'user', may: ['reports:read', 'reports:write'] }],
  ['root', { id: 'root', role: 'admin', may: ['*'] }],
])
const secret = randomBytes(32).toString('hex')

const keys = apiKeys({
  prefix: 'acme_live',
  store: memoryStore(),
  permissions: ['reports:read', 'reports:write'],
  actor: user => ({ id: user.id, admin: user.role === 'admin' }),
  user: owner => users.get(owner.id),
  grants: owner => users.get(owner.id)?.may ?? null,
})

const app = new Hono()
app.use(async (c, next) => {
  c.set('user', users.get(await getSignedCookie(c, secret, 'user')))
  await next()
})
app.post('/login', async c => {
  const { username, password } = await c.req.json()
  if (!users.has(username) || password !== `${username}-password`) return c.json({ error: 'no' }, 401)
  await setSignedCookie(c, 'user', username, secret, { httpOnly: true, sameSite: 'Lax' })
  return c.json({ hello: username })
})

const handler = keyHandler(keys, { path: '/api-keys' }) // keys
const ipOf = c => getConnInfo(c).remote.address // keys
app.all('/api-keys', c => handler(c.req.raw, { user: c.get('user'), ip: ipOf(c) })) // keys
app.all('/api-keys/*', c => handler(c.req.raw, { user: c.get('user'), ip: ipOf(c) })) // keys

app.get('/reports', async c => {
  let user = c.get('user')
  const presented = c.req.header('authorization') ?? c.req.header('x-api-key')
  if (presented !== undefined) {
    const verified = await verifyRequest(keys, c.req.raw, 'reports:read', { ip: ipOf(c) }) // keys
    if (!verified.ok) return verified.response // keys
    user = verified.user // keys
  }
  if (!user) return c.json({ error: 'log in first' }, 401)
  return c.json([{ title: 'Sales, first quarter', by: user.id }])
})

serve({ fetch: app.fetch, hostname: '127.0.0.1', port: Number(process.env.PORT ?? 3000) }, ({ port }) => {
  console.log(`Hono listens at http://127.0.0.1:${port}; log in as alice or root, <name>-password`)
})
