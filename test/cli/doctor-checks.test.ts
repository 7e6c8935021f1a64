/** Each check of `doctor` over a patient who is made up: what a test server and this Node do not have. */
import { readFileSync } from 'node:fs'
import { type ApiKeysOptions, apiKeys, memoryStore } from 'sidekey'
import type { Finding, Patient } from '../../src/cli/doctor/finding.js'
import { checkKeys } from '../../src/cli/doctor/keys.js'
import { checkServer, checkVersions } from '../../src/cli/doctor/server.js'
import { internalsOf } from '../../src/internals.js'
import { type ServerFacts, withAdmin } from '../../src/store/admin.js'
import { quiet } from '../support/keys.js'

const NOW = Date.UTC(2030, 0, 1)

interface Made {
  readonly options?: Omit<ApiKeysOptions, 'store' | 'prefix'>
  readonly server?: Partial<ServerFacts>
  readonly node?: string
}

function patientOf({ options = {}, server, node = '22.18.0' }: Made = {}) {
  const facts: ServerFacts = {
    kind: 'standalone',
    version: '8.0.0',
    library: 'mongoose 9.0.0',
    time: new Date(NOW),
    linearizable: false,
    ...server,
  }
  const store = withAdmin(memoryStore(), {
    server: async () => facts,
    indexes: async () => [],
    makeIndexes: async () => {},
    countKeys: async () => 1,
    hasImported: async () => false,
  })
  const keys = apiKeys({ prefix: 'acme_test', logger: quiet, ...options, store })
  const patient: Patient = {
    config: internalsOf(keys).config,
    by: 'config',
    interrupts: { check: () => {}, signal: new AbortController().signal, stop: () => {} },
    progress: () => ({ at: () => {}, end: () => {} }),
    now: () => NOW,
    node,
  }
  return { keys, patient }
}

const about = (findings: readonly Finding[], check: string) => findings.filter(one => one.check === check)

describe('versions', () => {
  it.each([
    ['20.19.0', 'ok'],
    ['22.0.0', 'ok'],
    ['20.18.3', 'problem'],
    ['18.20.0', 'problem'],
  ])('of Node: %s is %s', async (node, level) => {
    const findings = await checkVersions(patientOf({ node }).patient)
    expect(about(findings, 'versions')).toMatchObject([{ level, found: expect.stringContaining(node) }])
  })

  it.each([
    ['mongoose 8.9.0', 'ok'],
    ['mongoose 9.12.1', 'ok'],
    ['mongoose of an unknown version', 'ok'],
    ['mongoose 8.8.4', 'problem'],
    ['mongoose 7.8.0', 'problem'],
  ])('of the library: %s is %s', async (library, level) => {
    const findings = await checkServer(patientOf({ server: { library } }).patient)
    expect(about(findings, 'versions')).toMatchObject([{ level, found: expect.stringContaining(library) }])
  })

  it('are at least those of package.json', async () => {
    const { engines, peerDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      engines: { node: string } // our own file
      peerDependencies: { mongoose: string }
    }
    const old = patientOf({ node: '1.0.0', server: { library: 'mongoose 1.0.0' } }).patient
    const leastOf = ([finding]: readonly Finding[]) => /older than ([\d.]+)\./.exec(finding?.found ?? '')?.[1]
    expect(engines.node).toContain(leastOf(await checkVersions(old)))
    expect(peerDependencies.mongoose).toMatch(new RegExp(`^\\^${leastOf(await checkServer(old))}`))
  })
})

describe('server features', () => {
  it.each([
    ['standalone', false, 'ok'],
    ['several', true, 'ok'],
    ['several', false, 'warning'],
    ['unknown', false, 'warning'],
  ] as const)('of %s, linearizable: %s: %s', async (kind, linearizable, level) => {
    const findings = await checkServer(patientOf({ server: { kind, linearizable } }).patient)
    expect(about(findings, 'server features')).toMatchObject([{ level }])
  })
})

