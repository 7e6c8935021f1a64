/** The audit as a table for spreadsheets, over every framework. */
import request from 'supertest'
import { testKeys } from '../support/keys.js'
import '../http/documented.js'
import { csvRows } from '../support/csv.js'
import { FRAMEWORKS } from './apps.js'

const CSV = { accept: 'text/csv' }
const ROOT = { 'x-user': 'root' }

describe.each(FRAMEWORKS)('the audit as CSV over $name', ({ app }) => {
  it('has a row for each event, with what people call the key', async () => {
    const keys = testKeys()
    const { apiKey } = await keys.create({ name: 'Alpha, the "first"', owner: { id: 'alice' } })
    await keys.revoke(apiKey.id, { reason: 'one, "two"' })
    const http = request(app(keys))
    for (const path of ['/audit?all=true', `/${apiKey.id}/audit`]) {
      const answer = await http.get(`/api-keys${path}`).set({ ...ROOT, ...CSV })
      expect([answer.status, answer.headers['content-type']]).toEqual([
        200,
        'text/csv; charset=utf-8; header=present',
      ])
      const [columns = [], revoked, created, ...rest] = csvRows(answer.text)
      expect(rest).toEqual([])
      const named = (row: readonly string[] = []) =>
        Object.fromEntries(columns.map((name, i) => [name, row[i]]))
      const common = { keyId: apiKey.id, keyName: 'Alpha, the "first"', ownerId: 'alice', actorVia: 'server' }
      expect(named(revoked)).toMatchObject({ ...common, action: 'revoke', reason: 'one, "two"', refused: '' })
      expect(named(created)).toMatchObject({ ...common, action: 'create' })
      expect(JSON.parse(named(created).changes ?? '')).toMatchObject({ name: { to: 'Alpha, the "first"' } })
    }
  })

  it('leads from page to page by a header', async () => {
    const keys = testKeys()
    for (const name of ['a', 'b', 'c']) await keys.create({ name, owner: { id: 'alice' } })
    const http = request(app(keys))
    const seen: string[] = []
    for (let cursor = ''; ; ) {
      const answer = await http.get(`/api-keys/audit?all=true&limit=2${cursor}`).set({ ...ROOT, ...CSV })
      const [columns = [], ...rows] = csvRows(answer.text)
      seen.push(...rows.map(row => row[columns.indexOf('keyName')] ?? ''))
      const next = answer.headers['next-cursor']
      if (next === undefined) break
      cursor = `&cursor=${encodeURIComponent(next)}`
    }
    expect(seen).toEqual(['c', 'b', 'a'])
  })

  it('holds no formula, whatever others have written', async () => {
    const keys = testKeys()
    const evil = '=HYPERLINK("http://evil.example","x")'
    const { apiKey } = await keys.create({ name: evil, owner: { id: '@SUM(A1)' } })
    await keys.revoke(apiKey.id, { reason: '+1' })
    const answer = await request(app(keys))
      .get('/api-keys/audit?all=true')
      .set({ ...ROOT, ...CSV, 'user-agent': '-1' })
    const cells = csvRows(answer.text).flat()
    expect(cells).toEqual(expect.arrayContaining([`'${evil}`, "'@SUM(A1)", "'+1"]))
    expect(cells.filter(cell => /^[=+\-@\t\r]/.test(cell))).toEqual([])
  })
})
