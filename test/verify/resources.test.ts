/** A key that is narrowed to things is good for these, and for nothing beside them. */
import { testKeys } from '../support/keys.js'
import { accepted, keyFor, outcome } from './support.js'

async function asker(resources: readonly string[]) {
  const keys = testKeys()
  const { token } = await keyFor(keys, { permissions: ['reports:read'], resources })
  return {
    verify: (request: Parameters<typeof keys.verify>[1]) => keys.verify(token, request),
    async ask(resource: string) {
      const withPermission = outcome(await keys.verify(token, { permissions: 'reports:read', resource }))
      expect(outcome(await keys.verify(token, { resource }))).toBe(withPermission)
      return withPermission
    },
  }
}

describe('a key that is narrowed to resources', () => {
  it('is good for those, and no others', async () => {
    const { ask } = await asker(['project:42', 'project:43'])
    expect(await ask('project:42')).toBe('ok')
    expect(await ask('project:43')).toBe('ok')
    for (const other of [
      'project:4',
      'project:421',
      'project:42:file',
      'project',
      'team:42',
      '',
      'Project:42',
    ])
      expect(await ask(other)).toBe('INSUFFICIENT_PERMISSIONS')
  })

  it('may name them by wildcards, as permissions are', async () => {
    const { ask } = await asker(['project:*', '*:shared'])
    expect(await ask('project:1')).toBe('ok')
    expect(await ask('project:1:file:2')).toBe('ok')
    expect(await ask('team:shared')).toBe('ok')
    expect(await ask('team:1')).toBe('INSUFFICIENT_PERMISSIONS')
    expect(await ask('project')).toBe('INSUFFICIENT_PERMISSIONS')
  })

  it('is not made wider by a wildcard in the request', async () => {
    const { ask } = await asker(['project:42'])
    expect(await ask('project:*')).toBe('INSUFFICIENT_PERMISSIONS')
    expect(await ask('*')).toBe('INSUFFICIENT_PERMISSIONS')
  })

  it('is refused where a permission is asked for and no resource is told', async () => {
    const { verify } = await asker(['project:42'])
    expect(outcome(await verify({ permissions: 'reports:read' }))).toBe('INSUFFICIENT_PERMISSIONS')
    expect(accepted(await verify({})).resources).toEqual(['project:42'])
  })

  it('is refused so also where it is narrowed to all there are', async () => {
    const { ask, verify } = await asker(['*'])
    expect(await ask('project:42')).toBe('ok')
    expect(outcome(await verify({ permissions: 'reports:read' }))).toBe('INSUFFICIENT_PERMISSIONS')
  })

  it('needs the permission too', async () => {
    const { verify } = await asker(['project:42'])
    const answer = await verify({ permissions: 'reports:write', resource: 'project:42' })
    expect(outcome(answer)).toBe('INSUFFICIENT_PERMISSIONS')
  })
})

describe('a key without resources', () => {
  it('is good for all of them', async () => {
    const { ask, verify } = await asker([])
    expect(await ask('project:42')).toBe('ok')
    expect(outcome(await verify({ permissions: 'reports:read' }))).toBe('ok')
    expect(accepted(await verify({})).resources).toBeNull()
  })
})
