/** Keys, as people see them. */
import type { ApiKey, KeyStatus, Owner } from '../key/record.js'
import type { Column, Fact, Style } from './table.js'

const STYLES: Readonly<Record<KeyStatus, Style>> = {
  active: 'green',
  scheduled: 'yellow',
  disabled: 'yellow',
  revoked: 'red',
  expired: 'red',
  deleted: 'red',
}

export const KEY_COLUMNS: readonly Column<ApiKey>[] = [
  { title: 'ID', value: key => key.id },
  { title: 'NAME', value: key => key.name, least: 8 },
  { title: 'STATUS', value: key => key.status, style: key => STYLES[key.status] },
  { title: 'OWNER', value: key => ownerText(key.owner), least: 8, drop: 1 },
  { title: 'KIND', value: key => key.kind, least: 6, drop: 4 },
  { title: 'PERMISSIONS', value: key => key.permissions.join(' '), least: 11, drop: 5 },
  { title: 'EXPIRES', value: key => day(key.expiresAt), drop: 2 },
  { title: 'LAST USED', value: key => day(key.lastUsedAt ?? null), drop: 3 },
]

export function keyFacts(key: ApiKey): Fact[] {
  const facts: [string, string | null, Style?][] = [
    ['id', key.id],
    ['name', key.name],
    ['status', key.status, STYLES[key.status]],
    ['start', key.start],
    ['kind', key.kind],
    ['owner', ownerText(key.owner)],
    ['organization', key.organizationId],
    ['description', key.description],
    ['permissions', listed(key.permissions)],
    ['roles', listed(key.roles)],
    ['resources', listed(key.resources)],
    ['addresses', listed(key.restrictions.ips)],
    ['origins', listed(key.restrictions.origins)],
    ['tags', listed(key.tags)],
    ['limits', listed(Object.entries(key.limits).map(limitText))],
    ['credits', key.credits === null ? null : String(key.credits.balance ?? 'unknown')],
    ['metadata', Object.keys(key.metadata).length === 0 ? null : JSON.stringify(key.metadata)],
    ['not before', time(key.notBefore)],
    ['expires', time(key.expiresAt) ?? 'never'],
    ['ends unused', key.expiresAfterIdle === null ? null : `after ${key.expiresAfterIdle}`],
    ['last used', time(key.lastUsedAt ?? null) ?? 'never'],
    ['from', key.lastUsedIp ?? null],
    ['revoked', key.revoked && `${time(key.revoked.at)} by ${key.revoked.by ?? 'server code'}`],
    ['reason', key.revoked?.reason ?? null],
    ['made by key', key.parentId],
    ['created', time(key.createdAt)],
    ['updated', time(key.updatedAt)],
    ['version', String(key.version)],
  ]
  return facts.flatMap(([name, value, style]) => (value === null ? [] : [[name, value, style] as const]))
}

export function ownerText({ type, id }: Owner): string {
  return type === 'user' ? id : `${type}:${id}`
}

function listed(values: readonly string[]): string | null {
  return values.length === 0 ? null : values.join(' ')
}

function limitText([name, { points, per, by }]: [string, ApiKey['limits'][string]]): string {
  return `${name}=${points}/${per}${by === undefined ? '' : `/${by}`}`
}

export function time(at: Date | null): string | null {
  return at === null ? null : new Date(at).toISOString()
}

export function day(at: Date | null): string {
  return at === null ? '-' : new Date(at).toISOString().slice(0, 10)
}

export function minute(at: Date): string {
  return new Date(at).toISOString().slice(0, 16).replace('T', ' ')
}
