/** Projects with the newest and with the oldest packages that are promised to work. */
import { cpSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { openDatabase } from '../support/mongo/database.js'
import { OUTSIDE, own, printed, run, tool } from './support.js'

const TYPES = ['@types/passport', '@types/passport-strategy', '@types/node'].map(own)

export interface Peers {
  readonly express: string
  readonly mongoose: string
  readonly packages: readonly string[]
  /** How it is type-checked, by `tsc` with each of these. */
  readonly checks: readonly (readonly string[])[]
}

const CHECKS = [
  ['-p', '.', '--noEmit', '--skipLibCheck'],
  ['-p', 'tsconfig.bundler.json', '--skipLibCheck'],
  ['-p', 'client'],
]

/** The newest of each range of `peerDependencies`, and the oldest. */
export const PROJECTS: Readonly<Record<'newest' | 'oldest', Peers>> = {
  newest: {
    express: '5',
    mongoose: '9',
    packages: [
      'express@5',
      '@types/express@5',
      'koa@3',
      '@types/koa@3',
      'mongoose@9',
      'passport@0.7',
      'passport-headerapikey@1',
      ...TYPES,
    ],
    checks: CHECKS,
  },
  oldest: {
    express: '4',
    mongoose: '8',
    packages: [
      'express@4.18.0',
      '@types/express@4',
      'koa@2.16.0',
      '@types/koa@2',
      'mongoose@8.9.0',
      'passport@0.7.0',
      'passport-headerapikey@1.2.2',
      ...TYPES,
    ],
    // With the types of all packages, ours among them, which are built against the newest of the others. (Those of mongoose 9 alone
    // would take 12 s and a gigabyte.)
    checks: [...CHECKS, ['-p', 'tsconfig.strict.json']],
  },
}

/** By gzip, with Vite's own prelude. The client whole is under 4 kB (test/client/bundle.test.ts). */
const MOST_OF_CLIENT = 4_800

export function frameworksSuite(project: () => string, { express, mongoose, checks }: Peers): void {
  const tsc = (...args: string[]) =>
    run(process.execPath, [tool('typescript/bin/tsc'), ...args], { cwd: project() }).catch(({ stdout }) => {
      throw new Error(`tsc ${args.join(' ')}:\n${stdout}`)
    })
  const client = () => {
    const assets = join(project(), 'client/dist/assets')
    return join(assets, readdirSync(assets).find(name => name.endsWith('.js')) ?? 'none')
  }

  describe(`a project with Express ${express} and mongoose ${mongoose}`, () => {
    beforeAll(async () => {
      cpSync(join(__dirname, 'apps'), project(), { recursive: true })
      await Promise.all([
        // Emits what is run.
        tsc('-p', '.', '--skipLibCheck'),
        run(process.execPath, [tool('vite/bin/vite.js'), 'build', 'client', '--logLevel', 'warn'], {
          cwd: project(),
          env: { ...OUTSIDE, NODE_ENV: 'production' },
        }),
      ])
    })

    it('type-checks as `nodenext` resolves, in ES modules and in CommonJS, and as `bundler` does', async () => {
      for (const check of checks) await tsc(...check)
    })

    it('serves by Express and Passport over MongoDB, and its client is answered', async () => {
      await withDatabase(async env => {
        expect(await printed(project(), 'express.mjs', { ...env, CLIENT: client() })).toEqual([
          expect.stringMatching(`^mongoose ${mongoose}\\.`),
          '201',
          '200 alice',
          '200 alice',
          '401',
          '403',
          '200 200 200 200',
          'listed k',
        ])
      })
    })

    it('serves by Koa over MongoDB', async () => {
      await withDatabase(async env => {
        expect(await printed(project(), 'koa.mjs', env)).toEqual([
          '201',
          '200 alice',
          '200',
          '403',
          '401',
          '200 200 200 200',
        ])
      })
    })

    it('serves in CommonJS, by `require`', async () => {
      expect(await printed(project(), 'commonjs.cjs')).toEqual(['200 alice', '200 401'])
    })

    it('has a small client in its bundle by Vite, with nothing of Node', () => {
      const code = readFileSync(client(), 'utf8')
      expect(code).not.toMatch(/node:|\brequire\(|__vite-browser-external/)
      expect(gzipSync(code).byteLength).toBeLessThan(MOST_OF_CLIENT)
    })
  })
}

async function withDatabase(use: (env: NodeJS.ProcessEnv) => Promise<void>): Promise<void> {
  const database = await openDatabase()
  try {
    await use({ DATABASE_URI: database.uri, DATABASE_NAME: database.name })
  } finally {
    await database.drop()
  }
}
