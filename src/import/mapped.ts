/** Reads rows by a mapping. */

import { given } from '../given.js'
import type { ImportRecord } from '../manage/import-input.js'
import type { Column, LimitMapping, ListMapping, Mapping } from './mapping.js'
import { isObject, notSuch } from './rows.js'
import {
  countIn,
  durationOf,
  flagIn,
  lineIn,
  listIn,
  nameIn,
  objectIn,
  RowFault,
  startIn,
  textIn,
  timeIn,
} from './values.js'

type Row = Readonly<Record<string, unknown>>

/**
 * Whether the first row is of such a file. A header has every column that a key cannot do without; an object may leave out what it
 * has none of, but not everything.
 */
export function checkMapped(row: Row, { columns, defaults = {} }: Mapping): void {
  const secrets = [columnOf(columns.token), columnOf(columns.hash)].flat().filter(one => one !== null)
  const owners = Object.hasOwn(defaults, 'owner') ? [] : [columnOf(columns.owner) ?? []].flat()
  const needed = [secrets, owners].filter(names => names.length > 0)
  const missing = needed.filter(names => names.every(name => !isThere(row, name)))
  if (missing.length === 0 || (!isOfHeader(row) && missing.length < needed.length)) return
  throw notSuch(`has no column ${missing.map(names => names.join(' or ')).join(', ')}`)
}

/** As csv-rows.ts makes them. */
function isOfHeader(row: Row): boolean {
  return Object.getPrototypeOf(row) === null
}

export function mappedRecord(row: Row, source: string, { columns }: Mapping): Partial<ImportRecord> {
  const { permissions, roles, resources, tags, enabled, revoked, limits, credits } = columns
  const read = (column: Column | undefined) => (column === undefined ? undefined : valueIn(row, column))
  const token = textIn(read(columns.token), 'token')
  return {
    source,
    ...given({
      id: textIn(read(columns.id), 'id'),
      token,
      // Of a token that is there nothing else is needed.
      hash: token === undefined ? hashIn(row, columns.hash) : undefined,
      start: startIn(read(columns.start), 'start'),
      name: nameIn(read(columns.name), 'name'),
      description: lineIn(read(columns.description), 'description', 1000),
      kind: textIn(read(columns.kind), 'kind'),
      owner: ownerIn(row, columns.owner),
      organizationId: textIn(read(columns.organizationId), 'organizationId'),
      permissions: listBy(row, permissions, 'permissions'),
      roles: listBy(row, roles, 'roles'),
      resources: listBy(row, resources, 'resources'),
      tags: listBy(row, tags, 'tags'),
      metadata: objectIn(read(columns.metadata), 'metadata') as ImportRecord['metadata'] | undefined, // checked when it is imported
      enabled: flagBy(row, enabled, 'enabled'),
      revoked: flagBy(row, revoked, 'revoked'),
      notBefore: timeIn(read(columns.notBefore), 'notBefore'),
      expiresAt: timeIn(read(columns.expiresAt), 'expiresAt'),
      createdAt: timeIn(read(columns.createdAt), 'createdAt'),
      lastUsedAt: timeIn(read(columns.lastUsedAt), 'lastUsedAt'),
      limits: limits === undefined ? undefined : limitsIn(row, [limits].flat()),
      credits: creditsIn(row, credits),
    }),
  }
}

/** The column in what may say more. */
function columnOf(mapped: Column | { readonly column: Column } | undefined): Column | null {
  if (mapped === undefined) return null
  return isColumn(mapped) ? mapped : mapped.column
}

function isColumn(mapped: Column | object): mapped is Column {
  return typeof mapped === 'string' || Array.isArray(mapped)
}

function valueIn(row: Row, column: Column): unknown {
  const name = [column].flat().find(one => isThere(row, one))
  return name === undefined ? undefined : fieldOf(row, name)
}

function isThere(row: Row, name: string): boolean {
  return fieldOf(row, name) !== undefined
}

/** A field by its name, or by its path. Own ones only: a row is what somebody else has written. */
function fieldOf(row: Row, name: string): unknown {
  if (Object.hasOwn(row, name)) return row[name]
  let value: unknown = row
  for (const part of name.split('.')) {
    if (!isObject(value) || !Object.hasOwn(value, part)) return value === null ? null : undefined
    value = value[part]
  }
  return value
}

