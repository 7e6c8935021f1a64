/** The same requests answered alike by every framework: status, headers and body, to the byte but for ids and times. */
import request from 'supertest'
import { testKeys } from '../support/keys.js'
import { FRAMEWORKS, type Framework } from './apps.js'
import { SCRIPT } from './parity-script.js'

/** Headers that are the framework's own business, or the connection's. */
const ITS_OWN = new Set([
  'date',
  'connection',
  'keep-alive',
  'transfer-encoding',
  'x-powered-by',
  'content-length',
])

/** What differs from run to run; what the server alone knows is told first. */
const CHANGING: readonly (readonly [RegExp, string])[] = [
  [/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '{time}'],
  [/acme_test_[0-9A-Za-z]{16}_[0-9A-Za-z]{49}/g, '{a token}'],
  [/\b(acme_test_)?[0-9A-Za-z]{16}(?=")/g, '$1{an id}'],
  [/(location: \/api-keys\/)[0-9A-Za-z]{16}/g, '$1{an id}'],
  [/"nextCursor":"[^"]+"/g, '"nextCursor":"{a cursor}"'],
]

async function play(app: Framework['app']): Promise<{ answered: string[]; transcript: string[] }> {
  const keys = testKeys()
  const gate = await keys.create({ name: 'gate', owner: { id: 'root' }, permissions: ['api-keys:verify'] })
  const http = request(app(keys))
  const known = { id: '', token: '', cursor: '', gateToken: gate.token }
  const filled = (text: string) =>
    Object.entries(known).reduce((all, [name, value]) => all.replaceAll(`{${name}}`, value), text)

  const answered: string[] = []
  const transcript: string[] = []
  for (const [, method, path, headers, body] of SCRIPT) {
    const asked = http[method](filled(path))
    for (const [name, value] of Object.entries(headers)) asked.set(name, filled(value))
    const answer = await (body === undefined ? asked : asked.type('json').send(filled(JSON.stringify(body))))
    if (known.id === '') Object.assign(known, { id: answer.body.apiKey.id, token: answer.body.token })
    known.cursor = answer.body.nextCursor ?? known.cursor
    const code: unknown = answer.status < 400 ? undefined : answer.body.code
    answered.push([answer.status, code].filter(Boolean).join(' '))
    // The app's own routes answer in their framework's ways.
    const own = !path.startsWith('/api-keys') && answer.status === 200
    const told = Object.entries(answer.headers)
      .filter(([name]) => !ITS_OWN.has(name) && !own)
      .map(([name, value]) => `${name}: ${value}`)
      .sort()
    transcript.push([`${method} ${path}`, answer.status, ...told, answer.text ?? ''].join(' | '))
  }
  const masked = transcript.map(line => CHANGING.reduce((text, change) => text.replace(...change), line))
  return { answered, transcript: masked }
}

const [first, ...others] = FRAMEWORKS
if (first === undefined) throw new Error('there is a first one')
let expected: Awaited<ReturnType<typeof play>>
beforeAll(async () => {
  expected = await play(first.app)
})

it(`${first.name} answers as the script says`, () => {
  const told = SCRIPT.map(([, method, path], at) => [expected.answered[at], method, path].join(' '))
  expect(told).toEqual(SCRIPT.map(([answer, method, path]) => [answer, method, path].join(' ')))
})

it.each(others)('$name answers as Express 5 does, step by step', async ({ app }) => {
  expect((await play(app)).transcript).toEqual(expected.transcript)
})
