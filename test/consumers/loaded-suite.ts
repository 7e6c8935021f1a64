/** What is loaded when a part of the package is imported, where everything that could be is installed. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { OUTSIDE, run } from './support.js'

/**
 * The packages that each entry point loads, besides sidekey. What all of it needs is built in: packages of many files take longer to
 * load than everything else together.
 */
const LOADED: Readonly<Record<string, readonly string[]>> = {
  sidekey: [],
  'sidekey/express': [],
  'sidekey/koa': [],
  'sidekey/fetch': [],
  'sidekey/mongoose': [],
  'sidekey/client': [],
  'sidekey/logs': [],
  'sidekey/import': [],
  'sidekey/passport': [
    'lodash',
    'passport',
    'passport-headerapikey',
    'passport-strategy',
    'pause',
    'utils-merge',
  ],
}

/** Told of every module that is loaded: by hooks where it is an ES module's import, and by the cache of `require`. */
const HOOKS = `import { appendFileSync } from 'node:fs'
export async function load(url, context, next) {
  appendFileSync(process.env.TRACE, url + '\\n')
  return next(url, context)
}`
const PRELUDE = `import { createRequire, register } from 'node:module'
import { appendFileSync } from 'node:fs'
register('./hooks.mjs', import.meta.url)
process.on('exit', () => appendFileSync(process.env.TRACE, Object.keys(createRequire(import.meta.url).cache).join('\\n')))`

export function loadedSuite(project: () => string): void {
  describe('what is loaded', () => {
    beforeAll(() => {
      writeFileSync(join(project(), 'hooks.mjs'), HOOKS)
      writeFileSync(join(project(), 'trace.mjs'), PRELUDE)
    })

    it.each(Object.entries(LOADED))('by %s is %j, and no framework', async (entry, packages) => {
      expect(await loadedBy(project(), `import '${entry}'`)).toEqual([...packages].sort())
    })

    it('is no more where keys are made and verified: no bcrypt, no counters', async () => {
      const script = `import { apiKeys, memoryStore } from 'sidekey'
const keys = apiKeys({ prefix: 'acme_test', store: memoryStore() })
const { token } = await keys.create({ name: 'k', owner: { id: 'alice' } })
if (!(await keys.verify(token)).ok) throw new Error('refused')
await keys.close()`
      expect(await loadedBy(project(), script)).toEqual([])
    })
  })
}

/** The packages that a script loads, without sidekey itself. */
async function loadedBy(path: string, script: string): Promise<string[]> {
  const file = join(path, `loads-${traces++}.mjs`)
  writeFileSync(file, script)
  const trace = `${file}.txt`
  await run(process.execPath, ['--import', './trace.mjs', file], {
    cwd: path,
    env: { ...OUTSIDE, TRACE: trace },
  })
  const modules = readFileSync(trace, 'utf8').split('\n')
  const names = modules.map(url => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1])
  if (!names.includes('sidekey')) throw new Error('nothing was traced')
  return [...new Set(names)].filter(name => name !== undefined && name !== 'sidekey').sort() as string[]
}

let traces = 0