function hashIn(row: Row, mapped: Mapping['columns']['hash']): ImportRecord['hash'] | undefined {
  const column = columnOf(mapped)
  const value = column === null ? undefined : textIn(valueIn(row, column), 'hash')
  if (value === undefined || mapped === undefined || isColumn(mapped)) return value
  return mapped.algorithm === undefined ? value : { algorithm: mapped.algorithm, value }
}

function ownerIn(row: Row, mapped: Mapping['columns']['owner']): ImportRecord['owner'] | undefined {
  const column = columnOf(mapped)
  const id = column === null ? undefined : textIn(valueIn(row, column), 'owner')
  if (id === undefined || mapped === undefined) return undefined
  if (isColumn(mapped)) return { id }
  const { type, typeColumn, types } = mapped
  if (typeColumn === undefined) return type === undefined ? { id } : { type, id }
  const written = textIn(valueIn(row, typeColumn), 'owner') ?? ''
  const known = types === undefined ? written : ownOf(types, written)
  if (known === undefined)
    throw new RowFault('owner: the mapping has no type for what the column of types says')
  return { type: known, id }
}

function ownOf(texts: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(texts, name) ? texts[name] : undefined
}

function listBy(row: Row, mapped: ListMapping | undefined, field: string): string[] | undefined {
  if (mapped === undefined) return undefined
  const { column, separator, segmentsBy, rename = {} } = isColumn(mapped) ? { column: mapped } : mapped
  const items = listIn(valueIn(row, column), field, separator)
  return items?.map(
    item => ownOf(rename, item) ?? (segmentsBy === undefined ? item : item.replaceAll(segmentsBy, ':')),
  )
}

function flagBy(row: Row, mapped: Mapping['columns']['enabled'], field: string): boolean | undefined {
  const column = columnOf(mapped)
  const flag = column === null ? undefined : flagIn(valueIn(row, column), field)
  const isTurned = mapped !== undefined && !isColumn(mapped) && mapped.not === true
  return flag === undefined || !isTurned ? flag : !flag
}

function limitsIn(row: Row, mapped: readonly LimitMapping[]): ImportRecord['limits'] | undefined {
  const named = mapped.flatMap((one): [string, { points: number; per: string }][] => {
    if ('each' in one) return eachLimit(row, one)
    const points = countIn(valueIn(row, one.points), 'limits')
    return points === undefined ? [] : [['requests', { points, per: one.per }]]
  })
  return named.length === 0 ? undefined : Object.fromEntries(named)
}

function eachLimit(
  row: Row,
  { each, name, points, perMs }: Extract<LimitMapping, { each: unknown }>,
): [string, { points: number; per: string }][] {
  const all = valueIn(row, each)
  if (all === undefined || all === null) return []
  if (!Array.isArray(all)) throw new RowFault('limits: takes a list')
  return all.map(one => {
    if (!isObject(one)) throw new RowFault('limits: takes a list of objects')
    const count = countIn(fieldOf(one, points), 'limits')
    const window = countIn(fieldOf(one, perMs), 'limits')
    if (count === undefined || window === undefined)
      throw new RowFault('limits: takes how many, and how long')
    return [textIn(fieldOf(one, name), 'limits') ?? '', { points: count, per: durationOf(window) }]
  })
}

function creditsIn(row: Row, mapped: Mapping['columns']['credits']): ImportRecord['credits'] | undefined {
  if (mapped === undefined) return undefined
  const balance = countIn(valueIn(row, isColumn(mapped) ? mapped : mapped.balance), 'credits')
  if (balance === undefined) return undefined
  if (isColumn(mapped) || mapped.refill === undefined) return { balance }
  const { amount, every, max } = mapped.refill
  const refilled = countIn(valueIn(row, amount), 'credits.refill')
  const written = textIn(valueIn(row, every.column), 'credits.refill')
  if (!refilled || written === undefined) return { balance }
  const most = max === undefined ? undefined : countIn(valueIn(row, max), 'credits.refill')
  const period = ownOf(every.rename ?? {}, written) ?? written
  return { balance, refill: { amount: refilled, every: period, ...(most !== undefined && { max: most }) } }
}
