/** What must hold of every answer of the router, and of what a request did to the store. */
import { ERROR_CODES, statusOf, titleOf } from '../../src/errors.js'
import { type StoredKey, sameOwner } from '../../src/key/record.js'
import type { Actor, Draft } from './fuzz-requests.js'
import { type Answer, secretOf, type World, type Write } from './fuzz-world.js'

const SAFE = ['GET', 'HEAD', 'OPTIONS']
const ADMINS = ['root', 'deputy']

/** Who is behind a request: a page of another site that asks for a change with a user's login is nobody. */
export function actorOf({ actor, method, headers }: Draft): Actor {
  const foreign = headers['sec-fetch-site'] === 'cross-site' || /evil|null/.test(String(headers.origin))
  return actor.via === 'user' && foreign && !SAFE.includes(method) ? { via: 'nobody' } : actor
}

/** The record of the key that a request is made with. */
export function actingKey(actor: Actor, { marks, records }: World): StoredKey | undefined {
  return actor.via === 'key' ? records.get(marks.get(`id:${actor.name}`) ?? '') : undefined
}

/** What is wrong with what a request did to the store. One that was refused, or was cut off, changes nothing. */
export function writeFaults(
  writes: readonly Write[],
  answer: Answer | null,
  actor: Actor,
  acting: StoredKey | undefined,
): string[] {
  const idle = answer === null || answer.status >= 400
  return writes
    .filter(write => idle || !mayWrite(actor, acting, write))
    .map(({ before, after }) => `changes ${(before ?? after)?.name}`)
}

/** Whether somebody may have made this change: users to their own keys, keys to their owner's or only to themselves. */
function mayWrite(actor: Actor, acting: StoredKey | undefined, { before, after }: Write): boolean {
  const touched = [before, after].filter(key => key !== null)
  if (actor.via === 'nobody') return false
  if (actor.via === 'user') {
    const { id } = actor
    return ADMINS.includes(id) || touched.every(({ owner }) => owner.type === 'user' && owner.id === id)
  }
  if (acting === undefined || after === null) return false
  if (before?.id === acting.id) return true
  const manages = acting.parentId === null && acting.permissions.some(one => /^(api-keys|\*)/.test(one))
  const itsChild = before !== null || after.parentId === acting.id
  return manages && itsChild && touched.every(({ owner }) => sameOwner(owner, acting.owner))
}

/** What is wrong with an answer. A token in it is told this once: no later answer may have its secret. */
export function faultsOf(answer: Answer, method: string, actor: Actor, world: World): string[] {
  const { status, headers, reached } = answer
  const told = JSON.stringify(headers) + withoutToken(answer, world)
  const all = [fault(status < 500, 'is 5xx'), fault(!tellsSecret(told, world), 'tells a secret')]
  if (!reached) return all.flat()
  return [
    ...all.flat(),
    ...fault(actor.via !== 'nobody' || status >= 400, 'lets nobody in'),
    ...fault(headers['cache-control'] === 'no-store', 'may be kept by a cache'),
    ...fault(headers['x-content-type-options'] === 'nosniff', 'may be taken for another type'),
    ...fault(headers['set-cookie'] === undefined, 'writes a session'),
    ...(status >= 400 ? problemFaults(answer, method) : goodFaults(answer, method)),
  ]
}

/** Whether a text has a hash in it, or the secret of any token that there has been. */
export function tellsSecret(text: string, { secrets }: World): boolean {
  return text.includes('$sha256$') || [...secrets].some(secret => text.includes(secret))
}

/** The answer without the token that it gives away, which is kept. */
function withoutToken({ status, reached, text }: Answer, world: World): string {
  if (!reached || status >= 300 || text === '') return text
  const { token, ...rest } = JSON.parse(text)
  if (typeof token !== 'string') return text
  world.marks.set('token:latest', token).set('id:latest', rest.apiKey.id)
  world.secrets.add(secretOf(token))
  return JSON.stringify(rest)
}

function goodFaults({ status, headers, text }: Answer, method: string): string[] {
  const type = status === 204 ? undefined : 'application/json'
  const empty = status === 204 || method === 'HEAD'
  return [
    ...fault([200, 201, 204].includes(status), 'has a status that no route has'),
    ...fault(headers['content-type'] === type, 'has another type'),
    ...fault(empty ? text === '' : isObject(parsed(text)), 'has another body'),
  ]
}

function problemFaults({ status, headers, text }: Answer, method: string): string[] {
  const { 'content-type': type, 'www-authenticate': challenge = '', allow = '' } = headers
  return [
    ...fault(type === 'application/problem+json', 'is no problem by its type'),
    ...fault(status !== 401 || challenge.startsWith('Bearer realm="'), 'has no challenge'),
    ...fault(status !== 405 || /^[A-Z]+(, [A-Z]+)*$/.test(allow), 'tells no methods'),
    ...fault(method === 'HEAD' ? text === '' : isProblem(parsed(text), status), 'is no problem document'),
  ]
}

function isProblem(document: unknown, status: number): boolean {
  if (!isObject(document)) return false
  const { type, title, detail, errors = [], status: told, ...rest } = document
  const code = ERROR_CODES.find(known => known === document.code)
  return (
    code !== undefined &&
    statusOf(code) === status &&
    told === status &&
    type === `urn:sidekey:error:${code}` &&
    title === titleOf(code) &&
    isText(detail) &&
    Object.keys(rest).join() === 'code' &&
    Array.isArray(errors) &&
    errors.every(isFieldError)
  )
}

function isFieldError(error: unknown): boolean {
  if (!isObject(error)) return false
  const { path, message, ...rest } = error
  return typeof path === 'string' && isText(message) && Object.keys(rest).length === 0
}

const isText = (value: unknown) => typeof value === 'string' && /\w/.test(value)

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function fault(holds: boolean, otherwise: string): string[] {
  return holds ? [] : [otherwise]
}
