/** The operations of management as one face, each told who calls. */
import type { KeyManagement } from '../face.js'
import type { OperationName } from '../telemetry/telemetry.js'
import type { CallContext } from './access.js'
import { actorConfig } from './actor-config.js'
import { listEvents } from './audit-query.js'
import { type CreateOptions, createKey } from './create.js'
import { changeCredits } from './credits.js'
import { deleteKey } from './delete.js'
import type { Deps } from './deps.js'
import { getKey } from './get.js'
import type { Inputs } from './input-schemas.js'
import { listKeys } from './list.js'
import { lookupKey } from './lookup.js'
import { purgeKey } from './purge.js'
import { restoreKey } from './restore.js'
import { revokeKey } from './revoke.js'
import { revokeAllKeys } from './revoke-all.js'
import { previewRevoke } from './revoke-preview.js'
import { rotateKey } from './rotate.js'
import { transferKey } from './transfer.js'
import { updateKey } from './update.js'
import { readUsage } from './usage.js'
import { verifyFor } from './verify-for.js'

/** `context` tells who calls. Every refusal that leaves is in the audit, and the app's telemetry is around each operation. */
export function management<P extends string>(
  deps: Deps,
  inputs: Inputs,
  context: () => Promise<CallContext>,
): KeyManagement<P> {
  const { telemetry } = deps.config

  async function asked<T>(operation: (context: CallContext) => Promise<T>): Promise<T> {
    const known = await context()
    try {
      return await operation(known)
    } catch (error) {
      deps.refusals.note(known, error)
      throw error
    }
  }
  const run = <T>(name: OperationName, operation: (context: CallContext) => Promise<T>): Promise<T> =>
    telemetry.around(name, () => asked(operation))

  return {
    // No repeat without a key for it.
    create: ((input: unknown, options?: CreateOptions) =>
      run('create', context =>
        createKey(deps, inputs, context, input, options),
      )) as KeyManagement<P>['create'],
    get: id => run('get', context => getKey(deps, context, id)),
    list: (query = {}) => run('list', context => listKeys(deps, context, query)),
    update: (id, patch, options) =>
      run('update', context => updateKey(deps, inputs, context, id, patch, options)),
    transfer: (id, owner, options) =>
      run('transfer', context => transferKey(deps, context, id, owner, options)),
    rotate: (id, options) => run('rotate', context => rotateKey(deps, context, id, options)),
    revoke: (id, options) => run('revoke', context => revokeKey(deps, context, id, options)),
    previewRevoke: filter => run('previewRevoke', context => previewRevoke(deps, context, filter)),
    revokeAll: (filter, options) =>
      run('revokeAll', context => revokeAllKeys(deps, context, filter, options)),
    delete: (id, options) => run('delete', context => deleteKey(deps, context, id, options)),
    restore: (id, options) => run('restore', context => restoreKey(deps, context, id, options)),
    purge: (id, options) => run('purge', context => purgeKey(deps, context, id, options)),
    credits: {
      add: (id, n, options) =>
        run('credits.add', context => changeCredits(deps, context, id, { ...options, add: n })),
      set: (id, n, options) =>
        run('credits.set', context => changeCredits(deps, context, id, { ...options, set: n })),
      refund: (id, n, options) =>
        run('credits.refund', context => changeCredits(deps, context, id, { ...options, refund: n })),
    },
    lookup: token => run('lookup', context => lookupKey(deps, context, token)),
    audit: (query = {}) => run('audit', context => listEvents(deps, context, query)),
    usage: (query = {}) => run('usage', context => readUsage(deps, context, query)),
    verify: (token, request) => asked(context => verifyFor(deps, context, token, request)),
    config: (query = {}) => run('config', context => actorConfig(deps, context, query)),
  }
}
