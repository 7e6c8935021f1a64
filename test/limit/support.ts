import type { CreateInput } from 'sidekey'
import type { TestKeys, TestPermission } from '../support/keys.js'

/** Makes keys of alice's that may read reports. */
export function makingWith(keys: () => TestKeys) {
  return (input: Partial<CreateInput<TestPermission>>) =>
    keys().create({ name: 'k', owner: { id: 'alice' }, permissions: ['reports:read'], ...input })
}
