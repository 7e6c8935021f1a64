/**
 * sidekey beside what users would pick instead, over one MongoDB server, with a thousand keys each: verification, the commands that it
 * takes, a route of Express, and how long a key is accepted after the call that ends it has returned. Nothing is claimed here but
 * that sidekey accepts nothing afterwards: the other benches have the claims.
 */
import type { AddressInfo } from 'node:net'
import express, { type RequestHandler } from 'express'
import mongoose, { type Connection } from 'mongoose'
import passport from 'passport'
import { type ApiKeysOptions, apiKeys } from 'sidekey'
import { requireKey } from 'sidekey/express'
import { mongooseStore } from 'sidekey/mongoose'
import { startServer } from '../test/support/mongo/server.js'
import { BETTER_AUTH, betterAuthOnMongo } from './better-auth.js'
import { byBcrypt, bySha256, type Check, strategyOf } from './hand-written.js'
import { AUTOCANNON, load } from './load.js'
import { BY_CLOCK, claim, figure, printMachine, repeating, sideBySide, spread, whole } from './measure.js'

const KEYS = 1_000
const COUNTED = 200
const REQUESTS = 3_000
/** Of what takes a core for 50 ms each. */
const FEW_REQUESTS = 100
const CONNECTIONS = 10
const ROUNDS = 5
const ENDINGS = 20

/** One that can check tokens. */
interface Peer {
  readonly name: string
  readonly check: Check
  /** What it sends to the server. */
  readonly client: Pick<ReturnType<Connection['getClient']>, 'on' | 'off'>
  readonly guard: RequestHandler
  readonly isSlow?: true
}

const server = await startServer('sidekey-bench')
const names: string[] = []
const closers: (() => Promise<unknown>)[] = []

async function connect(dbName = `sidekey_beside_${process.pid}_${names.length}`): Promise<Connection> {
  names.push(dbName)
  const connection = await mongoose
    .createConnection(server.uri, { dbName, monitorCommands: true })
    .asPromise()
  closers.push(() => connection.close())
  return connection
}

function open(connection: Connection, options: Pick<ApiKeysOptions, 'cache'> = {}) {
  const keys = apiKeys({
    ...options,
    prefix: 'acme_live',
    store: mongooseStore(connection),
    permissions: ['reports:read', 'reports:write'],
    grants: () => ['reports:read', 'reports:write'],
  })
  closers.unshift(() => keys.close())
  return keys
}

async function sidekey(name: string, options: Pick<ApiKeysOptions, 'cache'>): Promise<Peer> {
  const connection = await connect()
  const keys = open(connection, options)
  await keys.ready()
  const tokens: string[] = []
  const input = { name: 'bench', owner: { id: 'alice' }, permissions: ['reports:read'] } as const
  const make = async () => {
    while (tokens.length < KEYS) tokens.push((await keys.create(input)).token)
  }
  await Promise.all(Array.from({ length: 20 }, make))
  const verify = async (token: string) => {
    const verification = await keys.verify(token, { permissions: 'reports:read' })
    return verification.ok ? verification.owner.id : null
  }
  // As in a process that has run for a while.
  for (const token of tokens) await verify(token)
  return {
    name,
    check: { tokens, verify },
    client: connection.getClient(),
    guard: requireKey(keys, 'reports:read'),
  }
}

async function betterAuth(): Promise<Peer> {
  const dbName = `sidekey_beside_${process.pid}_better`
  names.push(dbName)
  const { verifyOne, tokens, client, close } = await betterAuthOnMongo({
    uri: server.uri,
    dbName,
    keys: KEYS,
    limits: false,
  })
  closers.push(close)
  const verify = async (token: string) => ((await verifyOne(token)).valid ? 'alice' : null)
  return { name: `better-auth ${BETTER_AUTH}`, check: { tokens, verify }, client, guard: guardBy(verify) }
}

function guardBy(verify: Check['verify']): RequestHandler {
  return (request, response, next) => {
    verify(String(request.headers['x-api-key'])).then(
      owner => (owner === null ? void response.status(401).end() : next()),
      next,
    )
  }
}

async function handWritten(
  name: string,
  by: (connection: Connection, keys: number) => Promise<Check>,
  guardOf: (check: Check) => RequestHandler,
): Promise<Peer> {
  const connection = await connect()
  const check = await by(connection, KEYS)
  return { name, check, client: connection.getClient(), guard: guardOf(check) }
}

const byPassport = (check: Check): RequestHandler => {
  passport.use('beside', strategyOf(check))
  return passport.authenticate('beside', { session: false })
}

async function verifications(peers: readonly Peer[]): Promise<void> {
  const contestants = peers.map(({ name, check: { tokens, verify } }) => {
    let next = 0
    const one = () => verify(tokens[next++ % tokens.length] ?? '')
    return repeating(name, one, owner => owner !== null)
  })
  await sideBySide(
    `A verification, one after the other, of ${whole(KEYS)} keys in turn`,
    BY_CLOCK,
    contestants,
  )
}

