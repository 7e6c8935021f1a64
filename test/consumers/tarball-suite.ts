/** What is in the tarball, and whether tools that resolve packages find their way in it. */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT, run, tool } from './support.js'

const ATTW = tool('@arethetypeswrong/cli/dist/index.js')
const PUBLINT = tool('publint/src/cli.js')

/** What @arethetypeswrong/cli tells, as far as it is looked at. */
interface Report {
  readonly analysis: {
    readonly entrypoints: Readonly<Record<string, unknown>>
    readonly problems: readonly { readonly kind: string; readonly resolutionKind?: string }[]
  }
}

interface Manifest {
  readonly exports: Readonly<Record<string, { readonly default?: string }>>
  readonly bin: Readonly<Record<string, string>>
}

/** What the profile `esm-only` passes over too. */
const MEANT: ReadonlySet<string> = new Set(['node10', 'node16-cjs'])

/** All that is packed, by pattern; each must have something, and nothing may be beside them. */
const CONTENTS = {
  'what is run': /^dist\/(?!ui\/).+\.js$/,
  'its types': /^dist\/(?!ui\/).+\.d\.ts$/,
  'the page': /^dist\/ui\/(index\.html|messages\.json)$/,
  'the files of the page': /^dist\/ui\/assets\/[\w.-]+\.(js|css|svg)$/,
  documents: /^docs\/((decisions|moving)\/)?[A-Za-z0-9-]+\.md$/,
  'licences of what is built in': /^dist\/licences\.txt$/,
  'what npm shows': /^(README|CHANGELOG)\.md$|^LICENSE$|^package\.json$/,
}

/** Measured: 564 kB packed, 1.9 MB unpacked. A picture or a second build that slips in is larger than what is left. */
const MOST_PACKED = 800_000

export function tarballSuite(tarball: () => string): void {
  describe('the tarball', () => {
    let files: string[]
    beforeAll(async () => {
      const { stdout } = await run('tar', ['-tzf', tarball()])
      files = stdout
        .trim()
        .split('\n')
        .map(name => name.replace(/^package\//, ''))
    })

    it('holds the built package and its documents, and nothing else', () => {
      const patterns = Object.values(CONTENTS)
      expect(files.filter(name => !patterns.some(pattern => pattern.test(name)))).toEqual([])
      for (const [what, pattern] of Object.entries(CONTENTS)) {
        expect([what, files.some(name => pattern.test(name))]).toEqual([what, true])
      }
      expect(files).toEqual(expect.arrayContaining(['README.md', 'CHANGELOG.md', 'LICENSE', 'package.json']))
    })

    it('names no map of sources, for it has none', async () => {
      const { stdout } = await run('tar', ['-xOzf', tarball(), 'package/dist'], { maxBuffer: 2 ** 26 })
      expect(stdout).not.toMatch(/^\/\/# sourceMappingURL=/m)
    })

    it('has no test, and no source in TypeScript', () => {
      expect(files.filter(name => /(^|\/)test\/|\.test\.|(?<!\.d)\.[cm]?tsx?$/.test(name))).toEqual([])
    })

    it('has nothing to run beside the entry points and what they share', () => {
      const { exports, bin } = require(join(ROOT, 'package.json')) as Manifest // npm's own file
      // The program without a process around it, too.
      const within = './dist/cli/run.js'
      const entries = [...Object.values(exports).map(one => one.default), ...Object.values(bin), within]
      const run = files.filter(name => /^dist\/(?!ui\/|chunks\/).+\.js$/.test(name))
      expect(run.sort()).toEqual(
        entries
          .filter(path => path !== undefined)
          .map(path => path.replace(/^\.\//, ''))
          .sort(),
      )
    })

    it('is small', () => {
      expect(statSync(tarball()).size).toBeLessThan(MOST_PACKED)
    })

    // The package is of ES modules alone: that CommonJS gets one is meant (`require(esm)`, Node 20.19), and a resolution
    // without `exports` (node10) is older than any Node that it runs on.
    it('is right for all who resolve types by `exports`, by @arethetypeswrong/cli', async () => {
      const options = ['--profile', 'esm-only', '--format', 'json']
      const { stdout } = await run(process.execPath, [ATTW, tarball(), ...options], { maxBuffer: 2 ** 26 })
      const { analysis } = JSON.parse(stdout) as Report
      expect(Object.keys(analysis.entrypoints)).toContain('./store-contract')
      expect(analysis.problems.filter(({ resolutionKind = '' }) => !MEANT.has(resolutionKind))).toEqual([])
    })

    it('has nothing that publint finds wrong, or advises against', async () => {
      const { stdout } = await run(process.execPath, [PUBLINT, tarball(), '--strict'])
      expect(stdout).toContain('All good!')
    })
  })
}
