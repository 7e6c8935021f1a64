/** The demo as `npm start` runs it: a process of its own on the built package, driven by the tour that it prints. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import mongoose from 'mongoose'
import request from 'supertest'
import { serverUri } from '../support/mongo/database.js'

const run = promisify(execFile)
const DEMO = resolve(__dirname, '../../examples/express-passport')

let demo: ChildProcess | undefined
let scratch: string

beforeAll(() => {
  if (!existsSync(resolve(__dirname, '../../dist/index.js'))) {
    throw new Error('the demo runs on the built package: npm run build first')
  }
})
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'sidekey-demo-'))
})
afterEach(async () => {
  if (demo !== undefined && demo.exitCode === null) {
    demo.kill()
    await once(demo, 'exit')
  }
  demo = undefined
  rmSync(scratch, { recursive: true, force: true })
})

/** Starts a demo server, and gives what it prints once it serves. */
async function start(script: string, env: Record<string, string>): Promise<string> {
  const started = spawn(process.execPath, [script], { env: { ...process.env, PORT: '0', ...env } })
  demo = started
  let printed = ''
  let failed = ''
  started.stderr.on('data', text => {
    failed += text
  })
  for await (const text of started.stdout) {
    printed += text
    // The tour ends in its last step.
    if (printed.trimEnd().split('\n').at(-1)?.startsWith('curl')) return printed
  }
  throw new Error(`the demo ended: ${failed}`)
}

/** Runs the tour, copied from what was printed and pasted into a shell; gives each step's output. */
async function take(tour: string): Promise<string> {
  const commands = tour.slice(tour.indexOf('\nAPP='))
  const { stdout } = await run('bash', ['-euc', commands], { cwd: scratch })
  return stdout
}

const EXPECTED = [200, 403, 403, 404, 200, 401]

it.each<[string, () => Promise<Record<string, string>>]>([
  ['in memory', async () => ({ MONGODB_URI: '' })],
  ['in MongoDB', async () => ({ MONGODB_URI: `${serverUri()}/sidekey_demo_${process.pid}` })],
])('keeps what the printed tour promises, %s', async (_where, settings) => {
  const env = await settings()
  const printed = await start(join(DEMO, 'server.js'), env)
  for (const user of ['alice', 'bob', 'carol', 'root']) expect(printed).toContain(user)
  const output = await take(printed)
  const statuses = [...output.matchAll(/ (\d{3})\n/g)].map(([, status]) => Number(status))
  expect(statuses).toEqual(EXPECTED)
  expect(output).toMatch(/^acme_live_[0-9A-Za-z]{16}_[0-9A-Za-z]{49}$/m)
  expect(output).toContain('Sales, first quarter')
  expect(output).toContain('KEY_REVOKED')

  if (env.MONGODB_URI) {
    const connection = await mongoose.createConnection(env.MONGODB_URI).asPromise()
    expect(await connection.collection('sidekey_keys').countDocuments()).toBe(1)
    await connection.dropDatabase()
    await connection.close()
  }
})

it('serves the page, which leads to its login, and from there back to paths of its own alone', async () => {
  const printed = await start(join(DEMO, 'server.js'), { MONGODB_URI: '' })
  const page = /http:\S+\/api-keys\/ui\//.exec(printed)?.[0] ?? ''
  const { origin } = new URL(page)
  const text = (await request(page).get('').expect(200)).text
  expect(text).toContain('<title>Acme API keys</title>')
  expect(text).toContain('"loginUrl":"/login"')

  const logIn = async (returnTo: string) => {
    const sent = request(origin).post('/login').query({ returnTo }).type('form')
    const answer = await sent.send({ username: 'alice', password: 'alice-password' }).expect(302)
    return answer.headers.location
  }
  expect(await logIn('/api-keys/ui/#/new')).toBe('/api-keys/ui/#/new')
  const elsewhere = [
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    '/.//evil.example',
    '/\t/evil.example',
    'javascript:alert(1)',
  ]
  for (const returnTo of elsewhere) expect(await logIn(returnTo)).toMatch(/^\/(?![/\\])/)
  expect(await logIn('login')).toBe('/login')
  // Who fails is asked again, and goes back all the same once they succeed.
  const failed = await request(origin)
    .post('/login?returnTo=%2Freports')
    .type('form')
    .send({ username: 'alice' })
  expect([failed.status, failed.headers.location]).toEqual([302, '/login?returnTo=%2Freports'])
})