async function commands(peers: readonly Peer[]): Promise<void> {
  console.log('\nCommands that a verification sends to the server')
  for (const { name, check, client } of peers) {
    const use = async () => {
      for (let i = 0; i < COUNTED; i++) await check.verify(check.tokens[i % check.tokens.length] ?? '')
    }
    // What was in memory is a minute old by now.
    await use()
    const sent = new Map<string, number>()
    const listener = ({ commandName }: { commandName: string }) =>
      sent.set(commandName, (sent.get(commandName) ?? 0) + 1)
    client.on('commandStarted', listener)
    await use()
    client.off('commandStarted', listener)
    const each = [...sent].map(([command, n]) => `${(n / COUNTED).toFixed(2)} ${command}`)
    console.log(`  ${name.padEnd(44)} ${each.join(', ') || 'none'}`)
  }
}

async function routes(peers: readonly Peer[]): Promise<void> {
  const app = express()
  app.get('/none', (_request, response) => void response.json({ ok: true }))
  for (const [i, { guard }] of peers.entries())
    app.get(`/${i}`, guard, (_request, response) => void response.json({ ok: true }))
  const listening = app.listen(0, '127.0.0.1')
  await new Promise(done => listening.once('listening', done))
  const { port } = listening.address() as AddressInfo // it listens on a port
  const all = [
    { path: 'none', name: 'floor: the route without a check', token: '', amount: REQUESTS },
    ...peers.map(({ name, check, isSlow }, i) => ({
      path: String(i),
      name,
      token: check.tokens[0] ?? '',
      amount: isSlow ? FEW_REQUESTS : REQUESTS,
    })),
  ]
  const rates = all.map((): number[] => [])
  for (let round = -1; round < ROUNDS; round++) {
    for (const [i, { path, token, amount }] of all.entries()) {
      const url = `http://127.0.0.1:${port}/${path}`
      const { requests, seconds } = await load(
        url,
        { 'x-api-key': token },
        { requests: amount, connections: CONNECTIONS },
      )
      if (round >= 0) rates[i]?.push(requests / seconds)
    }
  }
  console.log(
    `\nA route of Express 5 (autocannon ${AUTOCANNON}, ${CONNECTIONS} connections), requests a second by the clock`,
  )
  for (const [i, { name }] of all.entries())
    console.log(`  ${name.padEnd(44)} ${spread(figure(rates[i] ?? []), whole)}`)
  await new Promise(done => listening.close(done))
}

/** Two processes, as two connections with a memory each: one ends keys, the other verifies without a pause. */
async function endings(): Promise<void> {
  const connection = await connect()
  const [one, other] = [open(connection), open(await connect(connection.name))]
  await one.ready()
  const calls: number[] = []
  let late = 0
  for (let i = 0; i < ENDINGS; i++) {
    const { apiKey, token } = await one.create({ name: 'ends', owner: { id: 'alice' } })
    let accepted = 0
    let goesOn = true
    const verifying = (async () => {
      while (goesOn) {
        const began = performance.now()
        if ((await other.verify(token)).ok) accepted = began
        await new Promise(setImmediate)
      }
    })()
    while (accepted === 0) await new Promise(setImmediate)
    const began = performance.now()
    await one.revoke(apiKey.id)
    const resolved = performance.now()
    calls.push(resolved - began)
    await new Promise(done => setTimeout(done, 100))
    goesOn = false
    await verifying
    if (accepted > resolved) late++
  }
  console.log('\nsidekey, revoke() in one process, verification from memory in another')
  const print = (ms: number) => `${whole(ms)} ms`
  console.log(`  the call takes ${spread(figure(calls), print)}`)
  claim(late === 0, `${late} of ${ENDINGS} keys accepted after it had resolved`, 'none')
  console.log(
    '         (what reads the database each time accepts nothing once a delete has returned, either)',
  )
}

printMachine()
console.log(`server: ${server.described}`)
try {
  const peers = [
    await sidekey('sidekey', {}),
    await sidekey('sidekey, cache: false', { cache: false }),
    await betterAuth(),
    await handWritten('hand-written: SHA-256, findOne', bySha256, ({ verify }) => guardBy(verify)),
    {
      ...(await handWritten('passport-headerapikey, findById, bcrypt', byBcrypt, byPassport)),
      isSlow: true as const,
    },
  ]
  await verifications(peers)
  await commands(peers)
  await routes(peers)
  await endings()
} finally {
  const cleaning = await mongoose.createConnection(server.uri).asPromise()
  for (const close of closers) await close()
  for (const name of new Set(names)) await cleaning.useDb(name).dropDatabase()
  await cleaning.close()
  await server.stop()
}
