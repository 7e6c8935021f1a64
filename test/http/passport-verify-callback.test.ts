import type { ErrorRequestHandler } from 'express'
import { HeaderAPIKeyStrategy } from 'passport-headerapikey'
import { memoryStore, SidekeyError } from 'sidekey'
import { problemHandler } from 'sidekey/express'
import { verifyCallback } from 'sidekey/passport'
import request from 'supertest'
import { type TestKeys, testKeys } from '../support/keys.js'
import { FRAMEWORKS, guarded, issue, newPassport } from './passport-support.js'

/** Strategies as apps have them, and what their clients send. */
const STRATEGIES = [
  { header: 'X-API-Key', prefix: '' },
  { header: 'Authorization', prefix: 'Api-Key ' },
]

describe.each(FRAMEWORKS)('verifyCallback ($name)', ({ express }) => {
  describe.each(STRATEGIES)('in an existing strategy on "$header: $prefix"', ({ header, prefix }) => {
    function appWith(keys: TestKeys, passReqToCallback = true) {
      const passport = newPassport()
      // The library writes into the object that it is given.
      const reads = { header, prefix }
      passport.use(new HeaderAPIKeyStrategy(reads, passReqToCallback, verifyCallback(keys)))
      return guarded(express, passport.authenticate('headerapikey', { session: false }))
    }
    const sent = (token: string) => ({ [header]: `${prefix}${token}` })

    it('lets a key in, with req.user, req.apiKey and req.authInfo.scope', async () => {
      const keys = testKeys({ grants: () => ['reports:read'] })
      const { id, token } = await issue(keys, { permissions: ['reports:read', 'reports:write'] })
      const { body } = await request(appWith(keys)).get('/').set(sent(token)).expect(200)
      expect(body).toMatchObject({ user: 'alice', apiKey: id, info: { scope: ['reports:read'] } })
    })

    it('answers 401 without a key', async () => {
      await request(appWith(testKeys())).get('/').expect(401)
    })

    it('answers 401 with a challenge to a key that is not valid', async () => {
      const { headers } = await request(appWith(testKeys()))
        .get('/')
        .set(sent('acme_test_nonsense'))
        .expect(401)
      expect(headers['www-authenticate']).toContain('error="invalid_token"')
    })

    it('answers 401 with a challenge to a revoked key', async () => {
      const keys = testKeys()
      const { id, token } = await issue(keys)
      await keys.revoke(id)
      const { headers } = await request(appWith(keys)).get('/').set(sent(token)).expect(401)
      expect(headers['www-authenticate']).toContain('revoked')
    })

    it('answers 401 where the owner is switched off, and where the user is gone', async () => {
      const off = testKeys({ grants: owner => (owner.id === 'bob' ? null : ['*']) })
      const gone = testKeys({ user: () => null })
      const bobs = await off.create({ name: 'CI', owner: { id: 'bob' } })
      const alices = await issue(gone)
      await request(appWith(off)).get('/').set(sent(bobs.token)).expect(401)
      await request(appWith(gone)).get('/').set(sent(alices.token)).expect(401)
    })

    it('passes on 403 as an error with its status', async () => {
      const keys = testKeys()
      const { token } = await issue(keys, { restrictions: { ips: ['203.0.113.0/24'] } })
      await request(appWith(keys)).get('/').set(sent(token)).expect(403)
      const withProblems = appWith(keys).use(problemHandler())
      const { body } = await request(withProblems).get('/').set(sent(token)).expect(403)
      expect(body.code).toBe('IP_NOT_ALLOWED')
    })

    it('passes on 503 as an error with its status and Retry-After', async () => {
      const inner = memoryStore()
      let away = false
      const find: typeof inner.find = async id => {
        if (away) throw new SidekeyError('STORE_UNAVAILABLE', 'The database does not answer.')
        return inner.find(id)
      }
      const keys = testKeys({ store: { ...inner, find } })
      const { token } = await issue(keys)
      away = true
      const { headers } = await request(appWith(keys)).get('/').set(sent(token)).expect(503)
      expect(headers['retry-after']).toBe('1')
    })

    it('never lets a key in without passReqToCallback: that is an error which names the option', async () => {
      const keys = testKeys()
      const { token } = await issue(keys)
      const errors: unknown[] = []
      const app = appWith(keys, false).use(keepErrors(errors))
      await request(app).get('/').set(sent(token)).expect(500)
      await request(app).get('/').set(sent('acme_test_nonsense')).expect(500)
      expect(errors).toHaveLength(2)
      for (const error of errors) {
        expect(error).toMatchObject({
          code: 'INVALID_OPTION',
          message: expect.stringContaining('passReqToCallback'),
        })
      }
    })
  })
})

function keepErrors(errors: unknown[]): ErrorRequestHandler {
  return (error, _req, _res, next) => {
    errors.push(error)
    next(error)
  }
}
