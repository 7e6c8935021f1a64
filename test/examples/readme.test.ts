/** The sample on the README's first screen, word for word, in an app with a login, on the Mongo server. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import mongoose from 'mongoose'
import request from 'supertest'
import { serverUri } from '../support/mongo/database.js'

const ROOT = resolve(__dirname, '../..')
const FILE = resolve(ROOT, `examples/express-passport/readme-${process.pid}.tmp.js`)
const DATABASE = `${serverUri()}/sidekey_readme_${process.pid}`

let app: ChildProcess | undefined

afterEach(async () => {
  if (app !== undefined && app.exitCode === null) {
    app.kill()
    await once(app, 'exit')
  }
  rmSync(FILE, { force: true })
  const connection = await mongoose.createConnection(DATABASE).asPromise()
  await connection.dropDatabase()
  await connection.close()
})

/** The app around the sample: what the README takes as there. */
function around(sample: string): string {
  return `
import express from 'express'
import session from 'express-session'
import mongoose from 'mongoose'
import passport from 'passport'
import { Strategy as LocalStrategy } from 'passport-local'
import { reportsOf } from './reports.js'
import { findUser, findUserByLogin, permissionsOf } from './users.js'

const secret = 'a secret of the test'
await mongoose.connect(${JSON.stringify(DATABASE)})
passport.use(new LocalStrategy((name, password, done) => done(null, findUserByLogin(name, password) ?? false)))
passport.serializeUser((user, done) => done(null, user.id))
passport.deserializeUser((id, done) => done(null, findUser(id) ?? false))
const requireLogin = (req, res, next) => (req.user ? next() : res.status(401).end())
const app = express()
app.use(express.json())
${sample}
app.post('/login', passport.authenticate('local'), (_req, res) => res.json({}))
const server = app.listen(0, '127.0.0.1', () => console.log('http://127.0.0.1:' + server.address().port))
`
}

it('is what it takes: the diff of the README runs as it stands', async () => {
  const readme = readFileSync(resolve(ROOT, 'README.md'), 'utf8')
  const diff = /```diff\n([\s\S]*?)```/.exec(readme)?.[1] ?? ''
  expect(diff).toMatch(/^\+/m)
  expect(diff).not.toMatch(/^-/m) // green lines only
  const sample = diff
    .split('\n')
    .map(line => line.slice(1))
    .join('\n')
  writeFileSync(FILE, around(sample))

  const started = spawn(process.execPath, [FILE], { stdio: ['ignore', 'pipe', 'inherit'] })
  app = started
  const [printed] = await once(started.stdout, 'data')
  const address = String(printed).trim()
  const alice = request.agent(address)
  await alice.post('/login').send({ username: 'alice', password: 'alice-password' }).expect(200)
  const made = await alice
    .post('/api-keys')
    .send({ name: 'my script', permissions: ['reports:read'] })
    .expect(201)
  const headers = { Authorization: `Bearer ${made.body.token}` }
  const reports = [{ title: 'Sales, first quarter', by: 'alice' }]
  expect((await request(address).get('/reports').set(headers).expect(200)).body).toEqual(reports)
  expect((await alice.get('/reports').expect(200)).body).toEqual(reports)
  await request(address).get('/reports').expect(401)
  expect((await request(address).get('/api-keys/ui/').expect(200)).text).toContain('<title>API keys</title>')

  const root = request.agent(address)
  await root.post('/login').send({ username: 'root', password: 'root-password' }).expect(200)
  await root.post(`/api-keys/${made.body.apiKey.id}/revoke`).send({ reason: 'leaked' }).expect(200)
  const refused = await request(address).get('/reports').set(headers).expect(401)
  expect(refused.body.code).toBe('KEY_REVOKED')
})
