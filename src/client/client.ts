import { KeyClientError } from './error.js'
import type { KeyClient } from './face.js'
import type { CallOptions, ChangeOptions, CreditOptions } from './inputs.js'
import { type KeyClientOptions, settingsOf } from './options.js'
import { eachOf } from './pages.js'
import { type Call, send } from './request.js'
import { pause, repeatedly } from './retry.js'
import type { ApiKey, Replayed, RevokeAllResult, WithToken } from './types.js'
import { checkedId, conditionOf, filterOf, jsonOf, queryOf } from './write.js'

/** Between two questions how far a revocation of many has come, at least. */
const BETWEEN_ASKS_MS = 1_000

/**
 * A client of the REST API that `keyRouter` serves, for browsers and Node.
 *
 * Throws a `TypeError` at once for a wrong option, naming it and what it takes.
 *
 * @example
 * ```ts
 * const client = keyClient({ baseUrl: '/api-keys', headers: () => ({ 'x-csrf-token': csrfToken() }) })
 * const { token } = await client.create({ name: 'CI', expiresIn: '90d' })
 * ```
 */
export function keyClient<P extends string = string>(options: KeyClientOptions): KeyClient<P> {
  const settings = settingsOf(options)

  /** Sends once. The type of the answer is the contract of the route. */
  const once = async <T>(call: Call): Promise<T> => (await send(settings, call)) as T
  /** Sends what can be sent twice without harm. */
  const safely = <T>(call: Call): Promise<T> => repeatedly(() => once<T>(call), settings.retries, call.signal)
  /** The same change twice is the same as once; but bound to a version, the second would find another. */
  const idempotent = <T>(call: Call): Promise<T> => {
    const version = call.headers?.['if-match']
    return version === undefined || version === '*' ? safely(call) : once(call)
  }
  const read = <T>(path: string, { signal }: CallOptions): Promise<T> =>
    safely({ method: 'GET', path, signal })

  const client: KeyClient<P> = {
    async create(input, { idempotencyKey = randomKey(), signal } = {}) {
      const headers = { 'idempotency-key': idempotencyKey }
      const answer = await safely<WithToken | Replayed>({ ...post('', input), headers, signal })
      return 'token' in answer ? { ...answer, replayed: false } : { ...answer, token: null }
    },
    get: async (id, options = {}) => orNull(read<ApiKey>(`/${checkedId(id)}`, options)),
    list: async (query = {}, options = {}) => read(queryOf(query), options),
    listAll: (query = {}, options) => eachOf(cursor => client.list(from(query, cursor), options)),
    async update(id, patch, options = {}) {
      return once({ ...change(id, '', options), method: 'PATCH', body: jsonOf(patch) })
    },
    transfer: async (id, owner, options = {}) => once(change(id, '/transfer', options, { owner })),
    rotate: async (id, { grace, ...options } = {}) => once(change(id, '/rotate', options, { grace })),
    revoke: async (id, { reason, ...options } = {}) =>
      idempotent(change(id, '/revoke', options, { reason: reason ?? undefined })),
    previewRevoke: async (filter, { signal } = {}) =>
      safely({ ...post('/revoke/preview', filterOf(filter, undefined)), signal }),
    async revokeAll(filter, { reason, onProgress, signal } = {}) {
      const call = { ...post('/revoke', filterOf(filter, reason)), signal }
      for (let revoked = 0; ; ) {
        const asked = Date.now()
        const { complete, ...answer } = await safely<RevokeAllResult & { complete?: false }>(call)
        // Each answer tells of all before it too; another process of the server's knows of its own part alone.
        revoked = Math.max(revoked, answer.revoked)
        if (complete !== false) return { ...answer, revoked }
        onProgress?.(revoked)
        // The server answers when it is done, or has waited for as long as it does.
        await pause(asked + BETWEEN_ASKS_MS - Date.now(), signal)
      }
    },
    delete: async (id, options = {}) => {
      await idempotent({ ...change(id, '', options), method: 'DELETE' })
    },
    restore: async (id, options = {}) => idempotent(change(id, '/restore', options)),
    purge: async (id, options = {}) => {
      await once({ ...change(id, '?purge=true', options), method: 'DELETE' })
    },
    credits: {
      add: async (id, add, options = {}) => once(balance(id, { add }, options)),
      set: async (id, set, options = {}) => once(balance(id, { set }, options)),
      refund: async (id, refund, { ref, ...options }) => safely(balance(id, { refund, ref }, options)),
    },
    lookup: async (token, { signal } = {}) =>
      orNull(safely<ApiKey>({ ...post('/lookup', { token }), signal })),
    verify: async (token, request = {}, { signal } = {}) =>
      once({ ...post('/verify', { ...request, token }), signal }),
    me: async (options = {}) => read('/me', options),
    config: async (query = {}, options = {}) => read(`/config${queryOf(query)}`, options),
    audit: async (query = {}, options = {}) => read(`/audit${queryOf(query)}`, options),
    usage: async (query = {}, options = {}) => read(`/usage${queryOf(query)}`, options),
    auditAll: (query = {}, options) => eachOf(cursor => client.audit(from(query, cursor), options)),
  }
  return client
}

/** The query, from where the page before has ended. */
function from<Q extends object>(query: Q, cursor: string | undefined): Q {
  return cursor === undefined ? query : { ...query, cursor }
}

function post(path: string, body: object) {
  return { method: 'POST', path, body: jsonOf(body) } as const
}

/** A change of a balance. */
function balance(id: string, amounts: object, { reason, signal }: CreditOptions): Call {
  return { ...post(`/${checkedId(id)}/credits`, { ...amounts, reason }), signal }
}

/** A change of one record. */
function change(id: string, act: string, { signal, ...condition }: ChangeOptions, body?: object): Call {
  return {
    method: 'POST',
    path: `/${checkedId(id)}${act}`,
    headers: conditionOf(condition),
    signal,
    ...(body && { body: jsonOf(body) }),
  }
}

async function orNull<T>(found: Promise<T>): Promise<T | null> {
  try {
    return await found
  } catch (error) {
    if (error instanceof KeyClientError && error.code === 'NOT_FOUND') return null
    throw error
  }
}

/** `crypto.randomUUID` is not there in pages that are served without TLS. */
function randomKey(): string {
  const bytes = [...crypto.getRandomValues(new Uint8Array(16))]
  return bytes.map(byte => byte.toString(16).padStart(2, '0')).join('')
}
