/** The same numbers for a spreadsheet, as the API writes them. */
import { contentOf } from '../../../src/client/answer.js'
import { networkError, unexpectedAnswer } from '../../../src/client/error.js'
import type { UsageQuery } from '../../../src/client/index.js'
import { queryOf } from '../../../src/client/write.js'
import { apiBase } from '../../page.js'

/** @throws KeyClientError as the client does */
export async function downloadUsageCsv(query: UsageQuery, name: string): Promise<void> {
  save(await csvOf(`${apiBase}/usage${queryOf(query)}`), name)
}

async function csvOf(address: string): Promise<Blob> {
  let answer: Response
  let text: string
  try {
    answer = await fetch(address, { headers: { accept: 'text/csv' }, redirect: 'manual' })
    text = await answer.text()
  } catch (error) {
    throw networkError(error)
  }
  const type = answer.headers.get('content-type') ?? ''
  if (answer.ok && type.startsWith('text/csv')) return new Blob([text], { type })
  contentOf('GET', answer, text) // throws what the server says
  throw unexpectedAnswer(answer.status, undefined)
}

function save(content: Blob, name: string): void {
  const address = URL.createObjectURL(content)
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(address))
}
