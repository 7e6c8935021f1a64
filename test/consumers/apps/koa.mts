import type { AddressInfo } from 'node:net'
import Koa from 'koa'
import mongoose from 'mongoose'
import { apiKeys } from 'sidekey'
import { keyHandler, verifyRequest } from 'sidekey/fetch'
import { keyRouter, problemHandler, requireKey } from 'sidekey/koa'
import { mongooseStore } from 'sidekey/mongoose'

interface User {
  readonly id: string
}

const uri = process.env.DATABASE_URI ?? ''
const connection = mongoose.createConnection(uri, { dbName: process.env.DATABASE_NAME ?? '' })

const keys = apiKeys({
  prefix: 'acme_live',
  store: mongooseStore(connection),
  permissions: ['reports:read', 'reports:write'],
  actor: (user: User) => ({ id: user.id }),
  user: (owner): User => ({ id: owner.id }),
  grants: () => ['*'],
})

const app = new Koa()
app.use(problemHandler())
app.use((ctx, next) => {
  // The app's own login: a header in place of a session.
  const id = ctx.get('x-user')
  if (id !== '') ctx.state.user = { id }
  return next()
})
app.use(keyRouter(keys, { path: '/api-keys', ui: true }))
app.use(requireKey(keys, 'reports:read'))
app.use(ctx => {
  ctx.body = JSON.stringify(ctx.state.user.id)
})

const server = app.listen(0, '127.0.0.1', async () => {
  const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const made = await fetch(`${at}/api-keys`, {
    method: 'POST',
    headers: { 'x-user': 'alice', 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'k', permissions: ['reports:read'] }),
  })
  console.log(made.status)
  const { token } = (await made.json()) as { token: string }
  const headers = { authorization: `Bearer ${token}` }
  const answer = await fetch(`${at}/reports`, { headers })
  console.log(answer.status, await answer.json())

  // The same keys, without a server.
  const request = new Request('https://app.example.com/api-keys/me', { headers })
  console.log((await keyHandler(keys, { path: '/api-keys' })(request)).status)
  const verified = await verifyRequest(keys, request, 'reports:write')
  console.log(verified.ok ? 'let in' : verified.response.status)
  console.log((await fetch(`${at}/reports`)).status)
  const page = await fetch(`${at}/api-keys/ui`)
  const files = [...(await page.text()).matchAll(/"\.\/([^"]+)"/g)].map(([, file]) => fetch(page.url + file))
  console.log(page.status, ...(await Promise.all(files)).map(({ status }) => status))
  server.close()
  await keys.close()
  await connection.close()
})
