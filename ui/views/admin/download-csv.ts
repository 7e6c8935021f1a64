/** The same for a spreadsheet, as the API writes them. */
import { contentOf } from '../../../src/client/answer.js'
import { networkError, unexpectedAnswer } from '../../../src/client/error.js'
import type { AuditQuery, UsageQuery } from '../../../src/client/index.js'
import { queryOf } from '../../../src/client/write.js'
import { apiBase } from '../../page.js'

/** More events than these make no table that anybody reads. */
export const MOST_EVENTS = 10_000
const PAGE = 100

/** @throws KeyClientError as the client does */
export async function downloadUsageCsv(query: UsageQuery, name: string): Promise<void> {
  const { text } = await csvOf(`/usage${queryOf(query)}`)
  save(text, name)
}

/**
 * All pages of the audit as one table, as far as `MOST_EVENTS`. Answers whether there are more.
 * @throws KeyClientError as the client does
 */
export async function downloadAuditCsv(query: AuditQuery, name: string): Promise<{ isPart: boolean }> {
  let table = ''
  let cursor: string | undefined
  for (let read = 0; read < MOST_EVENTS; read += PAGE) {
    const asked: AuditQuery = { ...query, limit: PAGE, ...(cursor !== undefined && { cursor }) }
    const page = await csvOf(`/audit${queryOf(asked)}`)
    // Each page names the columns.
    table += table === '' ? page.text : page.text.slice(page.text.indexOf('\r\n') + 2)
    cursor = page.next ?? undefined
    if (cursor === undefined) break
  }
  save(table, name)
  return { isPart: cursor !== undefined }
}

async function csvOf(path: string): Promise<{ readonly text: string; readonly next: string | null }> {
  let answer: Response
  let text: string
  try {
    answer = await fetch(apiBase + path, { headers: { accept: 'text/csv' }, redirect: 'manual' })
    text = await answer.text()
  } catch (error) {
    throw networkError(error)
  }
  const type = answer.headers.get('content-type') ?? ''
  if (answer.ok && type.startsWith('text/csv')) return { text, next: answer.headers.get('next-cursor') }
  contentOf('GET', answer, text) // throws what the server says
  throw unexpectedAnswer(answer.status, undefined)
}

function save(text: string, name: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'text/csv; charset=utf-8' }))
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(address))
}
