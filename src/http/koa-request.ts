/** What the router, the checks and the Passport strategy do with a request of Koa. */
import type { Context } from 'koa'
import type { ApiKey } from '../key/record.js'
import { keepOutOfKoaSession } from './login.js'
import { nodeHeader } from './node-header.js'
import type { RequestView } from './view.js'

/** Makes the request the key's: its record, its owner's user (or none), and no login from it. */
export function enterKoa(ctx: Context, apiKey: ApiKey, user: unknown): void {
  ctx.state.apiKey = apiKey
  ctx.state.user = user
  keepOutOfKoaSession(ctx)
}

/** What the checks look at. */
export function koaView(ctx: Context): RequestView {
  return {
    native: ctx,
    identity: ctx,
    aliases: [ctx.request, ctx.req],
    // None, once a parser of the app's has destroyed the request: Koa itself would throw.
    ip: () => (ctx.req.socket ? ctx.ip : undefined),
    trustsProxy: () => Boolean(ctx.app.proxy),
    header: name => nodeHeader(ctx.req, name),
  }
}
