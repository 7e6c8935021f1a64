import express from 'express'
import { requireUserOrKey } from 'sidekey/express'
import { keyStrategy } from 'sidekey/passport'
import request from 'supertest'
import { type TestKeys, testKeys } from '../support/keys.js'
import { answer, browserOf, FRAMEWORKS, issue, loginApp, newPassport } from './passport-support.js'

interface Warning {
  readonly details: object
  readonly message: string
}

/** Keys whose warnings are kept, with their strategy in a new Passport. */
function withWarnings(name = 'api-key') {
  const warnings: Warning[] = []
  const logger = {
    warn: (details: object, message: string) => warnings.push({ details, message }),
    error() {},
  }
  const keys = testKeys({ logger })
  const passport = newPassport()
  passport.use(keyStrategy(keys, { name }))
  return { keys, passport, warnings }
}

/** The check runs at the end of the turn, since strategies may still be added in it. */
const endOfTurn = () => new Promise(setImmediate)

describe('a list with the session strategy', () => {
  it('is warned of by the logger, with the way out', async () => {
    const { passport, warnings } = withWarnings()
    passport.authenticate(['session', 'api-key'])
    await endOfTurn()
    expect(warnings).toHaveLength(1)
    expect(warnings[0]?.message).toContain('requireUserOrKey')
    expect(warnings[0]?.details).toMatchObject({ strategies: ['session', 'api-key'] })
  })

  it('is warned of once, also where an app makes the list anew at each request', async () => {
    const { passport, warnings } = withWarnings()
    for (let i = 0; i < 3; i++) passport.authenticate(['session', 'api-key'])
    await new Promise(resolve => setImmediate(resolve))
    expect(warnings).toHaveLength(1)
  })

  it('is warned of in the other order, and in a longer list', async () => {
    const { passport, warnings } = withWarnings()
    passport.authenticate(['api-key', 'session'])
    passport.authenticate(['jwt', 'session', 'api-key'])
    await endOfTurn()
    expect(warnings).toHaveLength(2)
  })

  it('is warned of where the strategy is passed by itself', async () => {
    const { keys, passport, warnings } = withWarnings()
    // Passport takes it, though its types do not know.
    passport.authenticate(['session', keyStrategy(keys) as unknown as string])
    await endOfTurn()
    expect(warnings).toHaveLength(1)
  })

  it('is warned of under the name that the strategy was given', async () => {
    const { passport, warnings } = withWarnings('machine')
    passport.authenticate(['session', 'machine'])
    await endOfTurn()
    expect(warnings).toHaveLength(1)
  })

  it('is warned of once, and not at each request', async () => {
    const { keys, passport, warnings } = withWarnings()
    const { token } = await issue(keys)
    const { app } = loginApp({ express, passport })
    app.get('/', passport.authenticate(['session', 'api-key']), answer)
    for (let i = 0; i < 3; i += 1) await request(app).get('/').set('X-API-Key', token)
    expect(warnings).toHaveLength(1)
  })

  it.each([
    ['a list without session', ['jwt', 'api-key']],
    ['a list without a strategy of ours', ['session', 'jwt']],
    ['a list of api-key alone', ['api-key']],
    ['no list: api-key', 'api-key'],
    ['no list: session', 'session'],
  ])('is not seen in %s', async (_, strategy) => {
    const { passport, warnings } = withWarnings()
    passport.authenticate(strategy)
    await endOfTurn()
    expect(warnings).toEqual([])
  })
})

describe.each(FRAMEWORKS)(
  'what Passport makes of [session, api-key], and the way out ($name)',
  ({ express }) => {
    function appOf(keys: TestKeys) {
      const { app, passport } = loginApp({ express })
      passport.use(keyStrategy(keys))
      app.get('/list', passport.authenticate(['session', 'api-key']), answer)
      app.get('/', requireUserOrKey(keys, 'reports:read'), answer)
      return app
    }

    it('shows why: the list lets in whoever has neither, and asks no key', async () => {
      const keys = testKeys()
      const { token } = await issue(keys)
      const { body } = await request(appOf(keys)).get('/list').set('X-API-Key', token).expect(200)
      expect(body).toMatchObject({ user: null, apiKey: null })
    })

    it('lets in the logged-in user', async () => {
      const browser = await browserOf(appOf(testKeys()), 'bob')
      const { body } = await browser.get('/').expect(200)
      expect(body).toMatchObject({ user: 'bob', apiKey: null })
    })

    it('lets in a key', async () => {
      const keys = testKeys()
      const { id, token } = await issue(keys)
      const { body } = await request(appOf(keys)).get('/').set('X-API-Key', token).expect(200)
      expect(body).toMatchObject({ user: 'alice', apiKey: id })
    })

    it('refuses neither, and a bad key even where a user is logged in', async () => {
      const app = appOf(testKeys())
      await request(app).get('/').expect(401)
      const browser = await browserOf(app, 'bob')
      await browser.get('/').set('X-API-Key', 'acme_test_nonsense').expect(401)
    })
  },
)
