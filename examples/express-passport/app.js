// An app as many are: users, passport-local, express-session, a login form, two business routes.
// The lines that add API keys end in `// keys`. Without them it is the app as it was.
import express from 'express'
import session from 'express-session'
import passport from 'passport'
import { Strategy as LocalStrategy } from 'passport-local'
import { keyRouter, requireUserOrKey } from 'sidekey/express' // keys
import { createKeys } from './keys.js' // keys
import { addReport, reportsOf } from './reports.js'
import { findUser, findUserByLogin } from './users.js'

export function createApp({ sessionSecret, store }) {
  passport.use(
    new LocalStrategy((username, password, done) => done(null, findUserByLogin(username, password) ?? false)),
  )
  passport.serializeUser((user, done) => done(null, user.id))
  passport.deserializeUser((id, done) => done(null, findUser(id) ?? false))

  const app = express()
  app.use(express.urlencoded({ extended: false }))
  app.use(express.json())
  app.use(
    session({ secret: sessionSecret, resave: false, saveUninitialized: false, cookie: { sameSite: 'lax' } }),
  )
  app.use(passport.session())

  const keys = createKeys(store) // keys
  app.use('/api-keys', keyRouter(keys)) // keys

  app.get('/login', (_req, res) => res.send(LOGIN_FORM))
  app.post('/login', passport.authenticate('local', { failureRedirect: '/login' }), (_req, res) =>
    res.redirect('/'),
  )
  app.get('/', (req, res) => res.send(req.user ? `Hello ${req.user.name}` : '<a href="/login">Log in</a>'))

  app.get('/reports', requireUserOrKey(keys, 'reports:read')) // keys
  app.post('/reports', requireUserOrKey(keys, 'reports:write')) // keys
  app.get('/reports', requireLogin, (req, res) => res.json(reportsOf(req.user)))
  app.post('/reports', requireLogin, (req, res) => res.status(201).json(addReport(req.user, req.body.title)))

  return app
}

function requireLogin(req, res, next) {
  if (req.user) return next()
  res.status(401).json({ error: 'log in first' })
}

const LOGIN_FORM = `<!doctype html>
<title>Acme reports</title>
<form method="post">
  <p><label>User <input name="username" autocomplete="username"></label></p>
  <p><label>Password <input name="password" type="password" autocomplete="current-password"></label></p>
  <button>Log in</button>
</form>`
