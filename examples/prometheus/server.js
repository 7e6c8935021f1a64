// An app that is watched: /metrics for Prometheus, /ready for whoever sends it traffic.
import express from 'express'
import { collectDefaultMetrics, register } from 'prom-client'
import { apiKeys, memoryStore } from 'sidekey'
import { requireKey } from 'sidekey/express'
import { prometheus } from './telemetry.js'

collectDefaultMetrics()

const keys = apiKeys({
  prefix: 'acme_live',
  store: memoryStore(),
  permissions: ['reports:read'],
  grants: () => ['*'],
  telemetry: prometheus(register),
})

const app = express()
app.get('/reports', requireKey(keys, 'reports:read'), (_req, res) => res.json([]))
app.get('/metrics', async (_req, res) => res.type(register.contentType).send(await register.metrics()))
app.get('/ready', async (_req, res) => {
  const health = await keys.health()
  res.status(health.ok ? 200 : 503).json(health)
})

const { token } = await keys.create({
  name: 'the first',
  owner: { id: 'alice' },
  permissions: ['reports:read'],
})
const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  const address = `http://127.0.0.1:${server.address().port}`
  console.log(
    `${address}/metrics and ${address}/ready; try: curl -H 'X-API-Key: ${token}' ${address}/reports`,
  )
})
