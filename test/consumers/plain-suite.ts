/** A project that has nothing but the tarball. */
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { OUTSIDE, printed, run } from './support.js'

export function plainSuite(project: () => string): void {
  describe('a project without any framework', () => {
    it('has none brought along', () => {
      expect(readdirSync(join(project(), 'node_modules'))).not.toEqual(
        expect.arrayContaining([expect.stringMatching(/^(express|mongoose|passport|koa)$/)]),
      )
    })

    it.each(['mjs', 'cjs'])('serves by node alone, as .%s', async ending => {
      const source = join(__dirname, 'plain/app.mjs')
      const file = `app.${ending}`
      if (ending === 'mjs') cpSync(source, join(project(), file))
      else writeFileSync(join(project(), file), asCommonJs(readFileSync(source, 'utf8')))
      expect(await printed(project(), file)).toEqual(['200 alice', '200 true', '401 KEY_REVOKED'])
    })

    it.each(['esm', 'cjs'] as const)(
      'is told what the page needs where all was bundled, as %s',
      async format => {
        const entry = join(project(), `page-${format}.mjs`)
        writeFileSync(
          entry,
          `import { apiKeys, memoryStore } from 'sidekey'
import { keyHandler } from 'sidekey/fetch'
const keys = apiKeys({ prefix: 'acme_test', store: memoryStore() })
keyHandler(keys)
try { keyHandler(keys, { ui: true }) } catch (error) { console.log(error.code, error.message) }`,
        )
        const outfile = join(project(), 'bundled', `page-${format}.${format === 'esm' ? 'mjs' : 'cjs'}`)
        await build({
          entryPoints: [entry],
          outfile,
          format,
          bundle: true,
          platform: 'node',
          external: ['bcrypt'],
          logLevel: 'error',
        })
        expect(await printed(project(), outfile)).toEqual([
          expect.stringMatching(
            /^INVALID_OPTION .*ui: the built page is not there; a bundler must leave sidekey/,
          ),
        ])
      },
    )

    it('has the program, by its config alone, which asks for mongoose where it needs it', async () => {
      const config = `import { apiKeys, memoryStore } from 'sidekey'
export const keys = apiKeys({ prefix: 'acme_test', store: memoryStore() })
await keys.create({ name: 'from the config', owner: { id: 'alice' } })`
      writeFileSync(join(project(), 'sidekey.config.mjs'), config)
      const program = join(project(), 'node_modules/.bin/sidekey')
      const inProject = { cwd: project(), env: OUTSIDE }
      expect((await run(program, ['list'], inProject)).stdout).toContain('from the config')
      const failed = await run(program, ['list', '--store', 'mongodb://127.0.0.1:1/none'], inProject).catch(
        (error: { code: number; stderr: string }) => error,
      )
      expect(failed).toMatchObject({ code: 3, stderr: expect.stringContaining('npm install mongoose') })
    })

    it('gives authors of stores the contract, under any test runner', async () => {
      writeFileSync(
        join(project(), 'store.test.mjs'),
        `import { describe, it } from 'node:test'
import { memoryStore } from 'sidekey'
import { storeContract } from 'sidekey/store-contract'
storeContract('mine', async () => ({ store: memoryStore() }), { describe, it })`,
      )
      const { stdout } = await run(process.execPath, ['--test', 'store.test.mjs'], {
        cwd: project(),
        env: OUTSIDE,
      })
      expect(stdout).toMatch(/pass [2-9][0-9]\n/)
      expect(stdout).toMatch(/fail 0\n/)
    })
  })
}

function asCommonJs(source: string): string {
  return source.replaceAll(/^import (\{.+?\}) from ('.+?')$/gm, 'const $1 = require($2)')
}
