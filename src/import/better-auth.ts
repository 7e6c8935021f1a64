/**
 * The table `apikey` of better-auth's API-key plugin, as its adapters hold it: a collection of MongoDB (also as `mongoexport`
 * writes it), or a dump of an SQL table as JSON.
 */
import { given } from '../given.js'
import type { ImportRecord } from '../manage/import-input.js'
import { notSuch } from './rows.js'
import { countIn, durationOf, flagIn, nameIn, objectIn, RowFault, startIn, textIn, timeIn } from './values.js'

/** What an import from better-auth takes besides. */
export interface BetterAuthOptions {
  /** The `configId`s whose keys belong to organisations (`references: 'organization'`). Default: none. */
  readonly organizationConfigs?: readonly string[]
}

type Row = Readonly<Record<string, unknown>>

/** @throws SidekeyError `INVALID_INPUT` for what is a row of something else. */
export function checkBetterAuth(row: Row): void {
  const missing = ['key', 'createdAt'].filter(name => !(name in row))
  if (!('referenceId' in row) && !('userId' in row)) missing.push('referenceId')
  if (missing.length > 0)
    throw notSuch(`is not better-auth's apikey: the first row has no ${missing.join(', ')}`)
}

export function betterAuthRecord(
  row: Row,
  source: string,
  options: BetterAuthOptions = {},
): Partial<ImportRecord> {
  const configId = textIn(row.configId, 'configId') ?? 'default'
  // Earlier versions knew users alone.
  const ownerId = textIn(row.referenceId ?? row.userId, 'referenceId')
  if (ownerId === undefined) throw new RowFault('referenceId: takes the id of an owner')
  const type = options.organizationConfigs?.includes(configId) ? 'organization' : 'user'
  return {
    source,
    owner: { type, id: ownerId },
    hash: { algorithm: 'sha256', value: textIn(row.key, 'key') ?? '' },
    ...given({
      id: textIn(row.id ?? row._id, 'id'),
      start: startIn(row.start, 'start'),
      name: nameIn(row.name, 'name'),
      permissions: permissionsIn(row.permissions),
      metadata: objectIn(row.metadata, 'metadata') as ImportRecord['metadata'] | undefined, // checked when it is imported
      enabled: flagIn(row.enabled, 'enabled'),
      expiresAt: timeIn(row.expiresAt, 'expiresAt'),
      createdAt: timeIn(row.createdAt, 'createdAt'),
      lastUsedAt: timeIn(row.lastRequest, 'lastRequest'),
      limits: limitsIn(row),
      credits: creditsIn(row),
    }),
  }
}

/** `{ reports: ['read'] }` is `reports:read`. */
function permissionsIn(value: unknown): string[] | undefined {
  const statements = objectIn(value, 'permissions')
  if (statements === undefined) return undefined
  return Object.entries(statements).flatMap(([resource, actions]) => {
    if (!Array.isArray(actions)) throw new RowFault('permissions: takes lists of actions by resource')
    return actions.map(action => `${resource}:${action}`)
  })
}

function limitsIn(row: Row): ImportRecord['limits'] | undefined {
  if (flagIn(row.rateLimitEnabled, 'rateLimitEnabled') !== true) return undefined
  const points = countIn(row.rateLimitMax, 'rateLimitMax')
  const window = countIn(row.rateLimitTimeWindow, 'rateLimitTimeWindow')
  return points === undefined || window === undefined
    ? undefined
    : { requests: { points, per: durationOf(window) } }
}

/** Its refill sets what remains to the amount: ours fills up to it. */
function creditsIn(row: Row): ImportRecord['credits'] | undefined {
  const balance = countIn(row.remaining, 'remaining')
  const amount = countIn(row.refillAmount, 'refillAmount')
  const interval = countIn(row.refillInterval, 'refillInterval')
  if (balance === undefined) return undefined
  if (!amount || !interval) return { balance }
  return { balance, refill: { amount, every: durationOf(interval), max: amount } }
}