describe('the clock', () => {
  it.each([
    [0, 'ok', 'agree'],
    [1_999, 'ok', 'agree'],
    [2_000, 'warning', '2.0 s ahead of'],
    [-59_999, 'warning', '60.0 s behind'],
    [60_000, 'problem', '60.0 s ahead of'],
    [-3_600_000, 'problem', '3600.0 s behind'],
  ])('of a server that is %d ms ahead: %s', async (skew, level, found) => {
    const findings = await checkServer(patientOf({ server: { time: new Date(NOW + skew) } }).patient)
    expect(about(findings, 'clock')).toMatchObject([{ level, found: expect.stringContaining(found) }])
  })

  it('is not told of where the server does not tell it', async () => {
    expect(about(await checkServer(patientOf({ server: { time: null } }).patient), 'clock')).toEqual([])
  })

  it('is not off by the time that the answer has taken', async () => {
    const { patient } = patientOf({ server: { time: new Date(NOW + 5_000) } })
    const times = [NOW, NOW + 10_000]
    const findings = await checkServer({ ...patient, now: () => times.shift() ?? NOW })
    expect(about(findings, 'clock')).toMatchObject([{ level: 'ok' }])
  })
})

describe('the keys', () => {
  const owner = { id: 'alice' }
  const bad = (findings: readonly Finding[], check: string) =>
    about(findings, check).filter(({ level }) => level !== 'ok')

  it('are to have a pepper of 32 bytes', async () => {
    const short = patientOf({ options: { pepper: { current: 'p'.repeat(16) } } }).patient
    expect(bad(await checkKeys(short), 'pepper')).toMatchObject([
      { level: 'warning', found: expect.stringContaining('less than 32 bytes') },
    ])
    const long = patientOf({ options: { pepper: { current: 'p'.repeat(32) } } }).patient
    expect(about(await checkKeys(long), 'pepper')).toMatchObject([{ level: 'ok' }])
  })

  it('with a permission that is not in the catalogue are noted', async () => {
    const { keys, patient } = patientOf()
    const { apiKey } = await keys.create({ name: 'old', owner, permissions: ['gone:read'] })
    await keys.create({ name: 'new', owner, permissions: ['reports:*'] })
    const config = { ...patient.config, catalogue: new Set(['reports:read']) }
    expect(about(await checkKeys({ ...patient, config }), 'catalogue')).toMatchObject([
      { level: 'note', found: expect.stringContaining('1 key is'), keys: [apiKey.id] },
    ])
    expect(about(await checkKeys(patient), 'catalogue')).toEqual([])
  })

  it('that are allowed everything by a role are over-broad, unless their kind narrows them', async () => {
    const { keys, patient } = patientOf({
      options: {
        roles: { boss: ['*'], keeper: ['api-keys:*'], reader: ['reports:read'] },
        kinds: { secret: {}, narrow: {} },
      },
    })
    const made = async (role: string, kind = 'secret', resources: string[] = []) =>
      (await keys.create({ name: role, owner, kind, roles: [role], resources })).apiKey.id
    const boss = await made('boss')
    const keeper = await made('keeper')
    await made('reader')
    await made('boss', 'narrow')
    await made('boss', 'secret', ['repo:1'])
    // What the kind may carry was less from then on.
    const kinds = new Map(patient.config.kinds)
    const [kind] = kinds.values()
    if (kind !== undefined) kinds.set('narrow', { ...kind, name: 'narrow', permissions: ['reports:read'] })
    const config = { ...patient.config, kinds }
    const found = bad(await checkKeys({ ...patient, config }), 'over-broad')
    expect(found).toMatchObject([
      { level: 'warning', found: expect.stringContaining('everything'), keys: [boss] },
      {
        level: 'warning',
        found: expect.stringContaining('management'),
        keys: expect.arrayContaining([keeper]),
      },
    ])
  })
})
