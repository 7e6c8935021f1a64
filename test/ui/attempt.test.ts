import { attempts } from '../../ui/attempt.js'

describe('attempts to make a key', () => {
  const input = { name: 'CI', permissions: ['reports:read'] }

  it('are the same to the server while their answer may have been lost', () => {
    const { keyFor } = attempts()
    expect(keyFor(input)).toBe(keyFor({ ...input }))
    expect(keyFor(input)).toMatch(/^[0-9a-f]{32}$/)
  })

  it('are others once something else is asked for, or once it is done', () => {
    const { keyFor, done } = attempts()
    const first = keyFor(input)
    expect(keyFor({ ...input, name: 'CI 2' })).not.toBe(first)
    const again = keyFor(input)
    done()
    expect(keyFor(input)).not.toBe(again)
  })
})