it('leads to the page where somebody is logged in, and logs out', async () => {
  const printed = await start(join(DEMO, 'server.js'), { MONGODB_URI: '' })
  const agent = request.agent(/http:\/\/[^/\s]+/.exec(printed)?.[0] ?? '')
  await agent.post('/login').type('form').send({ username: 'alice', password: 'alice-password' }).expect(302)
  const home = await agent.get('/').expect(200)
  expect(home.text).toContain('<a href="/api-keys/ui/">')
  await agent.get('/api-keys').expect(200)
  await agent.post('/logout').expect(302)
  await agent.get('/api-keys').expect(401)
})

it('asks for a fresh login before it makes a token', async () => {
  const printed = await start(join(DEMO, 'server.js'), { MONGODB_URI: '', FRESH_MINUTES: '0' })
  const agent = request.agent(/http:\/\/[^/\s]+/.exec(printed)?.[0] ?? '')
  await agent.post('/login').type('form').send({ username: 'alice', password: 'alice-password' }).expect(302)
  const refused = await agent.post('/api-keys').send({ name: 'k' }).expect(401)
  expect(refused.body.code).toBe('REAUTHENTICATION_REQUIRED')
  await agent.get('/api-keys').expect(200)
})

it('is an app that knows nothing of keys, but for the lines that are marked', async () => {
  const source = readFileSync(join(DEMO, 'app.js'), 'utf8')
  const marked = source.split('\n').filter(line => line.endsWith('// keys'))
  expect(marked.length).toBeLessThanOrEqual(7)
  const without = source
    .split('\n')
    .filter(line => !line.endsWith('// keys'))
    .join('\n')
  expect(without.replace(/^\/\/.*$/gm, '')).not.toMatch(/key/i)

  const before = join(DEMO, `before-${process.pid}.tmp.js`)
  const server = join(DEMO, `before-server-${process.pid}.tmp.js`)
  writeFileSync(before, without)
  writeFileSync(
    server,
    `import { createApp } from ${JSON.stringify(before)}
const server = createApp({ sessionSecret: 'x' }).listen(0, '127.0.0.1', () => {
  console.log('at http://127.0.0.1:' + server.address().port + '\\ncurl')
})`,
  )
  try {
    const printed = await start(server, {})
    const address = /http:\S+/.exec(printed)?.[0] ?? ''
    const agent = request.agent(address)
    await agent.get('/reports').expect(401)
    await agent
      .post('/login')
      .type('form')
      .send({ username: 'bob', password: 'bob-password' })
      .expect(302, /\//)
    const reports = await agent.get('/reports').expect(200)
    expect(reports.body).toEqual([{ title: 'Support, first quarter', by: 'bob' }])
    await agent.get('/api-keys').expect(404)
  } finally {
    rmSync(before)
    rmSync(server)
  }
})

it('says what to do where its port is taken', async () => {
  const taken = /127\.0\.0\.1:(\d+)/.exec(await start(join(DEMO, 'server.js'), { MONGODB_URI: '' }))?.[1]
  const second = spawn(process.execPath, [join(DEMO, 'server.js')], {
    env: { ...process.env, MONGODB_URI: '', PORT: taken ?? '' },
  })
  let said = ''
  second.stderr.on('data', text => {
    said += text
  })
  const [code] = await once(second, 'exit')
  expect(code).toBe(1)
  expect(said).toContain('Set PORT to a free port')
})
