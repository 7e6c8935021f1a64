/** The same requests answered alike by every framework: status, headers and body, to the byte but for ids and times. */
import request from 'supertest'
import { testKeys } from '../support/keys.js'
import { FRAMEWORKS } from './apps.js'

type Headers = Record<string, string>
type Step = readonly [
  method: 'get' | 'post' | 'patch' | 'delete' | 'put' | 'head',
  path: string,
  headers: Headers,
  body?: object,
]

const alice = { 'x-user': 'alice' }
const root = { 'x-user': 'root' }
const KEY = '{token}'
const bearer = { authorization: `Bearer ${KEY}` }

/** `{id}` and `{token}` are those of the key that the first step made. */
const SCRIPT: readonly Step[] = [
  ['post', '/api-keys', alice, { name: 'k', permissions: ['reports:read'], metadata: { a: 'é' } }],
  ['get', '/api-keys?limit=1', alice],
  ['get', '/api-keys?limit=0', alice],
  ['get', '/api-keys?limit=1&limit=2', alice],
  ['get', '/api-keys', {}],
  ['head', '/api-keys', alice],
  ['put', '/api-keys', alice],
  ['get', '/api-keys/nowhere/at/all', alice],
  ['get', '/api-keys/short', alice],
  ['get', '/api-keys/{id}', alice],
  ['get', '/api-keys/{id}', { 'x-user': 'bob' }],
  ['get', '/api-keys/me', bearer],
  ['get', '/api-keys/me', { ...bearer, 'x-api-key': 'acme_test_another' }],
  ['post', '/api-keys', bearer, { name: 'child' }],
  ['patch', '/api-keys/{id}', { ...alice, 'if-match': '"7"' }, { name: 'n' }],
  ['patch', '/api-keys/{id}', alice, { name: '', expiresIn: '90' }],
  ['post', '/api-keys/lookup', root, { token: KEY }],
  ['post', '/api-keys/revoke', alice, {}],
  ['get', '/reports', bearer],
  ['get', '/reports', {}],
  ['get', '/things/1', { 'x-api-key': KEY }],
  ['post', '/api-keys/{id}/revoke', { ...root, origin: 'https://evil.example' }, {}],
  ['post', '/api-keys/{id}/revoke', root, { reason: 'leaked' }],
  ['patch', '/api-keys/{id}', alice, { name: 'n' }],
  ['get', '/reports', bearer],
  ['delete', '/api-keys/{id}', alice],
  ['get', '/reports', bearer],
]

/** Headers that are the framework's own business, or the connection's. */
const ITS_OWN = new Set([
  'date',
  'connection',
  'keep-alive',
  'transfer-encoding',
  'x-powered-by',
  'content-length',
])

async function transcript(listener: Parameters<typeof request>[0]): Promise<string[]> {
  const http = request(listener)
  const made = { id: '', token: '' }
  const filled = (text: string) => text.replaceAll('{id}', made.id).replaceAll(KEY, made.token)
  const lines: string[] = []
  for (const [method, path, headers, body] of SCRIPT) {
    const asked = http[method](filled(path))
    for (const [name, value] of Object.entries(headers)) asked.set(name, filled(value))
    const answer = await (body === undefined ? asked : asked.type('json').send(filled(JSON.stringify(body))))
    if (made.id === '') Object.assign(made, { id: answer.body.apiKey.id, token: answer.body.token })
    // The app's own routes answer in their framework's ways.
    const own = !path.startsWith('/api-keys') && answer.status === 200
    const told = Object.entries(answer.headers)
      .filter(([name]) => !ITS_OWN.has(name) && !own)
      .map(([name, value]) => `${name}: ${value}`)
      .sort()
    lines.push([`${method} ${path}`, answer.status, ...told, answer.text ?? ''].join(' | '))
  }
  return lines.map(line =>
    line
      .replaceAll(made.token, KEY)
      .replaceAll(made.id, '{id}')
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '{time}'),
  )
}

it.each(FRAMEWORKS.slice(1))('$name answers as Express 5 does, step by step', async ({ app }) => {
  const [first] = FRAMEWORKS
  if (first === undefined) throw new Error('there is a first one')
  const expected = await transcript(first.app(testKeys()))
  expect(expected).toHaveLength(SCRIPT.length)
  expect(expected[0]).toContain('201')
  expect(await transcript(app(testKeys()))).toEqual(expected)
})
