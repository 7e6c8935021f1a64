/** The built page, as `npm run build` has left it in the package. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { invalidOption } from '../errors.js'

export interface BuiltPage {
  readonly html: string
  /** By their paths below the page, such as `assets/index-B3xu9zQ1.js`. */
  readonly assets: ReadonlyMap<string, string>
}

let kept: BuiltPage | undefined

/**
 * Reads the page once a process, when the first router asks for it: what an update of the package puts there later does not
 * mix with what is served.
 * @throws SidekeyError `INVALID_OPTION` where it is not there
 */
export function builtPage(): BuiltPage {
  kept ??= pageIn(folder())
  return kept
}

/** From `dist/http` and from `src/http` alike. Not before it is asked for: some bundlers leave no `import.meta.url`. */
function folder(): URL {
  return new URL('../../dist/ui/', import.meta.url)
}

/** @throws SidekeyError `INVALID_OPTION` where it is not there */
export function pageIn(folder: URL): BuiltPage {
  const read = (name: string) => readFileSync(new URL(name, folder), 'utf8')
  try {
    const names = readdirSync(new URL('assets/', folder)).sort()
    return {
      html: read('index.html'),
      assets: new Map(names.map(name => [`assets/${name}`, read(`assets/${name}`)])),
    }
  } catch (error) {
    throw invalidOption([{ path: 'ui', message: `${MISSING} (${fileURLToPath(folder)}: ${codeOf(error)})` }])
  }
}

const MISSING =
  'the built page is not there; a bundler must leave sidekey a package of its own, and from its sources it takes npm run build'

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}
