/** What the operations of management would do, by the decisions that they make themselves: they refuse alike, and nothing is written. */
import { parseInput } from '../validation.js'
import { type CallContext, permitByKey } from './access.js'
import { lookingAhead } from './ahead.js'
import { type ChangeOptions, type Checked, checkChange, type Wanted } from './change.js'
import { wantedKey } from './create.js'
import { deleting } from './delete.js'
import type { Deps } from './deps.js'
import type { Inputs } from './input-schemas.js'
import { purging } from './purge.js'
import { restoring } from './restore.js'
import { type RevokeAllOptions, type RevokeOptions, revoking } from './revoke.js'
import { askedRevoke } from './revoke-all.js'
import { type RotateOptions, rotating } from './rotate.js'
import { updating } from './update.js'

/** Each rejects as the operation of its name would. */
export interface Checks {
  create(input: unknown): Promise<void>
  update(id: string, patch: unknown, options?: ChangeOptions): Promise<Checked>
  rotate(id: string, options?: RotateOptions): Promise<Checked>
  revoke(id: string, options?: RevokeOptions): Promise<Checked>
  /** What is given alone: which keys it would end is told by `previewRevoke`. */
  revokeAll(filter: unknown, options?: RevokeAllOptions): Promise<void>
  delete(id: string, options?: ChangeOptions): Promise<Checked>
  restore(id: string, options?: ChangeOptions): Promise<Checked>
  purge(id: string, options?: ChangeOptions): Promise<Checked>
}

export function checks(deps: Deps, inputs: Inputs, context: CallContext): Checks {
  const check = (id: string, wanted: Wanted) => checkChange(deps, context, wanted, id)
  return {
    async create(input) {
      permitByKey(context.caller, 'create', null)
      const { draft } = await wantedKey(deps, context, parseInput(inputs.create, input))
      await lookingAhead(deps).takeSlot(draft.owner, draft.id, 0)
    },
    update: async (id, patch, options = {}) => check(id, updating(deps, inputs, context, patch, options)),
    rotate: async (id, options = {}) => check(id, rotating(deps, context, options)),
    revoke: async (id, options = {}) => check(id, revoking(deps, context, options)),
    revokeAll: async (filter, options = {}) => void askedRevoke(filter, options),
    delete: async (id, options = {}) => check(id, deleting(deps, context, options)),
    restore: async (id, options = {}) => check(id, restoring(deps, context, options)),
    purge: async (id, options = {}) => check(id, purging(deps, context, options)),
  }
}
