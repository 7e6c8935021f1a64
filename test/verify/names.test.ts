/** Which key a token names, by itself. */
import { type ForeignToken, parseForeign } from '../../src/key/foreign-token.js'
import type { Alias } from '../../src/store/store.js'
import { createNames } from '../../src/verify/names.js'
import { FIXTURE } from '../key/fixture.js'

const SHAPES = [
  { source: 'old', prefix: 'old_', least: 20, most: 50, separator: null, hash: 'sha256', covers: 'token' },
  { source: 'parted', prefix: '', least: 18, most: 50, separator: '|', hash: 'sha256', covers: 'token' },
] as const
/** No key has it. */
const NOBODY = '0000000000000000'

function tokenOf(text: string): ForeignToken {
  const token = parseForeign(text, SHAPES)
  if (token === null) throw new Error('it has no such shape')
  return token
}
const parted = (id: string) => tokenOf(`${id}|${'x'.repeat(20)}`)

function namesOf(records: number | null = 2) {
  const aliases = new Map<string, string>()
  const read: string[] = []
  const cache = records === null ? null : { records, owners: 1, ownersForMs: 1_000 }
  const names = createNames({ imported: SHAPES, cache }, async id => {
    read.push(id)
    const keyId = aliases.get(id)
    return keyId === undefined ? null : ({ id, keyId } as Alias) // the rest of it is not looked at
  })
  return { names, aliases, read }
}

describe('a token of ours', () => {
  it('names the key whose id is in it, without a read', () => {
    const { names, read } = namesOf()
    expect(names.known(FIXTURE)).toBe(FIXTURE.id)
    expect(names.find(FIXTURE)).toBe(FIXTURE.id)
    expect(read).toEqual([])
  })

  it('does so whatever it is said to lead to', () => {
    const { names } = namesOf()
    names.note(FIXTURE, 'another')
    expect(names.known(FIXTURE)).toBe(FIXTURE.id)
  })
})

describe('a token of another system', () => {
  it('names the key that its alias leads to, by a read each time, until that key was seen', async () => {
    const { names, aliases, read } = namesOf()
    aliases.set('token-id:parted:1', 'key-of-one')
    for (let i = 0; i < 2; i++) expect(await names.find(parted('1'))).toBe('key-of-one')
    expect(names.known(parted('1'))).toBeUndefined()
    expect(read).toEqual(['token-id:parted:1', 'token-id:parted:1'])
    names.note(parted('1'), 'key-of-one')
    expect(names.known(parted('1'))).toBe('key-of-one')
    expect(await names.find(parted('1'))).toBe('key-of-one')
    expect(read).toHaveLength(2)
    expect(names.known(parted('2'))).toBeUndefined()
  })

  it('names nobody where there is no alias, which is looked for again', async () => {
    const { names, read } = namesOf()
    for (let i = 0; i < 2; i++) expect(await names.find(parted('1'))).toBe(NOBODY)
    expect(read).toHaveLength(2)
  })

  it('is remembered as many keys are kept in memory; the least recently used goes', () => {
    const { names } = namesOf(2)
    for (const id of ['1', '2', '3']) names.note(parted(id), `key ${id}`)
    expect(['1', '2', '3'].map(id => names.known(parted(id)))).toEqual([undefined, 'key 2', 'key 3'])
  })

  it('is not remembered where nothing is to be kept', async () => {
    const { names, read } = namesOf(null)
    names.note(parted('1'), 'key')
    expect(names.known(parted('1'))).toBeUndefined()
    await names.find(parted('1'))
    expect(read).toHaveLength(1)
  })
})

describe('a text', () => {
  it('may be one of another system where it has one of the shapes', () => {
    const { names } = namesOf()
    expect(names.mayBeForeign(`old_${'x'.repeat(20)}`)).toBe(true)
    expect(names.mayBeForeign(`7|${'x'.repeat(20)}`)).toBe(true)
    expect(names.mayBeForeign(`new_${'x'.repeat(20)}`)).toBe(false)
    expect(names.mayBeForeign('')).toBe(false)
  })

  it('is none where the options tell of no shape', () => {
    const names = createNames({ imported: [], cache: null }, async () => null)
    expect(names.mayBeForeign(`old_${'x'.repeat(20)}`)).toBe(false)
  })
})
