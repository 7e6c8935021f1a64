import fc from 'fast-check'
import { editHash, hashOf, keyHash, PLAIN_VIEWS, routeOf } from '../../ui/router.js'

const ID = '0VbvmdHo9P49d4yC'

describe('routes of the page', () => {
  it('leads back to each view by its own hash, with its query', () => {
    const queries = fc.dictionary(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }))
    fc.assert(
      fc.property(fc.constantFrom(...PLAIN_VIEWS), queries, (view, query) => {
        expect(routeOf(hashOf(view, query))).toEqual({ view, query })
      }),
    )
  })

  it('leads to the page of a key, and to the form that changes it', () => {
    expect(routeOf(keyHash(ID))).toEqual({ view: 'key', id: ID, query: {} })
    expect(routeOf(editHash(ID))).toEqual({ view: 'edit', id: ID, query: {} })
  })

  it('begins with the list of keys', () => {
    for (const hash of ['', '#', '#/']) expect(routeOf(hash).view).toBe('keys')
  })

  it('leaves out of a hash what is empty', () => {
    expect(hashOf('keys', { status: '' })).toBe('#/')
    expect(hashOf('all', { status: 'revoked', tag: '' })).toBe('#/all?status=revoked')
  })

  it.each([
    '#/keys',
    '#/keys/short',
    `#/keys/${ID}/else`,
    `#/keys/${ID}/edit/more`,
    '#/new/x',
    '#/constructor',
  ])('has no view at %s', hash => {
    expect(routeOf(hash).view).toBe('unknown')
  })
})
