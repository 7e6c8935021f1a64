/** Values that many keys have alike are there once. */
import { createInterner } from '../../src/verify/interner.js'

const MOST = 10_000

describe('what many keys have alike', () => {
  it('is one list for all who have the same entries in the same order', () => {
    const { list } = createInterner()
    const first = list(['reports:read', 'exports:run'])
    expect(first).toEqual(['reports:read', 'exports:run'])
    expect(list(['reports:read', 'exports:run'])).toBe(first)
    expect(list(['exports:run', 'reports:read'])).toEqual(['exports:run', 'reports:read'])
    expect(list(['reports:read,exports:run'])).toEqual(['reports:read,exports:run'])
    expect(list(['reports:read'])).toEqual(['reports:read'])
  })

  it('is one list where it has no entries, whoever asks', () => {
    expect(createInterner().list([])).toBe(createInterner().list([]))
    expect(createInterner().list([])).toEqual([])
  })

  it('is one owner for all keys of theirs', () => {
    const { owner } = createInterner()
    const alice = owner({ type: 'user', id: 'alice' })
    expect(alice).toEqual({ type: 'user', id: 'alice' })
    expect(owner({ type: 'user', id: 'alice' })).toBe(alice)
    expect(owner({ type: 'organization', id: 'alice' })).toEqual({ type: 'organization', id: 'alice' })
    expect(owner({ type: 'user', id: 'bob' })).toEqual({ type: 'user', id: 'bob' })
  })

  it('is a copy that nobody can change', () => {
    const { list, owner } = createInterner()
    const [given, alice] = [['reports:read'], { type: 'user', id: 'alice' }]
    const [kept, keptOwner] = [list(given), owner(alice)]
    given[0] = 'reports:write'
    alice.id = 'bob'
    expect([kept, keptOwner]).toEqual([['reports:read'], { type: 'user', id: 'alice' }])
    expect(Object.isFrozen(kept) && Object.isFrozen(keptOwner)).toBe(true)
    expect(Object.isFrozen(list([]))).toBe(true)
  })

  it('is the text as it was given', () => {
    const { text } = createInterner()
    expect([text('secret'), text('acme_test'), text('secret'), text('')]).toEqual([
      'secret',
      'acme_test',
      'secret',
      '',
    ])
  })

  it('is known of so many at once, then it begins anew, and of each sort by itself', () => {
    const { list, owner, text } = createInterner()
    const first = list(['0'])
    const alice = owner({ type: 'user', id: 'alice' })
    for (let i = 1; i < MOST; i++) list([`${i}`])
    expect(list(['0'])).toBe(first)
    for (let i = 0; i < MOST; i++) text(`${i}`)
    list([`${MOST}`])
    const again = list(['0'])
    expect(again).toEqual(first)
    expect(again).not.toBe(first)
    expect(owner({ type: 'user', id: 'alice' })).toBe(alice)
  })
})
