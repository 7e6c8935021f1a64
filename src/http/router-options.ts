/** The options of the router: documented, defaulted and checked here. */
import { type FieldError, invalidOption } from '../errors.js'
import { parseDuration } from '../key/duration.js'
import { type BulkRuns, bulkRuns } from './bulk-runs.js'
import { type LeakOptions, leakSettings } from './leak-options.js'
import { type LeakDesk, leakDesk } from './leaks.js'
import { type Ui, uiFor } from './ui.js'
import type { UiOptions } from './ui-options.js'

/** The options of a router that is mounted by the framework; `R` is its request. */
export interface RouterOptions<R = never> {
  /**
   * Changes of a record must name its version by `If-Match`, or say `*`: 428 where they do not. So nobody undoes what
   * they have not seen. Default: `false`.
   */
  readonly requireIfMatch?: boolean
  /**
   * The app's own check of a CSRF token: asked of each change by a login, beside the check of its origin. Where it answers
   * `false` the change is refused with `CSRF_TOKEN_REQUIRED`. Requests by a key are not asked. Default: none.
   */
  readonly csrf?: (request: R) => boolean | Promise<boolean>
  /**
   * After how long `POST /revoke` answers 202 and goes on by itself: a duration with a unit. Default: `'10s'`.
   */
  readonly answerWithin?: string
  /** The page for people, at `ui/` below the router: `true`, or what it is to look like. Default: none. */
  readonly ui?: boolean | UiOptions
  /** Takes reports of leaked tokens at `POST /leaks`. Default: there is no such route. */
  readonly leaks?: LeakOptions
}

/** The options of a router that is told where it is mounted. */
export interface MountOptions<R = never> extends RouterOptions<R> {
  /**
   * Where it is mounted, such as `/api-keys`. Default: what mounts it takes its own path off (koa-mount does). A `Request` of
   * the Fetch standard does not tell what was taken off: without this, `Location` is told from there on.
   */
  readonly path?: string
}

/** The options, checked and with their defaults. */
export interface RouterSettings {
  readonly requireIfMatch: boolean
  readonly csrf: ((request: object) => unknown) | null
  /** In ms. */
  readonly answerWithin: number
  readonly bulk: BulkRuns
  /** The page; `null`: there is none. */
  readonly ui: Ui | null
  /** `null`: there is no `POST /leaks`. */
  readonly leaks: LeakDesk | null
}

const TEN_SECONDS = 10_000
const LONGEST_MS = 10 * 60_000

/** @throws SidekeyError `INVALID_OPTION` */
export function routerSettings<R>(options: RouterOptions<R>): RouterSettings {
  if (typeof options !== 'object' || options === null) {
    throw invalidOption([{ path: 'options', message: 'takes an object, such as { requireIfMatch: true }' }])
  }
  const { requireIfMatch = false, csrf, answerWithin, ui, leaks, ...unknown } = options
  const faults: FieldError[] = Object.keys(unknown).map(path => ({ path, message: 'is not a known option' }))
  if (typeof requireIfMatch !== 'boolean')
    faults.push({ path: 'requireIfMatch', message: 'takes true or false' })
  if (csrf !== undefined && typeof csrf !== 'function') {
    faults.push({ path: 'csrf', message: 'takes a function of the request' })
  }
  const within = answerWithin === undefined ? TEN_SECONDS : msOf(answerWithin)
  if (within === null)
    faults.push({ path: 'answerWithin', message: 'takes a duration up to 10 minutes, such as "10s"' })
  const desk = leakDesk(leakSettings(leaks, faults))
  const page = uiFor(ui)
  if ('errors' in page) faults.push(...page.errors)
  if (faults.length > 0 || 'errors' in page) throw invalidOption(faults)
  return {
    requireIfMatch,
    csrf: csrf === undefined ? null : request => csrf(request as R), // the adapter hands it its framework's request
    answerWithin: within ?? TEN_SECONDS,
    bulk: bulkRuns(),
    ui: page.value,
    leaks: desk,
  }
}

/**
 * The same for a router that is told where it is mounted.
 * @throws SidekeyError `INVALID_OPTION`
 */
export function mountSettings<R>(options: MountOptions<R>): { mount: string; settings: RouterSettings } {
  const { path, ...rest } = options ?? {}
  return { mount: mountPath(path), settings: routerSettings(options === null ? options : rest) }
}

function mountPath(path = ''): string {
  if (path === '' || /^(?:\/[A-Za-z0-9._~-]+)+$/.test(path)) return path
  throw invalidOption([{ path: 'path', message: 'takes a path such as "/api-keys"' }])
}

function msOf(text: unknown): number | null {
  const ms = typeof text === 'string' ? parseDuration(text) : null
  return ms !== null && ms <= LONGEST_MS ? ms : null
}
