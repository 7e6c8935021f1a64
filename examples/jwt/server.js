// An Express app whose users come with a JWT, by Passport. The lines that add API keys end in `// keys`.
import { randomBytes } from 'node:crypto'
import express from 'express'
import jwt from 'jsonwebtoken'
import passport from 'passport'
import { ExtractJwt, Strategy as JwtStrategy } from 'passport-jwt'
import { apiKeys, memoryStore } from 'sidekey' // keys
import { keyRouter, requireUserOrKey } from 'sidekey/express' // keys
import { keyStrategy } from 'sidekey/passport' // keys

const users = new Map([
  ['alice', { id: 'alice', role: 'user', may: ['reports:read', 'reports:write'] }],
  ['root', { id: 'root', role: 'admin', may: ['*'] }],
])
const secret = randomBytes(32).toString('hex')

const keys = apiKeys({
  prefix: 'acme_live',
  store: memoryStore(),
  permissions: ['reports:read', 'reports:write'],
  actor: user => ({ id: user.id, admin: user.role === 'admin' }),
  user: owner => users.get(owner.id),
  grants: owner => users.get(owner.id)?.may ?? null,
})

passport.use(
  new JwtStrategy(
    {
      secretOrKey: secret,
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      algorithms: ['HS256'],
    },
    ({ sub }, done) => done(null, users.get(sub) ?? false),
  ),
)
passport.use(keyStrategy(keys)) // keys

const app = express()
app.use(express.json())
app.post('/login', (req, res) => {
  const { username, password } = req.body
  if (!users.has(username) || password !== `${username}-password`) return res.sendStatus(401)
  res.json({ jwt: jwt.sign({}, secret, { subject: username, expiresIn: '15m' }) })
})

const login = passport.authenticate(['jwt', 'api-key'], { session: false }) // 'api-key': keys
app.use('/api-keys', login, keyRouter(keys)) // keys
app.get('/reports', login, requireUserOrKey(keys, 'reports:read')) // keys: what a key may do is asked here
app.get('/reports', login, (req, res) => {
  res.json([{ title: 'Sales, first quarter', by: req.user.id }])
})

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(
    `The JWT app listens at http://127.0.0.1:${server.address().port}; alice or root, <name>-password`,
  )
})
