import { alice, refusalCode, refusedFields, testKeys } from '../support/keys.js'

describe('create', () => {
  it('answers the record and the token, which is in no later answer', async () => {
    const keys = testKeys()
    const { apiKey, token } = await keys.create({
      name: 'CI',
      owner: { id: 'alice' },
      description: 'the nightly build',
      permissions: ['reports:read', 'reports:read'],
      resources: ['project:42'],
      tags: ['ci'],
      metadata: { team: 'data', nested: { a: [1, null] } },
      expiresIn: '90d',
      restrictions: { ips: ['10.0.0.0/8'] },
    })
    expect(apiKey).toMatchObject({
      kind: 'secret',
      prefix: 'acme_test',
      start: `acme_test_${apiKey.id}`,
      owner: { type: 'user', id: 'alice' },
      createdBy: null,
      permissions: ['reports:read'],
      enabled: true,
      status: 'active',
      version: 1,
      restrictions: { ips: ['10.0.0.0/8'], origins: [] },
    })
    expect(token.startsWith(`${apiKey.start}_`)).toBe(true)
    expect(apiKey.expiresAt?.getTime()).toBe(apiKey.createdAt.getTime() + 90 * 86_400_000)
    const secret = token.slice(-49)
    const later = [await keys.get(apiKey.id), await keys.list(), await keys.update(apiKey.id, { name: 'x' })]
    expect(JSON.stringify(later)).not.toContain(secret)
    expect(JSON.stringify(later)).not.toContain('$sha256$')
  })

  it.each(['מפתח של CI', 'مفتاح\u200f 1', '\u061cمفتاح', 'می\u200cخواهم', '👩\u200d💻'])(
    'takes the name %s: text from right to left, and signs that join, are names',
    async name => {
      const { apiKey } = await testKeys().create({ name, owner: { id: 'alice' } })
      expect(apiKey.name).toBe(name)
    },
  )

  it('takes an ObjectId or a whole number for an owner, as their text', async () => {
    const keys = testKeys()
    const objectId = { toHexString: () => '65f0c0ffee65f0c0ffee65f0' }
    const byObjectId = await keys.create({ name: 'k', owner: { id: objectId } })
    expect(byObjectId.apiKey.owner.id).toBe('65f0c0ffee65f0c0ffee65f0')
    expect((await keys.create({ name: 'k', owner: { id: 7 } })).apiKey.owner.id).toBe('7')
    const user = testKeys({ actor: () => ({ id: objectId }) })
    expect((await user.as(alice).create({ name: 'k' })).apiKey.owner.id).toBe('65f0c0ffee65f0c0ffee65f0')
  })

  it.each<[string, object, string[]]>([
    ['an unknown field', { colour: 'red' }, ['colour']],
    ['limits that are a list', { limits: [] }, ['limits']],
    ['a limit without points', { limits: { requests: { per: '1m' } } }, ['limits.requests.points']],
    ['a limit of no points', { limits: { requests: { points: 0, per: '1m' } } }, ['limits.requests.points']],
    [
      'a limit of half a point',
      { limits: { requests: { points: 0.5, per: '1m' } } },
      ['limits.requests.points'],
    ],
    ['a window without a unit', { limits: { requests: { points: 1, per: 60 } } }, ['limits.requests.per']],
    [
      'a window under a second',
      { limits: { requests: { points: 1, per: '999ms' } } },
      ['limits.requests.per'],
    ],
    ['a window over 24 days', { limits: { requests: { points: 1, per: '25d' } } }, ['limits.requests.per']],
    ['sharers that there are not', { limits: { a: { points: 1, per: '1m', by: 'ip' } } }, ['limits.a.by']],
    ['a name that no header takes', { limits: { 'a"': { points: 1, per: '1m' } } }, ['limits.a"']],
    [
      'eleven limits',
      { limits: Object.fromEntries([...'abcdefghijk'].map(a => [a, { points: 1, per: '1m' }])) },
      ['limits'],
    ],
    ['no name', { name: undefined }, ['name']],
    ['an empty name', { name: '' }, ['name']],
    ['a name of 101 characters', { name: 'x'.repeat(101) }, ['name']],
    ['a name with a line break', { name: 'a\nb' }, ['name']],
    ['a name with a control of the second set', { name: 'a\u009b2J' }, ['name']],
    ['a name that is shown in another order', { name: '\u202eIC' }, ['name']],
    ['a description that has isolates', { description: '\u2067a\u2069' }, ['description']],
    ['a name that is no text', { name: 7 }, ['name']],
    ['an owner that is a query', { owner: { id: { $gt: '' } } }, ['owner.id']],
    ['an owner that is text', { owner: 'alice' }, ['owner']],
    ['an owner of a malformed type', { owner: { type: 'a:b', id: 'x' } }, ['owner.type']],
    ['an owner with more than type and id', { owner: { id: 'x', admin: true } }, ['owner.admin']],
    ['a kind that is not there', { kind: 'none' }, ['kind']],
    ['a kind from the prototype', { kind: '__proto__' }, ['kind']],
    [
      'a permission that is not in the catalogue',
      { permissions: ['reports:read', 'x:y'] },
      ['permissions.1'],
    ],
    ['a malformed permission', { permissions: ['reports:'] }, ['permissions.0']],
    ['permissions that are no list', { permissions: 'reports:read' }, ['permissions']],
    ['a role that is not there', { roles: ['boss'] }, ['roles.0']],
    ['a malformed resource', { resources: ['a::b'] }, ['resources.0']],
    ['a duration without a unit', { expiresIn: '90' }, ['expiresIn']],
    ['a bare number as duration', { expiresIn: 90 }, ['expiresIn']],
    ['a negative duration', { expiresIn: '-1d' }, ['expiresIn']],
    ['an expiry in the past', { expiresAt: new Date(0) }, ['expiresAt']],
    ['an expiry that is a number', { expiresAt: 2e12 }, ['expiresAt']],
    ['an expiry that is no date', { expiresAt: 'tomorrow' }, ['expiresAt']],
    ['both expiries', { expiresIn: '1d', expiresAt: new Date(4e12) }, ['expiresAt']],
    [
      'a start after the end',
      { expiresIn: '1d', notBefore: new Date(Date.now() + 2 * 86_400_000) },
      ['notBefore'],
    ],
    ['an address that is none', { restrictions: { ips: ['10.0.0.0/33'] } }, ['restrictions.ips.0']],
    ['an origin with a path', { restrictions: { origins: ['https://a.b/c'] } }, ['restrictions.origins.0']],
    ['metadata over 8 KiB', { metadata: { a: 'x'.repeat(8192) } }, ['metadata']],
    ['metadata with a $ key', { metadata: { a: { $where: 1 } } }, ['metadata']],
    ['metadata with a dotted key', { metadata: { 'a.b': 1 } }, ['metadata']],
    ['metadata with a __proto__ key', { metadata: JSON.parse('{"__proto__":{"a":1}}') }, ['metadata']],
    ['metadata with a date', { metadata: { a: new Date() } }, ['metadata']],
    ['metadata that is a list', { metadata: [] }, ['metadata']],
    ['21 tags', { tags: Array.from({ length: 21 }, (_, i) => `t${i}`) }, ['tags']],
  ])('refuses %s, naming the field, and makes nothing', async (_what, fields, paths) => {
    const keys = testKeys()
    const input = { name: 'k', owner: { id: 'alice' }, ...fields }
    expect(await refusedFields(keys.create(input as never))).toEqual(paths) // input that no type would let by
    expect((await keys.list()).data).toEqual([])
  })

  it.each([undefined, null, 'x', 7, [], () => {}])('refuses %p as input', async input => {
    expect(await refusalCode(testKeys().create(input as never))).toBe('INVALID_INPUT') // as above
  })

  it('holds metadata of exactly 8 KiB', async () => {
    const metadata = { a: 'x'.repeat(8192 - '{"a":""}'.length) }
    const { apiKey } = await testKeys().create({ name: 'k', owner: { id: 'alice' }, metadata })
    expect(apiKey.metadata).toEqual(metadata)
  })

  it('puts nothing into a key that its owner may not do; server code is cut at verification', async () => {
    const keys = testKeys({ grants: () => ['reports:read'] })
    const input = { name: 'k', permissions: ['reports:read', 'reports:*'] as const }
    expect(await refusedFields(keys.as(alice).create(input))).toEqual(['permissions.1'])
    const { token } = await keys.create({ ...input, owner: { id: 'alice' } })
    expect(await keys.verify(token)).toMatchObject({ ok: true, permissions: ['reports:read'] })
  })

  it('makes no key for an owner who is switched off, nor where grants forgets its answer', async () => {
    for (const grants of [() => null, () => undefined as never]) {
      expect(await refusalCode(testKeys({ grants }).as(alice).create({ name: 'k' }))).toBe('FORBIDDEN')
    }
  })
})

