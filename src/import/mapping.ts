/** A mapping: which column of a file is what. JSON, so that it can be a file of its own. */
import { z } from 'zod'
import { parseInput } from '../validation.js'

const TAKES_COLUMN =
  'takes the name of a column (with dots: of a field within another), or several, of which the first counts that is there'
const column = z.union(
  [z.string().min(1).max(200), z.array(z.string().min(1).max(200)).min(1).max(10)],
  TAKES_COLUMN,
)
const texts = z.record(z.string(), z.string())
const TAKES = 'takes the name of a column, or { column, … }'

const hash = z.strictObject({ column, algorithm: z.enum(['sha256', 'sha512']).optional() })
const owner = z.strictObject({
  column,
  /** The type of every owner. */
  type: z.string().optional(),
  /** Or the column that has it, and what its values stand for. */
  typeColumn: column.optional(),
  types: texts.optional(),
})
const permissions = z.strictObject({
  column,
  /** What parts them, where they are neither JSON nor a list. */
  separator: z.string().min(1).max(8).optional(),
  /** What parts the segments of one, where it is no colon. */
  segmentsBy: z.string().min(1).max(8).optional(),
  rename: texts.optional(),
})
const flag = z.strictObject({ column, not: z.literal(true).optional() })
const limit = z.union([
  z.strictObject({ each: column, name: z.string(), points: z.string(), perMs: z.string() }),
  z.strictObject({ points: column, per: z.string() }),
])
const refill = z.strictObject({
  amount: column,
  every: z.strictObject({ column, rename: texts.optional() }),
  max: column.optional(),
})
const credits = z.strictObject({ balance: column, refill: refill.optional() })

const orColumn = <T extends z.ZodType>(more: T) => z.union([column, more], TAKES)

const schema = z.strictObject(
  {
    /** The name of an entry of the option `imported`. */
    source: z.string().optional(),
    format: z.enum(['csv', 'json'], 'takes csv or json').optional(),
    columns: z.strictObject(
      {
        id: column.optional(),
        token: column.optional(),
        hash: orColumn(hash).optional(),
        start: column.optional(),
        name: column.optional(),
        description: column.optional(),
        kind: column.optional(),
        owner: orColumn(owner).optional(),
        organizationId: column.optional(),
        permissions: orColumn(permissions).optional(),
        roles: orColumn(permissions).optional(),
        resources: orColumn(permissions).optional(),
        tags: orColumn(permissions).optional(),
        metadata: column.optional(),
        enabled: orColumn(flag).optional(),
        revoked: orColumn(flag).optional(),
        notBefore: column.optional(),
        expiresAt: column.optional(),
        createdAt: column.optional(),
        lastUsedAt: column.optional(),
        limits: z.union([limit, z.array(limit)]).optional(),
        credits: orColumn(credits).optional(),
      },
      'takes columns by field',
    ),
    /** Fields of every record that its row leaves open. */
    defaults: z.record(z.string(), z.unknown()).optional(),
  },
  'takes { source, format, columns, defaults }',
)

/**
 * Which column is what, as it is written. `importFile` checks it.
 * @useDeclaredType
 */
export type Mapping = z.input<typeof schema>
export type Column = z.output<typeof column>
export type ListMapping = Column | z.output<typeof permissions>
export type LimitMapping = z.output<typeof limit>

/** @throws SidekeyError `INVALID_INPUT`, with each field that is wrong and what it takes. */
export function checkedMapping(mapping: unknown): Mapping {
  return parseInput(schema, mapping, 'mapping')
}
