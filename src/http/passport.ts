/** Passport: a strategy on `passport-headerapikey`, and a callback for apps that have one of its strategies already. */
import type { Request } from 'express'
import type { Context } from 'koa'
import { HeaderAPIKeyStrategy } from 'passport-headerapikey'
import { invalidOption, type SidekeyError } from '../errors.js'
import { type Internals, internalsOf, withoutCatalogue } from '../internals.js'
import { isHeaderName } from '../options-schema.js'
import type { ApiKeys } from '../sidekey.js'
import type { Refused } from '../verify/verification.js'
import { type Admitted, admit, identify, identifyToken, nobodys } from './authenticate.js'
import { enter, setHeaders, viewOf } from './express-request.js'
import { keyHeaders } from './key-headers.js'
import { enterKoa, koaView } from './koa-request.js'
import { tellOfSessionLists } from './passport-lists.js'
import { challengeFor, refusalError, standingHeaders } from './problem.js'
import type { RequestView } from './view.js'

/** The options of {@link keyStrategy}. */
export interface KeyStrategyOptions {
  /** The name to authenticate by. Default: `api-key`, which replaces no other strategy. */
  readonly name?: string
  /** One header to read in place of those of `apiKeys()`, such as `Authorization`. */
  readonly header?: string
  /** What stands before the token in that header, such as `Api-Key `. Default: nothing. */
  readonly prefix?: string
}

/** What `passport.use` takes, and all that is promised of the strategy. */
export interface KeyStrategy {
  name: string
  authenticate(request: Request, options?: unknown): void
}

/** Passport gives each run of a strategy its own functions. */
interface Actions {
  success(user: unknown, info?: unknown): void
  fail(challenge: string | null, status?: number): void
  error(error: unknown): void
}

/**
 * A Passport strategy for keys. `req.user` is what the option `user` loads, `req.apiKey` the key. A request made with
 * a key never gets a login session, also where `session: false` was forgotten.
 *
 * Fails with 401 and a challenge, 403, 429 with `Retry-After`, or 400 for two keys at once; the store away goes as an error with status 503.
 * In a list with other strategies that read credentials (`['jwt', 'api-key']`) a `Bearer` token that is not one of ours
 * is left to them. Not for a list with `session`: see `requireUserOrKey`.
 *
 * @example
 * ```ts
 * passport.use(keyStrategy(keys))
 * app.get('/reports', passport.authenticate('api-key', { session: false }), handler)
 * ```
 */
export function keyStrategy<P extends string>(
  keys: ApiKeys<P>,
  options: KeyStrategyOptions = {},
): KeyStrategy {
  const { name = 'api-key', header, prefix = '' } = checkedOptions(keys, options)
  tellOfSessionLists(withoutCatalogue(keys), name)
  const internals = internalsOf(keys)

  async function judge(request: Request): Promise<Admitted | Refused> {
    const view = viewFor(request)
    if (header === undefined) {
      const identified = await identify(internals, view)
      return identified.ok === null
        ? nobodys(internals, 'KEY_MISSING')
        : admit(internals, view, identified, {})
    }
    const value = view.header(header.toLowerCase())
    // The base class makes a regular expression of the prefix; here it is only text.
    if (!value?.startsWith(prefix)) return nobodys(internals, 'KEY_MISSING')
    return admit(internals, view, await identifyToken(internals, view, value.slice(prefix.length)), {})
  }

  /** `passport-headerapikey` fails with one status for everything; this tells 401, 403 and 503 apart. */
  class ApiKeyStrategy extends HeaderAPIKeyStrategy {
    override authenticate(request: Request): void {
      // A strategy that is passed by itself, not by name, is shared by all requests: its functions are taken now.
      const { success, fail, error } = this as unknown as Actions // Passport adds them
      judge(request)
        .then(judged => {
          if (!judged.ok) {
            // Passport itself sends a challenge, and no more.
            tell(request, standingHeaders(judged))
            return failed(judged, fail, error)
          }
          enterBy(request, judged)
          success(judged.user, { scope: judged.accepted.permissions })
        })
        // What an app's own callback throws goes to it as an error; what it throws then is told, and ends there.
        .catch(error)
        .catch(thrown => tellOfThrow(internals, thrown))
    }
  }
  const strategy = new ApiKeyStrategy({ header: header ?? 'X-API-Key', prefix }, true, () => {})
  strategy.name = name
  return strategy
}

