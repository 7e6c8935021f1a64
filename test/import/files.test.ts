/** Files as they come: in pieces, broken, of something else, stopped in the middle. And mappings for whatever they are. */
import { gzipSync } from 'node:zlib'
import { memoryStore, type Store } from 'sidekey'
import { type ImportFileOptions, type ImportReport, importFile, type Mapping } from 'sidekey/import'
import { quiet, testKeys } from '../support/keys.js'
import { asFile, importText } from './support.js'

const IMPORTED = [{ source: 'old', prefix: 'old_' }] as const
const MAPPING: Mapping = { columns: { token: 'token', owner: 'user' } }
const tokenOf = (i: number | string) => `old_${String(i).padStart(24, 'x')}`
const csvOf = (count: number) =>
  ['token,user', ...Array.from({ length: count }, (_, i) => `${tokenOf(i)},alice`)].join('\n')
const oldKeys = (store: Store = memoryStore()) => testKeys({ store, imported: IMPORTED, logger: quiet })
const run = (text: string | Uint8Array, more: Partial<ImportFileOptions> = {}) =>
  importText(oldKeys(), text, { from: MAPPING, ...more })

describe('a file', () => {
  it.each([
    ['CSV', `token,user\n${tokenOf(1)},älice\n${tokenOf(2)},bob\n`],
    ['CSV with a byte order mark', `\ufefftoken,user\r\n${tokenOf(1)},älice\r\n${tokenOf(2)},bob`],
    ['CSV with semicolons', `token;user\n${tokenOf(1)};älice\n${tokenOf(2)};bob\n`],
    [
      'CSV with semicolons, and a comma in a name',
      `token;user;"name, full"\n${tokenOf(1)};älice;"A, B"\n${tokenOf(2)};bob;\n`,
    ],
    ['CSV as old Macs write it', `token,user\r${tokenOf(1)},"älice"\r${tokenOf(2)},bob\r`],
    ['CSV with tabs', `token\tuser\n${tokenOf(1)}\tälice\n${tokenOf(2)}\tbob\n`],
    [
      'CSV with quotes and empty lines',
      `"token","user"\n\n"${tokenOf(1)}","älice"\n\n${tokenOf(2)},"bob"\n\n`,
    ],
    ['JSON Lines', `{"token":"${tokenOf(1)}","user":"älice"}\n\n  {"token":"${tokenOf(2)}","user":"bob"}`],
    [
      'a JSON array',
      `\n[ {"token":"${tokenOf(1)}","user":"älice"},\n{"token":"${tokenOf(2)}","user":"bob"} ]\n`,
    ],
    [
      'a JSON array with brackets in texts',
      `[{"token":"${tokenOf(1)}","user":"älice","x":"]}\\"[{","y":[[{}]]},{"token":"${tokenOf(2)}","user":"bob"}]`,
    ],
  ])('is read in pieces of any size: %s', async (_, text) => {
    for (const size of [1, 2, 7, 1_000]) {
      const keys = oldKeys()
      const report = await importFile(keys, asFile(text, size), { from: MAPPING })
      expect(report).toEqual({
        rows: 2,
        imported: 2,
        skipped: 0,
        failed: 0,
        done: true,
      } satisfies ImportReport)
      expect(await keys.verify(tokenOf(1))).toMatchObject({ ok: true, owner: { id: 'älice' } })
    }
  })

  it.each<[string, string | Uint8Array, Partial<ImportFileOptions>, RegExp]>([
    ['blanks without an end', ' \n'.repeat(100_000), {}, /begins with blanks alone/],
    ['JSON that is said to be CSV', '{"token":"x"}', { format: 'csv' }, /takes CSV with a header/],
    ['CSV that is said to be JSON', csvOf(1), { format: 'json' }, /takes JSON Lines/],
    ['CSV of something else', 'id,name\n1,alice\n', {}, /has no column token, user/],
    ['JSON of something else', '{"id":1}\n', {}, /has no column token, user/],
    [
      'JSON of something else, said to be better-auth',
      '{"id":1}\n',
      { from: 'better-auth', source: 'old' },
      /is not better-auth's apikey: the first row has no key, createdAt, referenceId/,
    ],
    ['a JSON array of texts', '["a","b"]', {}, /takes an array of objects/],
    ['a JSON array of numbers', '[1,2]', {}, /takes an array of objects/],
    ['compressed', gzipSync(csvOf(100)), {}, /takes text in UTF-8/],
    ['UTF-16', Buffer.from(csvOf(3), 'utf16le'), {}, /takes text in UTF-8/],
    [
      'an object with the rows in it, over many lines',
      JSON.stringify(
        { data: Array.from({ length: 9 }, () => ({ token: tokenOf(1), user: 'a', x: ['y'] })) },
        null,
        2,
      ),
      {},
      /takes JSON Lines, an object a line; .* `jq -c`/,
    ],
    ['one object over a few lines', JSON.stringify({ token: tokenOf(1), user: 'a' }, null, 2), {}, /`jq -c`/],
    ['a column twice', 'token,user,token\na,b,c\n', {}, /has a column twice/],
    [
      'a header with a quote that is not closed',
      `"token,user\n${tokenOf(1)},a`,
      {},
      /has a header that has a quote/,
    ],
    ['an element without an end', `[{"token":"${'x'.repeat(2_000_000)}`, {}, /is longer than/],
  ])('that is not what it is said to be is refused: %s', async (_, text, more, message) => {
    await expect(run(text, more)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringMatching(message),
    })
  })

  it('that is empty has no rows', async () => {
    for (const text of ['', '\n \n', 'token,user\n', '[]', '[\n]'])
      expect(await run(text)).toMatchObject({ rows: 0, imported: 0, failed: 0, done: true })
  })

  it.each([
    [
      'CSV',
      [
        'token,user',
        `${tokenOf(1)},alice`,
        'a,b,c',
        `${tokenOf(2)},bob`,
        'x"y,z',
        'alone',
        `${tokenOf(3)},eve`,
      ],
      [
        [2, 3],
        [4, 5],
        [5, 6],
      ],
    ],
    [
      'CSV with a quote that is not closed, at the end of a field',
      ['token,user', `${tokenOf(1)},alice`, `"${tokenOf(9)},x`, `${tokenOf(2)},bob`, `${tokenOf(3)},eve`],
      [[2, 3]],
    ],
    [
      'CSV with a quote that is not closed, before one that is',
      ['token,user', `${tokenOf(1)},alice`, `"${tokenOf(9)},x`, `"${tokenOf(2)}",bob`, `${tokenOf(3)},eve`],
      [[2, 3]],
    ],
    [
      'CSV with rows between two quotes that are not closed',
      [
        'token,user',
        `${tokenOf(1)},alice`,
        `"${tokenOf(9)},x`,
        `${tokenOf(2)},bob`,
        `${tokenOf(8)},y"`,
        `${tokenOf(3)},eve`,
      ],
      [
        [2, 3],
        [4, 5],
      ],
    ],
    [
      'CSV with rows that are too long',
      [
        'token,user',
        `${tokenOf(1)},alice`,
        `${'x'.repeat(2_500_000)},x`,
        `${tokenOf(2)},bob`,
        `"${tokenOf(7)}","${`""\n${tokenOf(8)},eve\n`.repeat(40_000)}"`,
        `${tokenOf(3)},eve`,
      ],
      [
        [2, 3],
        [4, 5],
      ],
    ],
    [
      'JSON Lines',
      [
        `{"token":"${tokenOf(1)}","user":"a"}`,
        '{"token":',
        '42',
        `{"token":"${tokenOf(2)}","user":"b"}`,
        `"${tokenOf(9)}"`,
        `{"token":"${'x'.repeat(1_100_000)}"}`,
        `{"token":"${tokenOf(3)}","user":"c"}`,
      ],
      [
        [2, 2],
        [3, 3],
        [5, 5],
        [6, 6],
      ],
    ],
    [
      'JSON',
      [
        '[',
        `{"token":"${tokenOf(1)}","user":"a"},`,
        '{"token": nonsense},',
        `{"token":"${tokenOf(2)}","user":"b"},`,
        '["a"],',
        `{"token":"${tokenOf(3)}","user":"c"}`,
        ']',
      ],
      [
        [2, 3],
        [4, 5],
      ],
    ],
  ] as [string, string[], [number, number][]][])(
    'tells of each broken row, and takes the others: %s',
    async (_, lines, broken) => {
      const { imported, failed, failures, done } = await run(lines.join('\n'))
      expect(imported).toBe(3)
      expect(done).toBe(true)
      expect(failures.map(({ row, line }) => [row, line])).toEqual(broken)
      expect(failed).toBe(broken.length)
      for (const { reason } of failures) {
        expect(reason).toMatch(/\w/)
        expect(reason).not.toContain('old_')
      }
    },
  )

  const first = `{"token":"${tokenOf(1)}","user":"a"}`
  const second = `{"token":"${tokenOf(2)}","user":"b"}`
  it.each([
    [
      'a quote is missing',
      `[${first},\n{"token":"x,"user":"b"},\n${second}]`,
      'the array ends in the middle',
    ],
    [
      'quotes are missing in two elements',
      `[${first},\n{"token":"x,"user":"b"},${second},{"token":"y,"user":"b"},\n${second}]`,
      'is not JSON',
    ],
    ['there is a brace too many', `[${first},\n{"token":"x"}},\n${second}]`, 'takes an array of objects'],
    ['a brace is missing', `[${first},\n{"token":"x",\n${second}]`, 'the array ends in the middle'],
    ['there is a bracket too many', `[${first}],\n${second}]`, 'there is more after the array'],
    ['there is a text', `[${first},\n"x",\n${second}]`, 'takes an array of objects'],
    ['an element is too long', `[${first},\n{"x":"${'x'.repeat(1_100_000)}"},${second}]`, 'is longer than'],
    [
      'a quote is not closed in a long CSV',
      `token,user\n${tokenOf(1)},a\n"x,b\n${`${tokenOf(2)},b\n`.repeat(80_000)}`,
      'is longer than',
    ],
  ])('says that it is not all, where rows cannot be told apart any more: %s', async (_, text, reason) => {
    const keys = oldKeys()
    const { failures, ...report } = await importText(keys, text, { from: MAPPING })
    const last = failures.at(-1)
    expect(last?.reason).toMatch(new RegExp(`^${reason}.*: the rest of the file was not read$`))
    expect(JSON.stringify(failures)).not.toContain('old_')
    expect(report).toMatchObject({ imported: 1, failed: failures.length, done: false })
    // Who goes on there comes to it again.
    const again = await importText(keys, text, { from: MAPPING, after: report.rows })
    expect(again).toMatchObject({ imported: 0, done: false, failures: [last] })
  })

  it.each([
    ['CSV', `${csvOf(2)}\n"${tokenOf(9)},alice`],
    [
      'JSON Lines',
      `{"token":"${tokenOf(0)}","user":"a"}\n{"token":"${tokenOf(1)}","user":"a"}\n{"token":"${tokenOf(2)}","us`,
    ],
    [
      'JSON',
      `[{"token":"${tokenOf(0)}","user":"a"},{"token":"${tokenOf(1)}","user":"a"},{"token":"${tokenOf(2)}","us`,
    ],
  ])('that ends in the middle says so: %s', async (_, text) => {
    const outcome = await run(text)
    expect(outcome).toMatchObject({ imported: 2, failed: 1 })
    expect(outcome.failures[0]?.reason).not.toContain('old_')
  })

  it('with a row twice, or one digest for two owners, makes one key of it', async () => {
    const keys = oldKeys()
    const text = ['token,user', `${tokenOf(1)},alice`, `${tokenOf(1)},alice`, `${tokenOf(1)},mallory`].join(
      '\n',
    )
    expect(await importText(keys, text, { from: MAPPING })).toMatchObject({
      rows: 3,
      imported: 1,
      skipped: 2,
    })
    expect(await keys.verify(tokenOf(1))).toMatchObject({ owner: { id: 'alice' } })
  })
})

