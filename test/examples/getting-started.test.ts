/** The first example of docs/getting-started.md, and the commands below it, in an app with a login, on the Mongo server. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { transformSync } from 'esbuild'
import request from 'supertest'
import { blocksOf } from '../docs/pages.js'
import { type Running, startAround } from './around.js'
import { answersOf } from './typed.js'

const PAGE = readFileSync(resolve(__dirname, '../../docs/getting-started.md'), 'utf8')
const [, EXPRESS = ''] = PAGE.split('\n## Express, Passport and sessions\n')
const BLOCKS = blocksOf(EXPRESS.split('\n## ')[0] ?? '')

let app: Running
beforeEach(async () => {
  const [example] = BLOCKS.filter(({ language }) => language === 'ts')
  // Without its types; what it declares is the app's.
  const { code } = transformSync(example?.code ?? '', {
    loader: 'ts',
    format: 'esm',
    target: 'es2023',
    tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
  })
  // The demo's users have no `active`.
  app = await startAround('started', code.replace('user?.active', 'user'))
})
afterEach(() => app.stop())

it('makes a key and uses it, as the page does', async () => {
  const commands = BLOCKS.filter(({ language, code }) => language === 'sh' && code.includes('curl'))
  const [made, used, ...more] = await answersOf(app.address, commands)
  expect(more).toEqual([])
  expect(made?.got).toMatchObject({
    apiKey: { name: 'my script' },
    token: expect.stringMatching(/^acme_live_/),
  })
  expect(used?.got).toMatchObject({ user: { id: 'alice' }, key: expect.stringMatching(/^[0-9A-Za-z]{16}$/) })
})

it('lets a login read, and only a key write', async () => {
  const alice = request.agent(app.address)
  await request(app.address).get('/reports').expect(401)
  await alice.post('/login').send({ username: 'alice', password: 'alice-password' }).expect(200)
  await alice.get('/reports').expect(200, { user: { ...(await alice.get('/reports')).body.user }, key: null })
  await alice.post('/reports').expect(401)
  const { body } = await alice
    .post('/api-keys')
    .send({ name: 'writer', permissions: ['reports:write'] })
    .expect(201)
  await request(app.address).post('/reports').set('Authorization', `Bearer ${body.token}`).expect(201)
})
