/** What a fuzz of the router runs against: keys of all sorts, a store that is watched, a server, raw requests to it. */
import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import type { RequestHandler, Response } from 'express'
import type { Owner, Store } from 'sidekey'
import { keyRouter } from 'sidekey/express'
import type { StoredKey } from '../../src/key/record.js'
import { actingBy, alice, bob, deputy, root, testKeys } from '../support/keys.js'
import type { KeyName } from './fuzz-bodies.js'
import type { Draft } from './fuzz-requests.js'
import { type ExpressModule, jwtLogin, jwtOf, sessionLogin } from './support.js'

/** One change of the store: `null` where there was no record, or is none any more. */
export interface Write {
  readonly before: StoredKey | null
  readonly after: StoredKey | null
}

export interface World {
  readonly router: RequestHandler
  /** What the marks in requests stand for: `id:full`, `token:full`. */
  readonly marks: Map<string, string>
  /** Secret parts of all tokens that there have been. */
  readonly secrets: Set<string>
  /** The records as they are, and the writes since this was last emptied. */
  readonly records: ReadonlyMap<string, StoredKey>
  readonly writes: Write[]
  /** All that was logged, as text. */
  readonly logged: string[]
}

/** The 43 random digits of a token, without its checksum. */
export const secretOf = (token: string): string => token.slice(-49, -6)

export async function openWorld(inner: Store): Promise<World> {
  const records = new Map<string, StoredKey>()
  const writes: Write[] = []
  const logged: string[] = []
  const log = (details: object) => void logged.push(String(Object.values(details)[0]))
  const keys = testKeys({
    store: watched(inner, records, writes),
    roles: { reader: ['reports:read'] },
    kinds: { secret: {}, short: { maxExpiresIn: '90d' } },
    maxKeysPerOwner: 10,
    logger: { warn: log, error: log },
  })
  const marks = new Map<string, string>()
  const secrets = new Set<string>()
  const keep = (name: KeyName, { apiKey, token }: { apiKey: { id: string }; token: string }) => {
    marks.set(`id:${name}`, apiKey.id).set(`token:${name}`, token)
    secrets.add(secretOf(token))
    return apiKey.id
  }
  const make = async (name: KeyName, owner: Partial<Owner>, more: object = {}) =>
    keep(
      name,
      await keys.create({ name, owner: { id: 'alice', ...owner }, permissions: ['reports:*'], ...more }),
    )

  await make('alices', {})
  await make('latest', {})
  await make('full', {}, { permissions: ['reports:*', 'api-keys:*'] })
  await make('weak', {}, { permissions: [] })
  await make('bobs', { id: 'bob' }, { permissions: ['*'] })
  await make('colleagues', { id: 'bob' }, { organizationId: 'acme' })
  await make('acmes', { type: 'organization', id: 'acme' }, { permissions: ['*'] })
  await make('roots', { id: 'root' }, { permissions: ['*'] })
  await make('fromTen', {}, { permissions: ['*'], restrictions: { ips: ['10.0.0.0/8'] } })
  await make('fromApp', {}, { restrictions: { origins: ['https://app.example.com'] } })
  await make('expired', {}, { expiresIn: '1ms' })
  await make('scheduled', {}, { notBefore: '2999-01-01' })
  await keys.revoke(await make('revoked', {}))
  await keys.update(await make('disabled', {}), { enabled: false })
  await keys.delete(await make('deleted', {}))
  const acting = await actingBy(keys, marks.get('token:full') ?? '')
  keep('child', await acting.create({ name: 'child', permissions: ['reports:read'] }))
  writes.length = 0
  return { router: keyRouter(keys), marks, secrets, records, writes, logged }
}

/** The same store, with every change of a record noted. */
function watched(inner: Store, records: Map<string, StoredKey>, writes: Write[]): Store {
  const note = (id: string, after: StoredKey | null) => {
    writes.push({ before: records.get(id) ?? null, after })
    if (after === null) records.delete(id)
    else records.set(id, after)
  }
  return {
    ...inner,
    async insert(key) {
      const done = await inner.insert(key)
      if (done) note(key.id, key)
      return done
    },
    async replace(key, ifVersion) {
      const done = await inner.replace(key, ifVersion)
      if (done) note(key.id, key)
      return done
    },
    async remove(id, ifVersion) {
      const done = await inner.remove(id, ifVersion)
      if (done) note(id, null)
      return done
    },
  }
}

