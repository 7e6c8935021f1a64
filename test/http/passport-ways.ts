/** Passport logs a user in by default. These are the ways in which an app could make a session of a key. */
import { promisify } from 'node:util'
import type { Express, Request, Response } from 'express'
import { type AppPassport, answer, idOf, newPassport, teach } from './passport-support.js'

export interface Way {
  readonly name: string
  /** Mounts `GET /way`, which authenticates by this strategy. */
  readonly mount: (app: Express, passport: AppPassport, strategy: string) => void
  /** What an ordinary strategy gets by it: a login session of alice's, unless this says otherwise. */
  readonly ordinarily?: 'session' | 'none'
  readonly status?: number
}

/** What an app does with whom it has: a login, and an answer. */
export const logInAndAnswer = (property: string) => (req: Request, res: Response) =>
  req.login(userIn(req, property), error => (error ? res.sendStatus(500) : answer(req, res)))

export const WAYS: readonly Way[] = [
  {
    name: 'session: false is forgotten',
    mount: (app, passport, strategy) => app.get('/way', passport.authenticate(strategy), answer),
  },
  {
    name: 'session: true is asked for',
    mount: (app, passport, strategy) =>
      app.get('/way', passport.authenticate(strategy, { session: true }), answer),
  },
  {
    name: 'keepSessionInfo',
    mount: (app, passport, strategy) =>
      app.get('/way', passport.authenticate(strategy, { keepSessionInfo: true }), answer),
  },
  {
    name: 'successRedirect',
    status: 302,
    mount: (app, passport, strategy) =>
      app.get('/way', passport.authenticate(strategy, { successRedirect: '/account' })),
  },
  {
    name: 'successReturnToOrRedirect',
    status: 302,
    mount: (app, passport, strategy) =>
      app.get('/way', passport.authenticate(strategy, { successReturnToOrRedirect: '/account' })),
  },
  {
    name: 'assignProperty',
    ordinarily: 'none',
    mount: (app, passport, strategy) =>
      app.get('/way', passport.authenticate(strategy, { assignProperty: 'account' }), answer),
  },
  {
    name: 'assignProperty, then req.login of it',
    mount: (app, passport, strategy) =>
      app.get(
        '/way',
        passport.authenticate(strategy, { assignProperty: 'account' }),
        logInAndAnswer('account'),
      ),
  },
  {
    name: 'passport.authorize',
    ordinarily: 'none',
    mount: (app, passport, strategy) => app.get('/way', passport.authorize(strategy), answer),
  },
  {
    name: 'passport.authorize, then req.login of the account',
    mount: (app, passport, strategy) =>
      app.get('/way', passport.authorize(strategy), logInAndAnswer('account')),
  },
  {
    name: 'session: false, then req.login of req.user',
    mount: (app, passport, strategy) =>
      app.get('/way', passport.authenticate(strategy, { session: false }), logInAndAnswer('user')),
  },
  {
    name: 'a callback that calls req.logIn',
    mount: (app, passport, strategy) =>
      app.get('/way', (req, res, next) => {
        passport.authenticate(strategy, (error: unknown, user: Express.User | false) => {
          if (error || !user) return next(error ?? new Error('no user'))
          req.logIn(user, failed => (failed ? next(failed) : answer(req, res)))
        })(req, res, next)
      }),
  },
  {
    name: 'a callback that calls req.login with options',
    mount: (app, passport, strategy) =>
      app.get('/way', (req, res, next) => {
        passport.authenticate(strategy, (error: unknown, user: Express.User | false) => {
          if (error || !user) return next(error ?? new Error('no user'))
          const options = { session: true, keepSessionInfo: true }
          req.login(user, options, failed => (failed ? next(failed) : answer(req, res)))
        })(req, res, next)
      }),
  },
  {
    name: 'a callback that calls req.login with options, and no callback',
    ordinarily: 'none',
    mount: (app, passport, strategy) =>
      app.get('/way', (req, res, next) => {
        passport.authenticate(strategy, (error: unknown, user: Express.User | false) => {
          if (error || !user) return next(error ?? new Error('no user'))
          Reflect.apply(req.login, req, [user, { session: false }])
          answer(req, res)
        })(req, res, next)
      }),
  },
  {
    name: 'req.login as a promise',
    mount: (app, passport, strategy) =>
      app.get('/way', passport.authenticate(strategy, { session: false }), (req, res, next) => {
        const logIn = promisify((user: Express.User, done: (error: unknown) => void) => req.login(user, done))
        logIn(userIn(req, 'user')).then(() => answer(req, res), next)
      }),
  },
  {
    name: 'passport.initialize() once more, after the key',
    mount: (app, passport, strategy) =>
      app.get(
        '/way',
        passport.authenticate(strategy, { session: false }),
        passport.initialize(),
        logInAndAnswer('user'),
      ),
  },
  {
    name: 'a second Passport after the key',
    mount: (app, passport, strategy) => {
      const second = newPassport()
      teach(second)
      const handlers = [passport.authenticate(strategy, { session: false }), second.initialize()]
      app.get('/way', ...handlers, second.session(), logInAndAnswer('user'))
    },
  },
]

function userIn(req: Request, property: string): Express.User {
  const user: unknown = Reflect.get(req, property)
  if (idOf(user) === null) throw new Error(`there is no user in req.${property}`)
  return Object(user)
}
