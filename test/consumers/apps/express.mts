import type { AddressInfo } from 'node:net'
import { pathToFileURL } from 'node:url'
import express from 'express'
import mongoose from 'mongoose'
import passport from 'passport'
import { HeaderAPIKeyStrategy } from 'passport-headerapikey'
import { apiKeys, memoryStore, type Store } from 'sidekey'
import { keyRouter, problemHandler, requireKey, type UiOptions } from 'sidekey/express'
import { importFile, READY_SOURCES } from 'sidekey/import'
import { mongooseStore } from 'sidekey/mongoose'
import { keyStrategy, verifyCallback } from 'sidekey/passport'

interface User {
  readonly id: string
}

// What files are imported by, from the package that was installed.
if (typeof importFile !== 'function' || READY_SOURCES.length === 0) throw new Error('nothing to import by')

await mongoose.connect(process.env.DATABASE_URI ?? '', { dbName: process.env.DATABASE_NAME ?? '' })
// Both are of one type.
export const stores: [Store, Store] = [mongooseStore(mongoose.connection), memoryStore()]

const keys = apiKeys({
  prefix: 'acme_live',
  store: stores[0],
  permissions: ['reports:read', 'reports:write'],
  actor: (user: User) => ({ id: user.id }),
  user: (owner): User => ({ id: owner.id }),
  grants: () => ['*'],
})

const app = express()
app.use((req, _res, next) => {
  // The app's own login: a header in place of a session.
  if (req.headers['x-user'] !== undefined) req.user = { id: String(req.headers['x-user']) } as Express.User
  next()
})
passport.use(keyStrategy(keys))
passport.use(new HeaderAPIKeyStrategy({ header: 'X-Token', prefix: '' }, true, verifyCallback(keys)))
const ui: UiOptions = { title: 'Keys', theme: { '--sidekey-accent': 'rebeccapurple' } }
app.use('/api-keys', keyRouter(keys, { ui }))
const whoami: express.RequestHandler = (req, res) => void res.json((req.user as User | undefined)?.id)
app.get('/reports', requireKey(keys, 'reports:read'), whoami)
app.get('/by-passport', passport.authenticate('api-key', { session: false }), whoami)
app.post('/reports', requireKey(keys, { any: ['reports:write'] }), whoami)
app.use(problemHandler())

const server = app.listen(0, '127.0.0.1', async () => {
  const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  console.log('mongoose', mongoose.version)
  const made = await fetch(`${at}/api-keys`, {
    method: 'POST',
    headers: { 'x-user': 'alice', 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'k', permissions: ['reports:read'] }),
  })
  console.log(made.status)
  const { token } = (await made.json()) as { token: string }
  const headers = { authorization: `Bearer ${token}` }
  for (const path of ['/reports', '/by-passport']) {
    const answer = await fetch(at + path, { headers })
    console.log(answer.status, await answer.json())
  }
  console.log((await fetch(`${at}/reports`)).status)
  console.log((await fetch(`${at}/reports`, { method: 'POST', headers })).status)
  const page = await fetch(`${at}/api-keys/ui`)
  const files = [...(await page.text()).matchAll(/"\.\/([^"]+)"/g)].map(([, file]) => fetch(page.url + file))
  console.log(page.status, ...(await Promise.all(files)).map(({ status }) => status))
  // The client, as Vite has bundled it.
  Object.assign(globalThis, { page: { baseUrl: `${at}/api-keys`, user: 'alice' } })
  await import(pathToFileURL(process.env.CLIENT ?? '').href)
  console.log(await (globalThis as { listed?: Promise<string> }).listed)
  server.close()
  await keys.close()
  await mongoose.disconnect()
})
