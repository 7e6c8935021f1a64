import express from 'express'
import { keyRouter, requireKey } from 'sidekey/express'
import request from 'supertest'
import { alice, testKeys } from '../support/keys.js'

it('is the address that the framework tells, through however many middlewares', async () => {
  const keys = testKeys({ lastUsedIp: true })
  const { apiKey, token } = await keys.as(alice).create({ name: 'k' })
  const app = express().set('trust proxy', 1)
  app.use('/keys', keyRouter(keys))
  app.get('/', requireKey(keys), requireKey(keys), (_, res) => void res.end())
  await request(app).get('/').auth(token, { type: 'bearer' }).set('x-forwarded-for', '192.0.2.7').expect(200)
  expect(await keys.get(apiKey.id)).toMatchObject({ lastUsedIp: '192.0.2.7' })
  await keys.close()
})
