/** Broken object level authorization (API1): every route about a key, by everybody, about everybody's keys. */
import { ROUTES } from '../../src/http/routes.js'
import type { Action } from '../../src/key/action.js'
import { alice, carol } from '../support/keys.js'
import {
  ACTORS,
  type Actor,
  type Expected,
  expected,
  makeSubject,
  openWorld,
  SUBJECT_NAMES,
  SUBJECTS,
  type SubjectName,
  stateOf,
  type World,
} from './actors.js'

interface Asked {
  readonly route: string
  readonly action: Action
  readonly query?: string
  readonly body?: object
}
/** Every route with an id, as often as it does different things. */
const ON_A_KEY: readonly Asked[] = [
  { route: 'GET /:id', action: 'read' },
  { route: 'GET /:id/audit', action: 'audit' },
  { route: 'GET /:id/usage', action: 'audit' },
  { route: 'PATCH /:id', action: 'update', body: { name: 'another' } },
  { route: 'PATCH /:id', action: 'disable', body: { enabled: false } },
  { route: 'PATCH /:id', action: 'enable', body: { enabled: true } },
  { route: 'DELETE /:id', action: 'delete' },
  { route: 'DELETE /:id', action: 'purge', query: '?purge=true' },
  { route: 'POST /:id/rotate', action: 'rotate', body: {} },
  { route: 'POST /:id/revoke', action: 'revoke', body: {} },
  { route: 'POST /:id/restore', action: 'restore' },
  {
    route: 'POST /:id/transfer',
    action: 'transfer',
    body: { owner: { type: 'organization', id: 'evil' } },
  },
  { route: 'POST /:id/credits', action: 'credits', body: { add: 5 } },
]
/** Routes without one. */
const NAMED = ROUTES.filter(({ path }) => !path.startsWith('/:id'))

interface Page<T> {
  readonly data: readonly T[]
}

const STATUS: Readonly<Record<Exclude<Expected, 'allowed'>, readonly [number, string]>> = {
  forbidden: [403, 'FORBIDDEN'],
  hidden: [404, 'NOT_FOUND'],
  'log in': [401, 'UNAUTHENTICATED'],
}

/** The key in the state in which the action has something to do, by the lowest rank that could bring it there. */
async function prepared(world: World, name: SubjectName, action: Action) {
  const subject = await makeSubject(world, name)
  const { keys } = world
  const owners = { "alice's": keys.as(alice), "alice's in acme": keys.as(alice), "acme's": keys.as(carol) }
  const face = name in owners ? owners[name as keyof typeof owners] : keys // it was just found to be one
  if (action === 'enable') await face.update(subject.apiKey.id, { enabled: false })
  if (action === 'restore') await face.delete(subject.apiKey.id)
  return subject
}

describe('every route about a key', () => {
  it('is asked here', () => {
    const about = ROUTES.filter(({ path }) => path.startsWith('/:id')).map(
      ({ method, path }) => `${method} ${path}`,
    )
    expect([...new Set(ON_A_KEY.map(({ route }) => route))].sort()).toEqual([...new Set(about)].sort())
  })

  const cases = ON_A_KEY.flatMap(asked => SUBJECT_NAMES.map(subject => ({ ...asked, subject })))
  it.each(cases)(
    'does what the access table says, for everybody: $route ($action), $subject key',
    async ({ route, action, query = '', body, subject }) => {
      const [method = '', path = ''] = route.split(' ')
      const answered: Record<string, unknown> = {}
      const wanted: Record<string, unknown> = {}
      for (const actor of ACTORS) {
        const world = openWorld()
        const { apiKey } = await prepared(world, subject, action)
        const before = await stateOf(world, apiKey.id)
        const answer = await world.send(actor, method, path.replace(':id', apiKey.id) + query, body)
        const text = await answer.text()
        const changed = (await stateOf(world, apiKey.id)) !== before
        const what = expected(actor, action, subject)
        wanted[actor.name] =
          what === 'allowed' ? ['allowed', changes(action)] : [...STATUS[what], false, false]
        answered[actor.name] = answer.ok
          ? ['allowed', changed]
          : [answer.status, JSON.parse(text).code, changed, text.includes(apiKey.name)]
      }
      expect(answered).toEqual(wanted)
    },
  )

  it.each(ON_A_KEY)(
    'answers alike, to the byte, for a key that is not there and one that is hidden: $route ($action)',
    async ({ route, query = '', body }) => {
      const [method = '', path = ''] = route.split(' ')
      const strangers = ACTORS.filter(({ user }) => user?.id === 'mallory')
      for (const actor of strangers) {
        const world = openWorld()
        const faces: unknown[] = []
        for (const subject of SUBJECT_NAMES) {
          const { apiKey } = await makeSubject(world, subject)
          for (const id of [apiKey.id, '0000000000000000']) {
            const answer = await world.send(actor, method, path.replace(':id', id) + query, body)
            faces.push([answer.status, [...answer.headers], await answer.text()])
          }
        }
        for (const face of faces) expect([actor.name, face]).toEqual([actor.name, faces[0]])
      }
    },
  )
})

