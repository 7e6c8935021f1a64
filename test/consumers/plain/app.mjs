/** No framework: node's own server, the routes by the handler of `Request`, and keys in memory. */
import { createServer } from 'node:http'
import { apiKeys, memoryStore } from 'sidekey'
import { keyHandler } from 'sidekey/fetch'

const keys = apiKeys({ prefix: 'acme_test', store: memoryStore() })
const routes = keyHandler(keys, { path: '/api-keys' })

const server = createServer(async ({ url, headers }, res) => {
  if (url === '/api-keys/me') {
    const { authorization = '' } = headers
    const answer = await routes(new Request(`http://localhost${url}`, { headers: { authorization } }))
    res.writeHead(answer.status).end(await answer.text())
    return
  }
  const verified = await keys.verify(String(headers['x-api-key']))
  res.writeHead(verified.ok ? 200 : verified.status).end(verified.ok ? verified.owner.id : verified.code)
})

server.listen(0, '127.0.0.1', async () => {
  const at = `http://127.0.0.1:${server.address().port}`
  const { token, apiKey } = await keys.create({ name: 'k', owner: { id: 'alice' } })
  const ask = async () => {
    const answer = await fetch(at, { headers: { 'x-api-key': token } })
    return `${answer.status} ${await answer.text()}`
  }
  console.log(await ask())
  const me = await fetch(`${at}/api-keys/me`, { headers: { authorization: `Bearer ${token}` } })
  console.log(me.status, (await me.json()).id === apiKey.id)
  await keys.revoke(apiKey.id)
  console.log(await ask())
  server.close()
  await keys.close()
})
