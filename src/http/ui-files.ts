/** The built page, as `npm run build` has left it in the package. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { invalidOption, type SidekeyError } from '../errors.js'

export interface BuiltPage {
  readonly html: string
  /** By their paths below the page, such as `assets/index-B3xu9zQ1.js`. */
  readonly assets: ReadonlyMap<string, string>
  /** The names of its texts. They are in `messages.json` beside it, which is not served. */
  readonly messageNames: ReadonlySet<string>
}

let kept: BuiltPage | undefined

/**
 * Reads the page once a process, when the first router asks for it: what an update of the package puts there later does not
 * mix with what is served.
 * @throws SidekeyError `INVALID_OPTION` where it is not there
 */
export function builtPage(): BuiltPage {
  // From `dist/http` and from `src/http` alike. Some bundlers leave no address of where this is.
  const here: string | undefined = import.meta.url
  if (here === undefined) throw missing('import.meta.url is empty')
  kept ??= pageIn(new URL('../../dist/ui/', here).href)
  return kept
}

/**
 * @param folder as a `file:` URL
 * @throws SidekeyError `INVALID_OPTION` where it is not there
 */
export function pageIn(folder: string): BuiltPage {
  const read = (name: string) => readFileSync(new URL(name, folder), 'utf8')
  try {
    const names = readdirSync(new URL('assets/', folder)).sort()
    return {
      html: read('index.html'),
      assets: new Map(names.map(name => [`assets/${name}`, read(`assets/${name}`)])),
      messageNames: new Set(Object.keys(JSON.parse(read('messages.json')))),
    }
  } catch (error) {
    throw missing(`${fileURLToPath(folder)}: ${codeOf(error)}`)
  }
}

function missing(why: string): SidekeyError {
  return invalidOption([{ path: 'ui', message: `${MISSING} (${why})` }])
}

const MISSING =
  'the built page is not there; a bundler must leave sidekey a package of its own, and from its sources it takes npm run build'

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}
