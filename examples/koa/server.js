// A Koa app with koa-session and a login of its own. The lines that add API keys end in `// keys`.
import { randomBytes } from 'node:crypto'
import { bodyParser } from '@koa/bodyparser'
import Router from '@koa/router'
import Koa from 'koa'
import session from 'koa-session'
import { apiKeys, memoryStore } from 'sidekey' // keys
import { keyRouter, requireUserOrKey } from 'sidekey/koa' // keys

const users = new Map([
  ['alice', { id: 'alice', role: 'user', may: ['reports:read', 'reports:write'] }],
  ['root', { id: 'root', role: 'admin', may: ['*'] }],
])

const keys = apiKeys({
  prefix: 'acme_live',
  store: memoryStore(),
  permissions: ['reports:read', 'reports:write'],
  actor: user => ({ id: user.id, admin: user.role === 'admin' }),
  user: owner => users.get(owner.id),
  grants: owner => users.get(owner.id)?.may ?? null,
})

const app = new Koa()
app.keys = [randomBytes(32).toString('hex')]
app.use(session({ sameSite: 'lax' }, app))
app.use(bodyParser())
app.use((ctx, next) => {
  ctx.state.user = users.get(ctx.session.userId)
  return next()
})
app.use(keyRouter(keys, { path: '/api-keys' })) // keys

const router = new Router()
router.post('/login', ctx => {
  const { username, password } = ctx.request.body
  if (!users.has(username) || password !== `${username}-password`) ctx.throw(401)
  ctx.session.userId = username
  ctx.body = { hello: username }
})
router.get('/reports', requireUserOrKey(keys, 'reports:read')) // keys
router.get('/reports', ctx => {
  if (!ctx.state.user) ctx.throw(401)
  ctx.body = [{ title: 'Sales, first quarter', by: ctx.state.user.id }]
})
app.use(router.routes())

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(
    `Koa listens at http://127.0.0.1:${server.address().port}; log in as alice or root, <name>-password`,
  )
})