/** A request with its marks filled in. */
export interface Raw extends Pick<Draft, 'method' | 'body' | 'framing'> {
  readonly target: string
  readonly headers: http.OutgoingHttpHeaders
}

export interface Answer {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly text: string
  /** Whether the router had the request; if not, Node or Express has answered it. */
  readonly reached: boolean
}

export interface Server {
  enter(world: World): void
  /** The request that a draft stands for in the world that was entered. */
  fill(draft: Draft): Raw
  /** Sends it; `null`: it was cut off before an answer came. */
  send(raw: Raw): Promise<Answer | null>
  close(): void
}

export async function serve(express: ExpressModule): Promise<Server> {
  let world: World | undefined
  let reached: Response | null = null
  let arrived = () => {}
  const app = express().set('trust proxy', true).use(sessionLogin(express), jwtLogin())
  app.use('/api-keys', (request, response, next) => {
    reached = response
    arrived()
    // The router answers all that is below it: what it would pass on is a fault.
    world?.router(request, response, error => next(error ?? new Error('passed on')))
  })
  const server = http.createServer(app).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // it listens on TCP
  const agent = new http.Agent({ keepAlive: true })
  const logins = new Map([['jwt:bob', jwtOf(bob)]])
  for (const user of [alice, root, deputy]) {
    const answer = await fetch(`http://127.0.0.1:${port}/login/${user.id}`, { method: 'POST' })
    logins.set(`cookie:${user.id}`, answer.headers.getSetCookie().join('; '))
  }

  const filled = (text: string) =>
    text.replace(/<(\w+):(\w+)>/g, (mark, what: string, name: string) => {
      const token = world?.marks.get(`token:${name}`) ?? ''
      if (what === 'half') return token.slice(0, 40)
      if (what === 'flip') return token.slice(0, -1) + (token.endsWith('A') ? 'B' : 'A')
      return world?.marks.get(`${what}:${name}`) ?? logins.get(`${what}:${name}`) ?? mark
    })

  async function send({ method, target, headers, body, framing }: Raw): Promise<Answer | null> {
    const bytes = framing === 'gzip' ? gzipSync(body) : Buffer.from(body)
    reached = null
    const hasArrived = new Promise<void>(resolve => {
      arrived = resolve
    })
    const request = http.request({
      port,
      method,
      path: target,
      agent: framing === 'cut' ? false : agent,
      headers: { ...headers, ...lengthOf(bytes, framing) },
    })
    const answered = once(request, 'response') as Promise<[http.IncomingMessage]> // as Node documents it
    if (framing === 'cut') {
      request.flushHeaders()
      request.write(bytes)
      await Promise.race([hasArrived, answered])
      const closed = reached === null ? null : once(reached, 'close')
      answered.catch(() => {}) // that it was cut off
      request.destroy()
      await closed
      return null
    }
    request.end(bytes)
    const [response] = await answered
    const text = Buffer.concat(await response.toArray()).toString('utf8')
    return { status: response.statusCode ?? 0, headers: response.headers, text, reached: reached !== null }
  }

  return {
    enter(next) {
      world = next
    },
    fill({ mount, path, query, headers, ...rest }) {
      const fields = Object.entries(headers).map(([name, value]) => [
        name,
        typeof value === 'string' ? filled(value) : value.map(filled),
      ])
      return {
        ...rest,
        target: filled(mount + path + query),
        headers: Object.fromEntries(fields),
        body: filled(rest.body),
      }
    },
    send,
    close() {
      agent.destroy()
      server.closeAllConnections()
      server.close()
    },
  }
}

function lengthOf(bytes: Buffer, framing: Draft['framing']): Record<string, string> {
  if (framing === 'chunked') return { 'transfer-encoding': 'chunked' }
  const length = { 'content-length': String(bytes.length + (framing === 'cut' ? 10 : 0)) }
  return framing === 'gzip' ? { ...length, 'content-encoding': 'gzip' } : length
}