function changes(action: Action): boolean {
  return action !== 'read' && action !== 'audit'
}

/** Which keys somebody may do this to: subjects of a world in which all are. */
function allowedTo(actor: Actor, action: Action): SubjectName[] {
  return SUBJECT_NAMES.filter(name => expected(actor, action, name) === 'allowed')
}

describe('every other route', () => {
  const SCOPES = [
    '',
    '?ownerId=alice',
    '?ownerId=bob',
    '?ownerId=alice&ownerType=service',
    '?ownerId=acme&ownerType=organization',
    '?organizationId=acme',
    '?organizationId=evil',
    '?all=true',
  ]

  async function full() {
    const world = openWorld()
    const made = new Map<SubjectName, Awaited<ReturnType<typeof makeSubject>>>()
    for (const name of SUBJECT_NAMES) made.set(name, await makeSubject(world, name))
    const nameOf = new Map([...made].map(([name, { apiKey }]) => [apiKey.id, name]))
    return { world, made, nameOf }
  }

  it('is asked here, or tells of no key', () => {
    const asked = [
      'POST /',
      'GET /',
      'GET /audit',
      'GET /usage',
      'POST /revoke',
      'POST /revoke/preview',
      'POST /lookup',
      'POST /verify',
    ]
    const others = ['GET /me', 'GET /config', 'POST /leaks', 'GET /openapi.json']
    expect(NAMED.map(({ method, path }) => `${method} ${path}`).sort()).toEqual([...asked, ...others].sort())
  })

  it.each(ACTORS)('lists, and tells events of, what $name may see: no more', async actor => {
    const { world, nameOf } = await full()
    for (const scope of SCOPES) {
      const list = await world.send(actor, 'GET', `/${scope}`)
      const audit = await world.send(actor, 'GET', `/audit${scope}`)
      if (actor.by === 'nobody') expect([list.status, audit.status]).toEqual([401, 401])
      const shown = list.ok ? ((await list.json()) as Page<{ id: string }>).data.map(key => key.id) : []
      const told = audit.ok
        ? ((await audit.json()) as Page<{ keyId: string }>).data.map(event => event.keyId)
        : []
      const subjects = (ids: readonly string[]) => ids.flatMap(id => nameOf.get(id) ?? [])
      expect(allowedTo(actor, 'read')).toEqual(expect.arrayContaining(subjects(shown)))
      expect(allowedTo(actor, 'audit')).toEqual(expect.arrayContaining(subjects(told)))
      if (scope !== '?all=true') continue
      const isAdmin = actor.by === 'login' && actor.user?.role === 'admin'
      expect([list.ok, audit.ok]).toEqual([isAdmin, isAdmin])
      if (isAdmin) expect(subjects(shown).sort()).toEqual([...SUBJECT_NAMES].sort())
    }
  })

  it.each(ACTORS)('tells use, and finds by a token, what $name may see: no more', async actor => {
    const { world, made } = await full()
    for (const [name, { apiKey, token }] of made) {
      const lookup = await world.send(actor, 'POST', '/lookup', { token })
      const usage = await world.send(actor, 'GET', `/usage?keyId=${apiKey.id}`)
      const of = (action: Action) => expected(actor, action, name) === 'allowed'
      expect([actor.name, name, lookup.ok, usage.ok]).toEqual([actor.name, name, of('read'), of('audit')])
    }
  })

  it.each(ACTORS)('counts, and revokes, many: those that $name may revoke, and no other', async actor => {
    const { world, made } = await full()
    const ids = [...made.values()].map(({ apiKey }) => apiKey.id)
    const preview = await world.send(actor, 'POST', '/revoke/preview', { ids })
    if (preview.ok) {
      const { keys } = (await preview.json()) as { keys: number }
      expect(keys).toBe(allowedTo(actor, 'revoke').length)
    } else expect(allowedTo(actor, 'revoke')).toEqual([])
    await world.send(actor, 'POST', '/revoke', { ids })
    const revoked: SubjectName[] = []
    for (const [name, { apiKey }] of made) {
      if ((await world.keys.get(apiKey.id))?.status === 'revoked') revoked.push(name)
    }
    expect(revoked).toEqual(allowedTo(actor, 'revoke'))
  })

  it.each(ACTORS)('makes keys for those for whom $name may, and no other', async actor => {
    for (const name of SUBJECT_NAMES) {
      const world = openWorld()
      const answer = await world.send(actor, 'POST', '/', { name: 'new', ...SUBJECTS[name] })
      expect([actor.name, name, answer.ok]).toEqual([
        actor.name,
        name,
        expected(actor, 'create', name) === 'allowed',
      ])
    }
  })

  it.each(ACTORS)('verifies for $name only what is an admin, or a key with api-keys:verify', async actor => {
    const { world, made } = await full()
    const answer = await world.send(actor, 'POST', '/verify', { token: made.get("alice's")?.token })
    const isAdmin = actor.by === 'login' && actor.user?.role === 'admin'
    expect(answer.ok).toBe(isAdmin || actor.by === 'full key')
  })
})
