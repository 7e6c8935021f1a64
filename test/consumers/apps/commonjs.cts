/** An app in CommonJS: what TypeScript makes of these imports are calls of `require`. */
import type { AddressInfo } from 'node:net'

import express = require('express')

import { apiKeys, memoryStore } from 'sidekey'
import { keyRouter, requireKey } from 'sidekey/express'

const keys = apiKeys({
  prefix: 'acme_live',
  store: memoryStore(),
  actor: (user: { readonly id: string }) => ({ id: user.id }),
})

const app = express()
app.use('/api-keys', keyRouter(keys))
app.get('/reports', requireKey(keys), (req, res) => void res.json(req.apiKey?.owner.id))

async function main(): Promise<void> {
  const { token } = await keys.create({ name: 'k', owner: { id: 'alice' } })
  const server = app.listen(0, '127.0.0.1', async () => {
    const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const headers = { 'x-api-key': token }
    const answer = await fetch(`${at}/reports`, { headers })
    console.log(answer.status, await answer.json())
    console.log((await fetch(`${at}/api-keys/me`, { headers })).status, (await fetch(`${at}/reports`)).status)
    server.close()
    await keys.close()
  })
}

void main()
