/** Nothing that a listener does, or leaves undone, harms an act, another listener, or what is kept. */
import { type KeyEvent, type KeyEventName, memoryStore, type Store } from 'sidekey'
import { alice, quiet, refusedFields, testKeys } from '../support/keys.js'

const turn = () => new Promise(setImmediate)

describe('a listener that fails', () => {
  const failures: readonly [string, () => unknown][] = [
    [
      'throws',
      () => {
        throw new Error('listener')
      },
    ],
    ['rejects', () => Promise.reject(new Error('listener'))],
    ['rejects later', () => new Promise((_, reject) => setImmediate(() => reject(new Error('listener'))))],
    [
      'answers something that cannot be waited for',
      () => ({
        // biome-ignore lint/suspicious/noThenProperty: it is what a broken promise library hands out
        then() {
          throw new Error('listener')
        },
      }),
    ],
  ]

  it.each(failures)('and %s is told to the log, and harms nothing', async (_how, fail) => {
    const warn = jest.fn()
    const keys = testKeys({ logger: { ...quiet, warn } })
    const heard: KeyEvent[] = []
    keys.on('created', event => heard.push(event))
    keys.on('created', fail)
    keys.on('created', event => heard.push(event))
    const { apiKey, token } = await keys.as(alice).create({ name: 'CI' })
    await turn()
    await turn()
    expect(heard.map(event => event.apiKey?.id)).toEqual([apiKey.id, apiKey.id])
    expect(await keys.verify(token)).toMatchObject({ ok: true })
    expect((await keys.audit()).data).toHaveLength(1)
    expect(warn.mock.calls).toEqual([
      [{ err: expect.objectContaining({ message: 'listener' }) }, 'a listener of keys.on failed'],
    ])
  })
})

it('is not waited for', async () => {
  const keys = testKeys()
  keys.on('created', () => new Promise(() => {}))
  const { token } = await keys.as(alice).create({ name: 'CI' })
  expect(await keys.verify(token)).toMatchObject({ ok: true })
})

it('may call the same `keys` again, also to change the key that it is told of', async () => {
  const keys = testKeys()
  const done: string[] = []
  const finished = new Promise<void>(resolve => {
    keys.on('created', async ({ apiKey }) => {
      await keys.update(apiKey?.id ?? '', { tags: ['seen'] })
      await keys.revoke(apiKey?.id ?? '', { reason: 'no keys on Sundays' })
      done.push('created')
    })
    keys.on('revoked', async ({ apiKey }) => {
      await keys.purge(apiKey?.id ?? '')
      done.push('revoked')
      resolve()
    })
  })
  const { apiKey, token } = await keys.as(alice).create({ name: 'CI' })
  await finished
  const told = (await keys.audit({ keyId: apiKey.id })).data.map(({ action }) => action).reverse()
  expect(told).toEqual(['create', 'update', 'revoke', 'purge'])
  expect(await keys.verify(token)).toMatchObject({ code: 'KEY_INVALID' })
  expect(done.sort()).toEqual(['created', 'revoked'])
})

it('cannot change what is kept, nor what others are told', async () => {
  const keys = testKeys()
  const heard: KeyEvent[] = []
  keys.on('created', event => {
    expect(() => Object.assign(event, { type: 'x' })).toThrow(TypeError)
    expect(() => Object.assign(event.apiKey?.metadata ?? {}, { a: 2 })).toThrow(TypeError)
    expect(() => Object.assign(event.audit, { reason: 'x' })).toThrow(TypeError)
    expect(() => Object.assign(event.audit.actor, { id: 'bob' })).toThrow(TypeError)
    expect(() => Object.assign(event.audit.changes.name ?? {}, { to: 'x' })).toThrow(TypeError)
    expect(() => event.audit.at.setTime(0)).toThrow(TypeError)
  })
  keys.on('created', event => heard.push(event))
  const { apiKey } = await keys.as(alice).create({ name: 'CI', metadata: { a: 1 } })
  const [kept] = (await keys.audit({ keyId: apiKey.id })).data
  expect(kept).toEqual({ ...heard[0]?.audit, keyName: 'CI' })
  expect(kept).toMatchObject({ reason: null, actor: { id: 'alice' }, changes: { name: { to: 'CI' } } })
})

describe('taking a listener away', () => {
  it('ends what it is told, at once and for good, and nothing else', async () => {
    const keys = testKeys()
    const [first, second] = [jest.fn(), jest.fn()]
    const off = keys.on('created', first)
    keys.on('created', second)
    await keys.as(alice).create({ name: 'CI' })
    off()
    off()
    await keys.as(alice).create({ name: 'CI' })
    expect([first.mock.calls.length, second.mock.calls.length]).toEqual([1, 2])
  })

  it('takes away one of two where a function was given twice', async () => {
    const keys = testKeys()
    const listener = jest.fn()
    const off = keys.on('created', listener)
    keys.on('created', listener)
    await keys.as(alice).create({ name: 'CI' })
    expect(listener).toHaveBeenCalledTimes(2)
    off()
    await keys.as(alice).create({ name: 'CI' })
    expect(listener).toHaveBeenCalledTimes(3)
  })

  it('may be done by the listener itself, while it is told', async () => {
    const keys = testKeys()
    const second = jest.fn()
    const off = keys.on('created', () => off())
    keys.on('created', second)
    await keys.as(alice).create({ name: 'CI' })
    await keys.as(alice).create({ name: 'CI' })
    expect(second).toHaveBeenCalledTimes(2)
  })
})

it.each<[string, unknown, unknown, string[]]>([
  ['a name that is none', 'create', () => {}, ['event']],
  ['no name', undefined, () => {}, ['event']],
  ['the name of a property of all objects', 'constructor', () => {}, ['event']],
  ['no listener', 'created', undefined, ['listener']],
  ['neither', '', {}, ['event', 'listener']],
])('is refused with %s', async (_what, name, listener, fields) => {
  const keys = testKeys()
  const listen = async () => keys.on(name as KeyEventName, listener as () => void) // wrong on purpose
  expect(await refusedFields(listen())).toEqual(fields)
})

it('hears nothing of an act that failed', async () => {
  const insert: Store['insert'] = () => Promise.reject(new Error('the store is away'))
  const keys = testKeys({ store: { ...memoryStore(), insert } })
  const listener = jest.fn()
  keys.on('created', listener)
  await expect(keys.as(alice).create({ name: 'CI' })).rejects.toThrow('the store is away')
  expect(listener).not.toHaveBeenCalled()
})
