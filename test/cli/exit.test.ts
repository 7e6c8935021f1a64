/** The exit codes, and what is told of them. */
import { readFileSync } from 'node:fs'
import { CliError, EXIT, exitFor } from '../../src/cli/exit.js'
import { SidekeyError } from '../../src/errors.js'

it('has a row in docs/cli.md for each exit code, and for no other', () => {
  const rows = readFileSync('docs/cli.md', 'utf8').matchAll(/^\| (\d+) +\| /gm)
  expect([...rows].map(([, code]) => Number(code))).toEqual(Object.values(EXIT))
})

it.each([
  ['a wrong input', new SidekeyError('INVALID_INPUT', 'x'), EXIT.usage],
  ['a store that is away', new SidekeyError('STORE_UNAVAILABLE', 'x'), EXIT.unavailable],
  ['a refusal', new SidekeyError('ALREADY_REVOKED', 'x'), EXIT.refused],
  ['another copy of sidekey', Object.assign(new Error('x'), { name: 'SidekeyError', code: 'NOT_FOUND' }), 4],
  ['an end that was meant', new CliError(EXIT.partly, 'x'), EXIT.partly],
  ['what nobody has foreseen', new TypeError('x'), EXIT.failed],
  ['what is no error', 'x', EXIT.failed],
])('is told by what was thrown: %s', (_, thrown, code) => {
  expect(exitFor(thrown)).toBe(code)
})
