/** The OpenAPI document, as a document. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { openApiDocument, ROUTES } from '../../src/http/routes.js'
import { faultsInExamples, partsOf } from './document-parts.js'

const ROOT = resolve(__dirname, '../..')
const document = openApiDocument({ base: '/api-keys' })
const operations = ROUTES.map(({ method, path, operation }) => ({ name: `${method} ${path}`, operation }))

/** What the public validator says of some documents, in their order. */
function validated(...documents: readonly object[]): boolean[] {
  const folder = mkdtempSync(join(tmpdir(), 'sidekey-openapi-'))
  const cli = join(ROOT, 'node_modules/@seriousme/openapi-schema-validator/bin/validate-api-cli.js')
  try {
    return documents.map((one, i) => {
      const file = join(folder, `${i}.json`)
      writeFileSync(file, JSON.stringify(one))
      const { stdout, stderr } = spawnSync(process.execPath, [cli, file], { encoding: 'utf8' })
      if (!stdout.includes('"valid"')) throw new Error(`the validator says: ${stdout}${stderr}`)
      return /"valid": true/.test(stdout)
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

describe('openApiDocument', () => {
  it('is valid by the OpenAPI 3.1 schema', () => {
    const { info, ...nameless } = document
    expect(validated(document, nameless)).toEqual([true, false])
  })

  it('has an operation for every route, and no other', () => {
    const told = Object.entries(document.paths as object).flatMap(([path, item]) =>
      Object.keys(item).map(method => `${method.toUpperCase()} ${path.replace('{id}', ':id')}`),
    )
    expect(told.sort()).toEqual(operations.map(({ name }) => name).sort())
  })

  it('names each operation, once', () => {
    const ids = operations.map(({ operation }) => operation.id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const id of ids) expect(id).toMatch(/^[a-z]+([A-Z][a-z]+)+$/)
  })

  it.each(operations)(
    'tells in plain words what $name does',
    ({ operation: { summary, description, answers } }) => {
      expect(summary).toMatch(/^[A-Z].{3,40}[^.]$/)
      expect(description).toMatch(/^[A-Z`][\s\S]{20,}\.$/)
      // Links would lead nowhere from where the document is read.
      expect(description).not.toContain('](')
      for (const told of Object.values(answers)) expect(told.description).toMatch(/^[A-Z].+\.$/)
    },
  )

  it('describes every parameter, and every field of a body', () => {
    const { parameters, fields } = partsOf(document)
    expect(parameters.length).toBeGreaterThan(10)
    expect(fields.length).toBeGreaterThan(30)
    expect(
      [...parameters, ...fields].filter(({ description }) => !/[\w`)]\.$/.test(description ?? '')),
    ).toEqual([])
  })

  it('refers to nothing that is not there, and has nothing that is not referred to', () => {
    const text = JSON.stringify(document)
    const referred = [...text.matchAll(/"#\/components\/(\w+\/\w+)"/g)].map(([, name = '']) => name)
    const { securitySchemes, ...components } = document.components as Record<string, object>
    const held = Object.entries(components).flatMap(([kind, all]) =>
      Object.keys(all).map(name => `${kind}/${name}`),
    )
    const ofNoRoute = ['responses/MethodNotAllowed', 'responses/RouteNotFound']
    expect([...new Set([...referred, ...ofNoRoute])].sort()).toEqual(held.sort())
    expect(Object.keys(securitySchemes ?? {})).toEqual(['bearer', 'apiKey'])
  })

  it('has examples that are as their schemas say', () => {
    expect(faultsInExamples(document)).toEqual({ faults: [], examples: expect.any(Number) })
    expect(faultsInExamples(document).examples).toBeGreaterThan(30)
    const wrong = JSON.parse(JSON.stringify(document).replaceAll('"version":1,', '"version":"1",'))
    expect(faultsInExamples(wrong).faults).not.toEqual([])
  })

  it('has the version of the package', () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
    expect(document.info).toMatchObject({ version })
  })

  it('tells a request where the router is mounted, and is made once', () => {
    const other = openApiDocument({ base: '' })
    expect([document.servers, other.servers]).toEqual([[{ url: '/api-keys' }], [{ url: '.' }]])
    expect(other.paths).toBe(document.paths)
  })
})
