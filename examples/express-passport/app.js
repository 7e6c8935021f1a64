// An app as many are: users, passport-local, express-session, a login form, two business routes.
// The lines that add API keys end in `// keys`. Without them it is the app as it was.
import express from 'express'
import session from 'express-session'
import passport from 'passport'
import { Strategy as LocalStrategy } from 'passport-local'
import { keyRouter, requireUserOrKey } from 'sidekey/express' // keys
import { createKeys, page } from './keys.js' // keys
import { home, LOGIN_FORM, ownPath } from './pages.js'
import { addReport, reportsOf } from './reports.js'
import { findUser, findUserByLogin } from './users.js'

export function createApp({ sessionSecret, sessionStore, store }) {
  passport.use(
    new LocalStrategy((username, password, done) => done(null, findUserByLogin(username, password) ?? false)),
  )
  passport.serializeUser((user, done) => done(null, user.id))
  passport.deserializeUser((id, done) => done(null, findUser(id) ?? false))

  const app = express()
  app.use(express.urlencoded({ extended: false }))
  app.use(express.json())
  app.use(
    session({
      secret: sessionSecret,
      store: sessionStore,
      resave: false,
      saveUninitialized: false,
      cookie: { sameSite: 'lax' },
    }),
  )
  app.use(passport.session())

  const keys = createKeys(store) // keys
  app.use('/api-keys', keyRouter(keys, { ui: page })) // keys

  const links = ['<a href="/reports">Your reports</a>']
  links.push('<a href="/api-keys/ui/">Your API keys</a>') // keys
  app.get('/', (req, res) => res.send(home(req.user, links)))

  app.get('/login', (_req, res) => res.send(LOGIN_FORM))
  app.post('/login', logIn, (req, res) => {
    req.session.loggedInAt = Date.now()
    res.redirect(ownPath(req.query.returnTo))
  })
  app.post('/logout', (req, res, next) => req.logout(error => (error ? next(error) : res.redirect('/'))))

  app.get('/reports', requireUserOrKey(keys, 'reports:read')) // keys
  app.post('/reports', requireUserOrKey(keys, 'reports:write')) // keys
  app.get('/reports', requireLogin, (req, res) => res.json(reportsOf(req.user)))
  app.post('/reports', requireLogin, (req, res) => res.status(201).json(addReport(req.user, req.body.title)))

  return app
}

// Who fails is asked again, at the same address.
function logIn(req, res, next) {
  passport.authenticate('local', { failureRedirect: req.originalUrl })(req, res, next)
}

function requireLogin(req, res, next) {
  if (req.user) return next()
  res.status(401).json({ error: 'log in first' })
}
