/**
 * What there is to see on the pictures: keys of all sorts, with a past. The clock and the random source are held, so that the
 * pictures change only where the page does.
 */
import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import type { TestKeys } from '../../test/support/keys.js'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** When the pictures are taken. */
const NOW = Date.UTC(2026, 10, 26, 9, 30)

let offset = 0
const realNow = Date.now

Date.now = () => realNow() + offset

/** The clock of this process; it goes on from there. */
export function setClock(ms: number): void {
  offset = ms - realNow()
}

/** The same ids and tokens every time. They are nobody's. */
export function holdRandomness(): void {
  let state = 1
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state >>> 24
  }
  const bytes = (size: number) => Buffer.from(Array.from({ length: size }, next))
  Object.assign(crypto, { randomBytes: bytes })
  syncBuiltinESMExports()
}

const alice = { id: 'alice' } as const
const acme = { type: 'organization', id: 'acme' } as const

/** Makes the keys, weeks ago, and uses them. Gives the one whose page is shown. */
export async function seed(keys: TestKeys): Promise<{ id: string; token: string }> {
  setClock(NOW - 60 * DAY_MS)
  const old = await keys.create({ name: 'Old laptop', owner: alice, permissions: ['reports:read'] })
  const spreadsheet = await keys.create({
    name: 'Spreadsheet add-in',
    owner: alice,
    permissions: ['reports:read'],
    expiresAt: new Date(NOW - 2 * DAY_MS),
  })
  setClock(NOW - 30 * DAY_MS)
  const nightly = await keys.as(ALICE, FRESH).create({
    name: 'Nightly export',
    description: 'Sends the reports of the day to the warehouse, at 02:00.',
    permissions: ['reports:read', 'reports:write'],
    organizationId: 'acme',
    tags: ['warehouse'],
    restrictions: { ips: ['203.0.113.0/24', '2001:db8::/32'] },
    expiresAt: new Date(NOW + 60 * DAY_MS),
  })
  await keys.update(nightly.apiKey.id, { limits: { requests: { points: 600, per: '1m' } } })
  await keys.revoke(old.apiKey.id, { reason: 'The laptop was sold' })
  for (const [name, owner] of OTHERS) {
    setClock(NOW - 25 * DAY_MS)
    await keys.create({ name, owner, permissions: ['reports:read'], organizationId: 'acme' })
  }
  for (let day = 29; day >= 0; day--) await useOn(keys, nightly.token, day)
  setClock(NOW - 3 * DAY_MS)
  const { token } = await keys.as(ALICE, FRESH).rotate(nightly.apiKey.id, { grace: '1h' })
  setClock(NOW - DAY_MS)
  const ci = await keys.create({ name: 'Continuous integration', owner: alice, permissions: ['reports:*'] })
  await keys.verify(ci.token, { permissions: 'reports:read' })
  await keys.update(ci.apiKey.id, { enabled: false })
  await keys.create({ name: 'Dashboard in the hall', owner: alice, permissions: ['reports:read'] })
  await keys.verify(spreadsheet.token)
  setClock(NOW)
  return { id: nightly.apiKey.id, token }
}

const OTHERS = [
  ['Billing sync', acme],
  ['Status page', acme],
  ['Bob’s notebook', { id: 'bob' }],
  ['Carol’s phone', { id: 'carol' }],
] as const

const ALICE = { id: 'alice', role: 'user', memberships: [{ id: 'acme', role: 'member' }] }
/** A request of somebody who has just logged in. */
const FRESH = { session: { loggedInAt: Number.POSITIVE_INFINITY } }

/** More at the end of a month than at its beginning, less on weekends, and now and then a refusal. */
async function useOn(keys: TestKeys, token: string, day: number): Promise<void> {
  const at = NOW - day * DAY_MS
  const isWeekend = [0, 6].includes(new Date(at).getUTCDay())
  const times = Math.round((isWeekend ? 8 : 24) * (1 + (29 - day) / 40) + ((day * 7) % 5))
  for (let time = 0; time < times; time++) {
    setClock(at - (time % 8) * HOUR_MS)
    const isStrange = time % 11 === 5
    await keys.verify(token, {
      permissions: 'reports:read',
      ip: isStrange ? '198.51.100.7' : '203.0.113.9',
    })
  }
}
