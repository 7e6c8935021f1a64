/** Apps that have users and a login of their own, over Express 5 and 4, and what the tests here ask of them. */
import express5, { type Express, type RequestHandler } from 'express'
import session from 'express-session'
import express4 from 'express4'
import jwt from 'jsonwebtoken'
import type { ApiKey } from 'sidekey'
import { keyRouter } from 'sidekey/express'
import request, { type Response } from 'supertest'
import { type TestKeys, type TestUser, USERS } from '../support/keys.js'
import './documented.js'

declare module 'express-session' {
  interface SessionData {
    loginId?: string
  }
}

export type ExpressModule = typeof express5
export type Agent = ReturnType<typeof request.agent>

const VERSIONS: readonly { readonly name: string; readonly express: ExpressModule }[] = [
  { name: 'Express 5', express: express5 },
  // The types of the two differ in corners that the tests do not touch.
  { name: 'Express 4', express: express4 as unknown as ExpressModule },
]

/** Declares the same tests for Express 5 and 4. */
export function overExpress(title: string, body: (express: ExpressModule) => void): void {
  describe.each(VERSIONS)(`${title} ($name)`, ({ express }) => body(express))
}

/** A login by cookie: `POST /login/:id`, then `req.user` on every request. */
export function sessionLogin(express: ExpressModule): RequestHandler {
  const login = express.Router()
  login.use(session({ secret: 'a secret for tests only', resave: false, saveUninitialized: false }))
  login.post('/login/:id', (req, res) => {
    req.session.loginId = req.params.id
    res.sendStatus(204)
  })
  login.use((req, _res, next) => {
    setUser(req, req.session.loginId)
    next()
  })
  return login
}

/** A login by JWT: `Authorization: Bearer <jwt>`. What is no JWT of the app's is left alone. */
export function jwtLogin(): RequestHandler {
  return (req, _res, next) => {
    const [, token = ''] = (req.headers.authorization ?? '').split(' ')
    try {
      const claims = jwt.verify(token, JWT_SECRET)
      setUser(req, typeof claims === 'string' ? undefined : claims.sub)
    } catch {
      // Not logged in.
    }
    next()
  }
}

const JWT_SECRET = 'another secret for tests only'

export function jwtOf(user: TestUser): string {
  return jwt.sign({}, JWT_SECRET, { subject: user.id, expiresIn: '1h' })
}

function setUser(req: object, id: string | undefined): void {
  const user = USERS.find(one => one.id === id)
  if (user !== undefined) Object.assign(req, { user })
}

/** An app with a session login; `add` puts keys in. */
export function appWith(express: ExpressModule, add: (app: Express) => void): Express {
  const app = express()
  app.use(sessionLogin(express))
  add(app)
  return app
}

/** An app with a session login and the router of `keys` at `/api-keys`. */
export function routerApp(express: ExpressModule, keys: TestKeys): Express {
  return appWith(express, app => app.use('/api-keys', keyRouter(keys)))
}

/** A browser in which this user is logged in. */
export async function loggedIn(app: Express, user: TestUser): Promise<Agent> {
  const agent = request.agent(app)
  await agent.post(`/login/${user.id}`).expect(204)
  return agent
}

/** Answers with what a handler sees of the request. */
export const whoami: RequestHandler = (req, res) => {
  const user: unknown = Reflect.get(req, 'user')
  res.json({ user: user ?? null, hasUser: user !== undefined, apiKey: req.apiKey?.id ?? null })
}

/** Makes a key over HTTP. */
export async function createOver(agent: Agent, input: object): Promise<{ apiKey: ApiKey; token: string }> {
  const answer = await agent.post('/api-keys').send(input).expect(201)
  return answer.body
}

/** The names of the keys that a list shows. */
export async function namesOf(agent: Agent, query = ''): Promise<string[]> {
  const answer = await agent.get(`/api-keys${query}`).expect(200)
  return answer.body.data.map((apiKey: ApiKey) => apiKey.name)
}

/** Holds an answer to be a problem document with this code. */
export function expectProblem(answer: Response, status: number, code: string): void {
  expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code })
  expect(answer.headers['content-type']).toBe('application/problem+json')
  expect(answer.headers['cache-control']).toBe('no-store')
  expect(answer.body).toMatchObject({
    type: `urn:sidekey:error:${code}`,
    title: expect.stringMatching(/\w/),
    detail: expect.stringMatching(/\w/),
    status,
  })
}

/** Holds an answer to be 400 for exactly these fields. */
export function expectFields(answer: Response, ...paths: string[]): void {
  expectProblem(answer, 400, 'INVALID_INPUT')
  const errors: { path: string; message: string }[] = answer.body.errors
  expect(errors.map(({ path }) => path)).toEqual(paths)
  for (const { message } of errors) expect(message).toMatch(/\w/)
}

/** The id of no key. */
export const NO_ID = '0000000000000000'
