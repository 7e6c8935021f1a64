import { cookieNamed } from '../../ui/api/cookie.js'

describe('cookieNamed', () => {
  it('reads the cookie of this name, and no other', () => {
    const cookies = 'xcsrf=1; csrf=a%3Db%25; csrf2=3'
    expect(cookieNamed('csrf', cookies)).toBe('a=b%')
    expect(cookieNamed('csr', cookies)).toBeNull()
    expect(cookieNamed('csrf', '')).toBeNull()
    expect(cookieNamed('csrf', 'csrf=')).toBe('')
  })

  it('takes a value that was never encoded as it is', () => {
    expect(cookieNamed('csrf', 'csrf=100%')).toBe('100%')
  })
})
