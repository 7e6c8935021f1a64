/** An app with a login of its own, by real Passport and sessions, for the tests of `sidekey/passport`. */
import express5, { type Express, type Request, type RequestHandler, type Response } from 'express'
import session, { MemoryStore, type SessionOptions } from 'express-session'
import express4 from 'express4'
import { Passport } from 'passport'
import { Strategy as BearerStrategy } from 'passport-http-bearer'
import { Strategy as LocalStrategy } from 'passport-local'
import request from 'supertest'
import { alice, type TestKeys, USERS } from '../support/keys.js'

/** Both frameworks; what these tests use of them has the same types in both. */
export const FRAMEWORKS: readonly { readonly name: string; readonly express: typeof express5 }[] = [
  { name: 'Express 5', express: express5 },
  { name: 'Express 4', express: express4 as unknown as typeof express5 },
]

/** A new Passport, as an app's own. */
export function newPassport() {
  return new Passport()
}

export type AppPassport = ReturnType<typeof newPassport>

/** What the app's own bearer strategy takes for alice: a credential that is no key. */
export const OPAQUE = 'alices-opaque-token'

/** Passwords are this and the user's id. */
const passwordOf = (id: string) => `password-of-${id}`

export interface LoginApp {
  readonly app: Express
  readonly passport: AppPassport
  /** Ids of the users whom Passport was asked to write into a session, in order. */
  readonly serialized: string[]
  /** Ids of the users who are logged in in any session of the store. */
  loggedIn(): Promise<string[]>
}

export interface LoginAppOptions {
  readonly express: typeof express5
  readonly session?: Partial<SessionOptions>
  /** Runs before Passport's session middleware. */
  readonly before?: (app: Express, passport: AppPassport) => void
  readonly passport?: AppPassport
}

/** `POST /login`, and `GET /account`, which only a login opens. The routes under test come after. */
export function loginApp({ express, before, ...options }: LoginAppOptions): LoginApp {
  const passport = options.passport ?? newPassport()
  const store = new MemoryStore()
  const serialized: string[] = []
  teach(passport, serialized)

  const app = express()
  app.use(express.json())
  app.use(session({ secret: 'test', resave: false, saveUninitialized: false, store, ...options.session }))
  before?.(app, passport)
  app.use(passport.session())
  app.post('/login', passport.authenticate('local'), answer)
  app.get('/account', (req, res) => (req.user ? answer(req, res) : res.sendStatus(401)))
  return { app, passport, serialized, loggedIn: () => usersIn(store) }
}

/** Serializers and the app's own strategies, local and bearer. */
export function teach(passport: AppPassport, serialized: string[] = []): void {
  passport.serializeUser((user, done) => {
    serialized.push(String(idOf(user)))
    done(null, idOf(user))
  })
  passport.deserializeUser((id, done) => done(null, USERS.find(user => user.id === id) ?? false))
  passport.use(
    new LocalStrategy((username, password, done) => {
      const user = USERS.find(({ id }) => id === username && password === passwordOf(id))
      done(null, user ?? false)
    }),
  )
  passport.use(new BearerStrategy((token, done) => done(null, token === OPAQUE ? alice : false)))
}

/** A browser of this user's, logged in. */
export async function browserOf(app: Express, id: string): Promise<ReturnType<typeof request.agent>> {
  const browser = request.agent(app)
  await browser
    .post('/login')
    .send({ username: id, password: passwordOf(id) })
    .expect(200)
  return browser
}

/** What a login form of this user sends. */
export function credentialsOf(id: string): { username: string; password: string } {
  return { username: id, password: passwordOf(id) }
}

/** Tells who the request is: what the handlers of an app see. */
export const answer = (req: Request, res: Response): void => {
  res.json({
    user: idOf(req.user),
    account: idOf(Reflect.get(req, 'account')),
    apiKey: req.apiKey?.id ?? null,
    info: req.authInfo ?? null,
  })
}

/** A route that is behind `handlers` and tells who got in. */
export function guarded(express: typeof express5, ...handlers: RequestHandler[]): Express {
  const app = express()
  app.get('/', ...handlers, answer)
  return app
}

export function idOf(user: unknown): unknown {
  return Reflect.get(Object(user), 'id') ?? null
}

/** A key of alice's with `reports:read`, unless `input` says otherwise. */
export async function issue(
  keys: TestKeys,
  input: Partial<Parameters<TestKeys['create']>[0]> = {},
): Promise<{ id: string; token: string }> {
  const created = await keys.create({
    name: 'CI',
    owner: { id: 'alice' },
    permissions: ['reports:read'],
    ...input,
  })
  return { id: created.apiKey.id, token: created.token }
}

async function usersIn(store: MemoryStore): Promise<string[]> {
  const sessions = await new Promise<unknown[]>((resolve, reject) => {
    store.all((error, all) => (error ? reject(error) : resolve(Object.values(all ?? {}))))
  })
  return sessions.flatMap(one => {
    const login = Reflect.get(Object(one), 'passport')
    const user = Reflect.get(Object(login), 'user')
    return user === undefined ? [] : [String(user)]
  })
}
