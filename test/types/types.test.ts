import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

it('makes a misspelt permission a compile error, everywhere a permission is written', () => {
  const tsc = join(__dirname, '../../node_modules/typescript/bin/tsc')
  // test/types/catalogue.ts marks each mistake with @ts-expect-error: one that compiles fails here.
  expect(() => execFileSync(process.execPath, [tsc, '-p', __dirname], { encoding: 'utf8' })).not.toThrow()
})
