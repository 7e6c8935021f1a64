/**
 * The TypeScript of README and getting started, run as it stands over the memory store. That which connects to a database is in
 * getting-started.test.ts and readme.test.ts; that all of it compiles is in test/docs.
 */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { transformSync } from 'esbuild'
import express, { type RequestHandler } from 'express'
import Koa from 'koa'
import { type ApiKeys, apiKeys, memoryStore } from 'sidekey'
import { blocksOf } from '../docs/pages.js'

const PAGES = ['README.md', 'docs/getting-started.md']
const EXAMPLES = PAGES.flatMap(page =>
  blocksOf(readFileSync(resolve(__dirname, '../..', page), 'utf8'))
    .filter(({ language, code }) => language === 'ts' && !code.includes('mongooseStore('))
    .map(({ line, code }) => ({ page, line, code })),
)

let keys: ApiKeys<'reports:read' | 'reports:write'>
/** What the pages take as there, by its name. */
let given: Readonly<Record<string, unknown>>
let printed: unknown[][]

beforeEach(async () => {
  keys = apiKeys({
    prefix: 'acme_live',
    store: memoryStore(),
    permissions: ['reports:read', 'reports:write'],
    grants: () => ['*'],
    user: owner => ({ id: owner.id }),
  })
  const { token } = await keys.create({ name: 'CI', owner: { id: 'alice' }, permissions: ['reports:read'] })
  const passes: RequestHandler = (_req, _res, next) => next()
  printed = []
  given = {
    keys,
    token,
    app: express(),
    koa: new Koa(),
    request: new Request('http://localhost/api-keys/me', { headers: { authorization: `Bearer ${token}` } }),
    currentUser: { id: 'alice' },
    verifyJwt: passes,
    requireJwt: passes,
    accountOf: () => ({ accountNumber: 17, staff: false }),
    console: { log: (...facts: unknown[]) => printed.push(facts) },
    require,
  }
})
afterEach(() => keys.close())

/** Runs a module as a function: what it imports is required, what it declares is among `given`. */
async function run(code: string): Promise<void> {
  const imports: string[] = []
  const rest = code.replace(/^import (type )?(.+) from ('.+')$/gm, (_, type, names: string, from: string) => {
    if (type === undefined) imports.push(`const ${names.replace(/type \w+,? ?/g, '')} = require(${from})`)
    return ''
  })
  const body = transformSync(rest, { loader: 'ts', format: 'esm', target: 'es2023' }).code
  const text = `return async () => {${imports.join('\n')}\n{${body}}}`
  await new Function(...Object.keys(given), text)(...Object.values(given))()
}

it('there are some', () => {
  expect(EXAMPLES.filter(({ page }) => page === 'README.md').length).toBeGreaterThan(3)
  expect(EXAMPLES.filter(({ page }) => page !== 'README.md').length).toBeGreaterThan(3)
})

it.each(EXAMPLES)('$page:$line runs', async ({ code }) => {
  await run(code)
  // Nothing is refused, but of a key that the example itself has ended.
  if (!code.includes('revokeAll('))
    expect(printed.filter(([code]) => /^[A-Z]+_/.test(String(code)))).toEqual([])
})

it('the check itself fails where an example does', async () => {
  await expect(run("await keys.create({ name: '', owner: { id: 'alice' } })")).rejects.toThrow()
})
