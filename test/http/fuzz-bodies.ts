/**
 * Random bodies of the router's routes, as text. Marks such as `<id:bobs>` and `<token:full>` stand for what only a
 * running server has.
 */
import fc, { type Arbitrary } from 'fast-check'

/** The keys of every world, by name: `latest` is the last one made over HTTP. */
export const KEY_NAMES = [
  'alices',
  'full',
  'weak',
  'child',
  'bobs',
  'colleagues',
  'acmes',
  'roots',
  'fromTen',
  'fromApp',
  'revoked',
  'disabled',
  'expired',
  'scheduled',
  'deleted',
  'latest',
] as const
export type KeyName = (typeof KEY_NAMES)[number]

type Fields = Readonly<Record<string, Arbitrary<string>>>

/** The arbitrary in so many of a hundred cases, else nothing. */
export function maybe<T extends string | object>(
  percent: number,
  arbitrary: Arbitrary<T>,
  none: NoInfer<T>,
): Arbitrary<T> {
  return fc.oneof({ weight: 100 - percent, arbitrary: fc.constant(none) }, { weight: percent, arbitrary })
}

const from = fc.constantFrom<string[]>
const json = (value: unknown): string => JSON.stringify(value)
const nested = (open: string, close: string, depth: number) => `${open.repeat(depth)}1${close.repeat(depth)}`

export const keyName = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom<KeyName[]>('alices', 'latest') },
  { weight: 2, arbitrary: fc.constantFrom(...KEY_NAMES) },
)

/** What hardly any field takes. As text: no serializer would write `1e999`. */
const WRONG = [
  ...'null true 0 -1 90 1e999 9007199254740993 "" [] {} [[]] [null] "*" "1ms" ["$where"]'.split(' '),
  ...'"\\u0000" "\\ud800" {"\\ud800":1} {"$gt":""} {"$ne":null} {"a.b":1} {"id":{"$gt":""}}'.split(' '),
  ...'{"__proto__":{"admin":true}} {"constructor":{"a":1}} {"toHexString":1} {"_bsontype":"Long"}'.split(' '),
  ...'"2026-02-30" "+275760-09-13T00:00:00.001Z" "999999999999y" "0000-01-01" "undefined"'.split(' '),
  json('x'.repeat(2000)),
  json(Array(300).fill('a:b')),
  nested('[', ']', 9000),
  nested('{"a":', '}', 5000),
]
const wrong = fc.oneof({ weight: 4, arbitrary: from(...WRONG) }, fc.json())
const UNKNOWN = ['nope', '__proto__', 'constructor', '$where', 'owner.id', 'createdBy', 'id', 'hash', '']

const LATER = '"2999-01-01T00:00:00Z"'
const owner = from('{"id":"alice"}', '{"id":"bob"}', '{"type":"organization","id":"acme"}', '{"id":"root"}')
const EDITABLE: Fields = {
  name: from('CI', 'Ünï 🔑', 'x'.repeat(100)).map(json),
  description: from('"for the nightly run"', 'null'),
  permissions: from('["reports:read"]', '["*"]', '["reports:*","api-keys:*"]', '[]', '["exports:run"]'),
  roles: from('["reader"]', '[]'),
  resources: from('["project:42"]', '["project:*"]', '[]'),
  metadata: from('{"team":"a","n":[1,{"x":null}]}', '{}'),
  tags: from('["ci","nightly"]', '[]'),
  restrictions: from('{"ips":["10.0.0.0/8","::1"]}', '{"origins":["https://*.example.com"]}', '{}'),
  expiresIn: from('"90d"', '"1ms"', '"1000y"'),
  expiresAt: from(LATER, 'null', '"9999-12-31"'),
  notBefore: from('"2020-01-01"', LATER, 'null'),
  organizationId: from('"acme"', 'null', '7'),
}
const idList = fc
  .array(keyName, { minLength: 1, maxLength: 3 })
  .map(names => json(names.map(name => `<id:${name}>`)))
const aToken = keyName.map(name => json(`<token:${name}>`))
const REASON: Fields = { reason: from('"found in a repository"', 'null') }
const BY_OWNER: Fields = { ownerId: from('"bob"', '"acme"', '"alice"'), organizationId: from('"acme"') }

export const createBody = object({ ...EDITABLE, owner, kind: from('"secret"', '"short"') }, 'name')
export const updateBody = object({ ...EDITABLE, enabled: from('true', 'false') })
export const graceBody = maybe(60, object({ grace: from('"1h"', '"0s"', '"366d"') }), '')
export const reasonBody = maybe(50, object(REASON), '')
export const transferBody = object({ owner }, 'owner')
export const lookupBody = object({ token: fc.oneof(aToken, from('"<flip:full>"')) }, 'token')
export const bulkBody = fc.oneof(
  { weight: 3, arbitrary: object({ ids: idList, ...REASON }, 'ids') },
  { weight: 1, arbitrary: object({ ids: idList, ...BY_OWNER, ...REASON }) },
)

const NOT_JSON = ['', ' ', '{', '{"name":', "{'a':1}", 'name=CI', '\u0000', '\ufeff{"name":"CI"}', '{} x']
/** What has nothing to do with the route: other JSON, no JSON, too long. */
export const anyBody = fc.oneof(
  wrong,
  from(...NOT_JSON),
  fc.string(),
  from(json({ name: 'x'.repeat(70_000) })),
)

/** An object with the needed fields and some of the others; in a third of the cases one is wrong or unknown. */
function object(fields: Fields, ...needed: string[]): Arbitrary<string> {
  const named = Object.entries(fields).map(([name, value]) => {
    const field = value.map(text => `${json(name)}:${text}`)
    return needed.includes(name) ? field : maybe(15, field, '')
  })
  // Where the name is there already, the later one counts.
  const name = fc.oneof({ weight: 3, arbitrary: from(...Object.keys(fields)) }, from(...UNKNOWN))
  const spoilt = fc.tuple(name, wrong).map(([name, value]) => `${json(name)}:${value}`)
  return fc
    .tuple(...named, maybe(33, spoilt, ''))
    .map(parts => `{${parts.filter(part => part !== '').join(',')}}`)
}
