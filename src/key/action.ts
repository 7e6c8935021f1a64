/** What `authorize` and the access table decide on, and what an audit event tells of. */
export const ACTIONS = [
  'create',
  'read',
  'audit',
  'update',
  'disable',
  'enable',
  'rotate',
  'revoke',
  'delete',
  'restore',
  'purge',
  'transfer',
  'credits',
] as const
/** What can be done to a key; each is a row of the access table.
 * @useDeclaredType
 */
export type Action = (typeof ACTIONS)[number]