describe('an import', () => {
  it('is stopped between two batches, and goes on after the rows that are done', async () => {
    const keys = oldKeys()
    const stopping = new AbortController()
    const first = await importFile(keys, asFile(csvOf(2_500), 10_000), {
      from: MAPPING,
      signal: stopping.signal,
      onProgress: ({ rows }) => {
        if (rows === 1_000) stopping.abort()
      },
    })
    expect(first).toEqual({ rows: 1_000, imported: 1_000, skipped: 0, failed: 0, done: false })
    const rest = await importFile(keys, asFile(csvOf(2_500), 10_000), { from: MAPPING, after: first.rows })
    expect(rest).toEqual({ rows: 2_500, imported: 1_500, skipped: 0, failed: 0, done: true })
    expect(await keys.verify(tokenOf(2_499))).toMatchObject({ ok: true })
  })

  it('rejects where the store goes away half-way; the last report says how far it came, and a repeat goes on', async () => {
    const real = memoryStore()
    let isAway = false
    const away = Object.assign(new Error('away'), { name: 'SidekeyError', code: 'STORE_UNAVAILABLE' })
    const store: Store = {
      ...real,
      claimAliases: aliases => (isAway ? Promise.reject(away) : real.claimAliases(aliases)),
    }
    const keys = oldKeys(store)
    const reports: ImportReport[] = []
    const options: ImportFileOptions = {
      from: MAPPING,
      onProgress(report) {
        reports.push(report)
        isAway = report.rows === 1_000
      },
    }
    await expect(importFile(keys, asFile(csvOf(1_500), 10_000), options)).rejects.toThrow('away')
    expect(reports).toHaveLength(1)
    isAway = false
    const again = await importFile(keys, asFile(csvOf(1_500), 10_000), { from: MAPPING })
    expect(again).toMatchObject({ imported: 500, skipped: 1_000, failed: 0, done: true })
  })

  it('remembers where it is dry what it would have written, also in batches before', async () => {
    const text = `${csvOf(1_500)}\n${tokenOf(0)},alice\n${tokenOf(0)},bob`
    const dry = await run(text, { dryRun: true })
    expect(dry).toMatchObject({ imported: 1_500, skipped: 2, failed: 0 })
    expect(dry).toEqual(await run(text))
  })

  it('tries everything and writes nothing where it is dry', async () => {
    const keys = oldKeys()
    expect(await importText(keys, csvOf(3), { from: MAPPING, dryRun: true })).toMatchObject({ imported: 3 })
    expect((await keys.list()).data).toEqual([])
  })

  it.each<[string, unknown, string]>([
    ['a name that there is not', 'auth0', 'from'],
    ['a name of every object', 'constructor', 'from'],
    ['nothing', undefined, 'from'],
    ['a column of no field', { columns: { token: 't', owner: 'u', admin: 'a' } }, 'mapping.columns.admin'],
    ['an unknown field', { columns: { token: 't', owner: 'u' }, map: {} }, 'mapping.map'],
    ['a column that is a number', { columns: { token: 1, owner: 'u' } }, 'mapping.columns.token'],
    ['no columns', {}, 'mapping.columns'],
    ['no owner', { columns: { token: 't' } }, 'defaults.owner'],
    ['a source that there is not', { source: 'new', columns: { token: 't', owner: 'u' } }, 'source'],
  ])('takes no mapping that is wrong: %s', async (_, from, path) => {
    const importing = importText(oldKeys(), csvOf(1), { from: from as Mapping })
    await expect(importing).rejects.toMatchObject({ code: 'INVALID_INPUT', errors: [{ path }] })
  })
})