describe('kinds', () => {
  const kinds = {
    secret: { maxExpiresIn: '90d' },
    publishable: {
      prefix: 'acme_pub',
      permissions: ['reports:read'] as const,
      expiresIn: '1d',
      requiredRestrictions: ['origins'] as const,
    },
  }

  it('give their prefix and their expiry', async () => {
    const keys = testKeys({ kinds })
    const restrictions = { origins: ['https://app.example.com'] }
    const { apiKey, token } = await keys.as(alice).create({ name: 'k', kind: 'publishable', restrictions })
    expect(token.startsWith('acme_pub_')).toBe(true)
    expect(apiKey.expiresAt?.getTime()).toBe(apiKey.createdAt.getTime() + 86_400_000)
    const longest = (await keys.as(alice).create({ name: 'k' })).apiKey
    expect(longest.expiresAt?.getTime()).toBe(longest.createdAt.getTime() + 90 * 86_400_000)
  })

  it.each<[string, object, string[]]>([
    ["an expiry beyond the kind's longest", { expiresIn: '91d' }, ['expiresAt']],
    [
      'a permission that the kind may not carry, and no origin',
      { kind: 'publishable', permissions: ['reports:write'] },
      ['permissions.0', 'restrictions.origins'],
    ],
  ])('refuse %s, of server code too', async (_what, fields, paths) => {
    const keys = testKeys({ kinds })
    expect(await refusedFields(keys.as(alice).create({ name: 'k', ...fields }))).toEqual(paths)
    expect(await refusedFields(keys.create({ name: 'k', owner: { id: 'x' }, ...fields }))).toEqual(paths)
  })

  it('hold an update to the same: an expiry is not taken away, nor a required restriction', async () => {
    const keys = testKeys({ kinds })
    const { id } = (await keys.as(alice).create({ name: 'k' })).apiKey
    expect(await refusedFields(keys.as(alice).update(id, { expiresAt: null }))).toEqual(['expiresAt'])
    expect(await refusedFields(keys.as(alice).update(id, { expiresIn: '100d' }))).toEqual(['expiresAt'])
    const origins = { origins: ['https://app.example.com'] }
    const input = { name: 'p', kind: 'publishable', restrictions: origins }
    const publishable = (await keys.as(alice).create(input)).apiKey
    const patch = { restrictions: { origins: [] } }
    expect(await refusedFields(keys.update(publishable.id, patch))).toEqual(['restrictions.origins'])
  })
})