/** What `HeaderAPIKeyStrategy` calls, with `passReqToCallback: true`. */
export type VerifyCallback = (
  token: string,
  done: (error: Error | null, user?: object | false, info?: object) => void,
  request?: Request,
) => void

/**
 * The verify callback for an app that already has a `HeaderAPIKeyStrategy`. The strategy needs its second argument,
 * `passReqToCallback`, to be `true`: without the request a key's request could not be told from a login's.
 *
 * The library fails everything with 401; what is not (403, 503) goes to `done` as an error with its `status`.
 *
 * @example
 * ```ts
 * passport.use(new HeaderAPIKeyStrategy({ header: 'Authorization', prefix: 'Api-Key ' }, true, verifyCallback(keys)))
 * ```
 */
export function verifyCallback<P extends string>(keys: ApiKeys<P>): VerifyCallback {
  const internals = internalsOf(keys)
  if (internals.config.user === null) {
    throw invalidOption([{ path: 'user', message: 'must be given to apiKeys(): the library needs a user' }])
  }
  return (token, done, request) => {
    if (request === undefined) return done(withoutRequest())
    const view = viewFor(request)
    Promise.resolve(identifyToken(internals, view, token))
      .then(identified => admit(internals, view, identified, {}))
      .then(judged => {
        if (!judged.ok && judged.status !== 401) return done(refusalError(judged))
        // The library takes no user for a failure, so it cannot let in a key that no user owns; and it passes `info`
        // to Passport as the challenge.
        if (!judged.ok || judged.user === undefined) {
          const code = judged.ok ? 'KEY_INVALID' : judged.code
          return done(null, false, challengeFor(code) as unknown as object)
        }
        enterBy(request, judged)
        done(null, judged.user as object, { scope: judged.accepted.permissions })
      })
      .catch(done)
      .catch(thrown => tellOfThrow(internals, thrown))
  }
}

/** koa-passport shows a strategy a request of its own making, over the Koa context. */
function koaContextOf(request: object): Context | null {
  const ctx: unknown = Reflect.get(request, 'ctx')
  const isContext =
    typeof ctx === 'object' && ctx !== null && 'state' in ctx && 'request' in ctx && 'req' in ctx
  return isContext ? (ctx as Context) : null // by what every Koa context has
}

function viewFor(request: Request): RequestView {
  const ctx = koaContextOf(request)
  if (ctx === null) return viewOf(request)
  const view = koaView(ctx)
  return { ...view, aliases: [...(view.aliases ?? []), request] }
}

function enterBy(request: Request, { accepted, user }: Admitted): void {
  const ctx = koaContextOf(request)
  if (ctx !== null) enterKoa(ctx, accepted.apiKey, user)
  enter(request, accepted.apiKey, user)
  tell(request, keyHeaders(accepted))
}

function tell(request: Request, headers: Readonly<Record<string, string>>): void {
  const response = koaContextOf(request)?.res ?? request.res
  if (response !== undefined && !response.headersSent) setHeaders(response, headers)
}

function tellOfThrow({ config }: Internals, thrown: unknown): void {
  config.logger.error({ err: thrown }, "an app's own callback threw, twice")
}

function failed(judged: Refused, fail: Actions['fail'], error: Actions['error']): void {
  if (judged.code === 'STORE_UNAVAILABLE') error(refusalError(judged))
  else fail(challengeFor(judged.code), judged.status)
}

function checkedOptions(keys: object, options: KeyStrategyOptions): KeyStrategyOptions {
  internalsOf(keys)
  const faults = Object.entries(options)
    .filter(([name, value]) => !['name', 'header', 'prefix'].includes(name) || typeof value !== 'string')
    .map(([path]) => ({ path, message: 'takes name, header and prefix, as text' }))
  if (options.prefix !== undefined && options.header === undefined) {
    faults.push({ path: 'header', message: 'must be given with prefix' })
  }
  if (options.header !== undefined && !isHeaderName(options.header)) {
    faults.push({ path: 'header', message: 'takes the name of a header' })
  }
  if (faults.length > 0) throw invalidOption(faults)
  return options
}

function withoutRequest(): SidekeyError {
  return invalidOption([
    {
      path: 'passReqToCallback',
      message: 'must be true: new HeaderAPIKeyStrategy({ header, prefix }, true, verifyCallback(keys))',
    },
  ])
}