describe('a mapping', () => {
  it('says which column is what, however it is written there', async () => {
    const keys = testKeys({
      imported: [{ source: 'own', separator: '.', covers: 'secret' }],
      roles: { viewer: ['reports:read'] },
    })
    const mapping: Mapping = {
      source: 'own',
      columns: {
        id: 'key.id',
        token: 'key.text',
        name: ['title', 'label'],
        owner: { column: 'who', typeColumn: 'what', types: { USER: 'user', ORG: 'organization' } },
        permissions: { column: 'scopes', separator: ' ', segmentsBy: '.', rename: { all: '*' } },
        roles: 'roles',
        tags: 'tags',
        metadata: 'meta',
        enabled: { column: 'disabled', not: true },
        revoked: 'gone',
        expiresAt: 'until',
        createdAt: 'made',
        limits: { points: 'perHour', per: '1h' },
        credits: 'left',
      },
      defaults: { description: 'from the old system' },
    }
    const secret = 'iYx2kq0ZtVwLr5bNcGhQe8uJmPoXs1Da'
    const rows = [
      {
        key: { id: 'k1', text: `k1.${secret}` },
        label: 'one',
        who: 7,
        what: 'USER',
        scopes: 'reports.read exports.run',
        roles: '{viewer}',
        tags: '["a","b"]',
        meta: '{"x":1}',
        disabled: 0,
        gone: 'f',
        until: 32472144000,
        made: '2026-01-02 03:04:05.123456+02',
        perHour: '5',
        left: 3,
      },
      {
        key: { id: 'k2', text: `k2.${secret}` },
        title: 'two',
        who: 'acme',
        what: 'ORG',
        scopes: 'all',
        disabled: true,
        gone: null,
      },
    ]
    const outcome = await importText(keys, rows.map(row => JSON.stringify(row)).join('\n'), { from: mapping })
    expect(outcome).toMatchObject({ imported: 2, failures: [] })
    expect(await keys.lookup(`k1.${secret}`)).toMatchObject({
      name: 'one',
      description: 'from the old system',
      owner: { type: 'user', id: '7' },
      permissions: ['reports:read', 'exports:run'],
      roles: ['viewer'],
      tags: ['a', 'b'],
      metadata: { x: 1 },
      status: 'active',
      expiresAt: new Date(32472144000000),
      createdAt: new Date('2026-01-02T01:04:05.123Z'),
      limits: { requests: { points: 5, per: '1h' } },
      credits: { balance: 3 },
    })
    expect(await keys.lookup(`k2.${secret}`)).toMatchObject({
      name: 'two',
      owner: { type: 'organization', id: 'acme' },
      permissions: ['*'],
      status: 'disabled',
    })
  })

  it.each([
    ['a flag', { enabled: 'x' }, 'perhaps', 'enabled: takes true or false'],
    ['a time', { expiresAt: 'x' }, 'tomorrow', 'expiresAt: takes a time'],
    ['a number', { credits: 'x' }, '-1', 'credits: takes a whole number'],
    ['JSON', { metadata: 'x' }, '{a:1}', 'metadata: takes JSON'],
    ['an object', { metadata: 'x' }, '[1]', 'metadata: takes an object'],
    ['a prototype', { metadata: 'x' }, '{"__proto__":{"admin":true}}', 'metadata: takes no key'],
  ] as const)(
    'tells of a row whose value is none, and not what it is: %s',
    async (_, columns, value, reason) => {
      const text = JSON.stringify({ token: tokenOf(1), user: 'alice', x: value })
      const from: Mapping = { columns: { ...MAPPING.columns, ...columns } }
      const { failures } = await run(text, { from })
      expect(failures).toEqual([{ row: 1, line: 1, reason: expect.stringContaining(reason) }])
      expect(({} as { admin?: boolean }).admin).toBeUndefined()
    },
  )

  it.each([
    ['of a hundred emoji and more', '🔑'.repeat(101), `${'🔑'.repeat(49)}…`],
    ['one too long', 'x'.repeat(101), `${'x'.repeat(99)}…`],
    ['with controls, line breaks and half a character', 'a\u009b2J\r\nb\ud83d', 'a 2J b'],
    ['that turns what is beside it', '\u202eCI\u2069', 'CI'],
    ['from right to left', 'מפתח\u200f 1', 'מפתח\u200f 1'],
  ])('takes a name %s, as one line that is shown as it is', async (_, written, name) => {
    const from: Mapping = { columns: { ...MAPPING.columns, name: 'label', description: 'label' } }
    const keys = oldKeys()
    const text = JSON.stringify({ token: tokenOf(1), user: 'alice', label: written })
    expect(await importText(keys, text, { from })).toMatchObject({ imported: 1, failures: [] })
    expect(await keys.lookup(tokenOf(1))).toMatchObject({ name })
  })

  it('reads fields that rows have themselves, not those of every object', async () => {
    const text = `{"token":"${tokenOf(1)}","user":"alice","__proto__":{"evil":"x"}}`
    const from: Mapping = { columns: { ...MAPPING.columns, name: 'evil', description: 'constructor.name' } }
    const keys = oldKeys()
    expect(await importText(keys, text, { from })).toMatchObject({ imported: 1 })
    expect(await keys.lookup(tokenOf(1))).toMatchObject({ name: 'old', description: null })
    const csv = `token,user,__proto__\n${tokenOf(2)},alice,x\n`
    expect(await importText(keys, csv, { from: MAPPING })).toMatchObject({ imported: 1 })
  })
})
