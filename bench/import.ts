/** What importing a file takes of memory, whatever its length: rows are read, written and let go of. */
import { apiKeys, memoryStore, type Store } from 'sidekey'
import { importFile } from 'sidekey/import'
import { claim, printMachine, whole } from './measure.js'

const ROWS = Number(process.env.BENCH_ROWS ?? 1_000_000)
const FEW = Math.round(ROWS / 20)
const MOST_MIB = 500
/** What is not bounded grows with the rows: twenty times as many would take hundreds. */
const MOST_MORE_MIB = 100
const MIB = 1024 * 1024
const CHUNK = 64 * 1024

/** A store that takes everything, and keeps nothing: what is measured is not the database. */
function storeOfNothing(): Store {
  return {
    ...memoryStore(),
    claimAliases: async aliases => [...aliases],
    insertMany: async keys => keys.map(({ id }) => id),
    appendEvents: async events => events.map(({ id }) => id),
    clearOutboxes: async () => {},
    recordUses: async () => {},
  }
}

/** The file, made as it is read. */
async function* fileOf(rows: number, header: string, rowOf: (i: number) => string): AsyncGenerator<Buffer> {
  let text = header
  for (let i = 0; i < rows; i++) {
    text += rowOf(i)
    if (text.length > CHUNK) {
      yield Buffer.from(text)
      text = ''
    }
  }
  yield Buffer.from(text)
}

const digestOf = (i: number) => String(i).padStart(64, '0')
const FORMATS = {
  csv: [
    'id,token,user_id,name,scopes,created\n',
    (i: number) => `${i},${digestOf(i)},${i % 1000},"key, ${i}","[""reports:read""]",2026-01-02 03:04:05\n`,
  ],
  json: [
    '',
    (i: number) =>
      `{"id":${i},"token":"${digestOf(i)}","user_id":${i % 1000},"name":"key ${i}","scopes":["reports:read"],"created":"2026-01-02T03:04:05Z"}\n`,
  ],
} as const

const MAPPING = {
  columns: {
    id: 'id',
    hash: { column: 'token', algorithm: 'sha256' },
    owner: 'user_id',
    name: 'name',
    permissions: 'scopes',
    createdAt: 'created',
  },
} as const

/** The most memory that the process had while it imported so many rows, in bytes. */
async function peakOf(rows: number, format: keyof typeof FORMATS): Promise<number> {
  const imported = [{ source: 'old', prefix: 'old_' }]
  const keys = apiKeys({ prefix: 'acme_live', store: storeOfNothing(), imported })
  let peak = 0
  const [header, rowOf] = FORMATS[format]
  const started = performance.now()
  const report = await importFile(keys, fileOf(rows, header, rowOf), {
    from: { ...MAPPING, columns: { ...MAPPING.columns, hash: { ...MAPPING.columns.hash } } },
    format,
    onProgress: () => {
      peak = Math.max(peak, process.memoryUsage.rss())
    },
  })
  if (report.imported !== rows) throw new Error(`only ${report.imported} of ${rows} rows were taken`)
  const seconds = (performance.now() - started) / 1000
  console.log(
    `  ${format}: ${whole(rows)} rows, ${whole(rows / seconds)} a second, at most ${whole(peak / MIB)} MiB`,
  )
  await keys.close()
  return peak
}

printMachine('the most memory of the process (RSS), after each batch of 1,000 rows')
console.log('\nAn import into a store that keeps nothing')
for (const format of ['csv', 'json'] as const) {
  const few = await peakOf(FEW, format)
  const many = await peakOf(ROWS, format)
  claim(
    many < MOST_MIB * MIB,
    `${whole(many / MIB)} MiB for ${whole(ROWS)} rows of ${format}`,
    `under ${MOST_MIB}`,
  )
  const more = (many - few) / MIB
  claim(more < MOST_MORE_MIB, `${whole(more)} MiB more than for ${whole(FEW)}`, `less than ${MOST_MORE_MIB}`)
}
