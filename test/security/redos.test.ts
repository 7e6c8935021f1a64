/** No regular expression takes more than linear time: those of the sources by a checker, what is built of input by counting. */
import { check } from 'recheck'
import { MOST_ID_PART, MOST_TOKEN } from '../../src/key/foreign-token.js'
import { expressionsIn, expressionsOf, type Found } from './expressions.js'

const { found, built } = expressionsOf('src', 'ui')

/** What is built of more than constants, as it comes out. */
const SAMPLES: readonly Found[] = [
  { file: 'src/manage/import-input.ts', source: `^[!-~]{1,${MOST_ID_PART}}$`, flags: '' },
  { file: 'src/manage/import-input.ts', source: `^[!-~]{1,${MOST_TOKEN}}$`, flags: '' },
  // A prefix is checked when the options are: small letters, digits and underscores.
  { file: 'ui/views/admin/filters.ts', source: 'acme_live_[0-9A-Za-z]{16}_[0-9A-Za-z]', flags: '' },
]
/** `redact` gets expressions of the app's own, which are its to check. */
const OF_THE_APP = ['src/key/redact.ts']

const PATIENCE_MS = 10_000

async function faultOf({ source, flags }: Omit<Found, 'file'>): Promise<string | null> {
  const checked = await check(source, flags, { timeout: PATIENCE_MS })
  if (checked.status === 'safe') return null
  if (checked.status === 'unknown') return `cannot be checked: ${checked.error.kind}`
  return `${checked.complexity.summary}: ${checked.attack.pattern}`
}

describe('a regular expression of the sources', () => {
  it('is found wherever it is, also where it is built of constants', () => {
    const text = `
      const A = '[ab]{1,3}'
      const B = String.raw\`\\d\${A}\`
      export const C = new RegExp(\`^\${B}:\${A}$\`, 'i')
      export const of = (text: string) => [new RegExp(text), text.replace(/x+/gu, '')]
    `
    expect(expressionsIn('a.ts', text)).toEqual({
      found: [
        { file: 'a.ts', source: '^\\d[ab]{1,3}:[ab]{1,3}$', flags: 'i' },
        { file: 'a.ts', source: 'x+', flags: 'gu' },
      ],
      built: ['a.ts'],
    })
    expect(found.length).toBeGreaterThan(100)
  })

  it('that is built of more than constants is known here', () => {
    const known = [...SAMPLES.map(({ file }) => file), ...OF_THE_APP]
    expect([...new Set(built)].sort()).toEqual([...new Set(known)].sort())
  })

  it('takes linear time, whatever it is tried on', async () => {
    const faults: string[] = []
    for (const one of [...found, ...SAMPLES]) {
      const fault = await faultOf(one)
      if (fault !== null) faults.push(`${one.file}: /${one.source}/${one.flags}: ${fault}`)
    }
    expect(faults).toEqual([])
  }, 180_000)

  it.each(['^(a+)+$', '\\s+$', '<html\\b[^>]*>', '^diff --git .* "?b/(.+?)"?$'])(
    'would be told of, were it this: %s',
    async source => {
      expect(await faultOf({ source, flags: '' })).toMatch(/polynomial|exponential/)
    },
  )
})
