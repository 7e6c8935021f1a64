/** What the documents' samples take as there: an app with a login, users and a database, in a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import mongoose from 'mongoose'
import { serverUri } from '../support/mongo/database.js'

const ROOT = resolve(__dirname, '../..')
const FOLDER = resolve(ROOT, 'examples/express-passport')

export interface Running {
  readonly address: string
  stop(): Promise<void>
}

/** Starts the app with the sample in the midst of it; the sample's imports may be those of the app too. */
export async function startAround(name: string, sample: string): Promise<Running> {
  const file = resolve(FOLDER, `${name}-${process.pid}.tmp.js`)
  const database = `${serverUri()}/sidekey_${name}_${process.pid}`
  writeFileSync(file, around(sample, database))
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] })
  const stop = async () => {
    await ended(child)
    rmSync(file, { force: true })
    const connection = await mongoose.createConnection(database).asPromise()
    await connection.dropDatabase()
    await connection.close()
  }
  try {
    const crashed = once(child, 'exit').then(([code]) => Promise.reject(new Error(`it ended with ${code}`)))
    const [printed] = await Promise.race([once(child.stdout, 'data'), crashed])
    crashed.catch(() => undefined) // it ends when it is stopped, too
    return { address: String(printed).trim(), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill()
  await exit
}

function around(sample: string, database: string): string {
  return `
import express from 'express'
import session from 'express-session'
${/^import mongoose /m.test(sample) ? '' : "import mongoose from 'mongoose'"}
import passport from 'passport'
import { Strategy as LocalStrategy } from 'passport-local'
import { reportsOf } from './reports.js'
import { findUser, findUserByLogin, permissionsOf } from './users.js'

const secret = 'a secret of the test'
await mongoose.connect(${JSON.stringify(database)})
passport.use(new LocalStrategy((name, password, done) => done(null, findUserByLogin(name, password) ?? false)))
passport.serializeUser((user, done) => done(null, user.id))
passport.deserializeUser((id, done) => done(null, findUser(id) ?? false))
const requireLogin = (req, res, next) => (req.user ? next() : res.status(401).end())
const app = express()
app.use(express.json())
${sample.includes('app.use(session(') ? '' : 'app.use(session({ secret, resave: false, saveUninitialized: false }), passport.session())'}
${sample}
app.post('/login', passport.authenticate('local'), (_req, res) => res.json({}))
const server = app.listen(0, '127.0.0.1', () => console.log('http://127.0.0.1:' + server.address().port))
`
}
