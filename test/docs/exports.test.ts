/** What the entry points give at run time: no helper of another file is among it, and a new export comes on purpose. */
import { join } from 'node:path'
import { ROOT } from './pages.js'

const GIVES: Readonly<Record<string, readonly string[]>> = {
  sidekey: ['SidekeyError', 'apiKeys', 'memoryStore', 'redact'],
  'sidekey/client': ['KeyClientError', 'keyClient'],
  'sidekey/express': ['keyRouter', 'optionalKey', 'problemHandler', 'requireKey', 'requireUserOrKey'],
  'sidekey/fetch': ['keyHandler', 'verifyRequest'],
  'sidekey/import': ['READY_SOURCES', 'exportKeys', 'importFile', 'importRows'],
  'sidekey/koa': ['keyRouter', 'optionalKey', 'problemHandler', 'requireKey', 'requireUserOrKey'],
  'sidekey/logs': ['pinoOptions', 'redact', 'redactValue', 'winstonFormat'],
  'sidekey/mongoose': ['mongooseStore'],
  'sidekey/opentelemetry': ['openTelemetry'],
  'sidekey/passport': ['keyStrategy', 'verifyCallback'],
  'sidekey/store-contract': ['storeContract'],
}

it.each(Object.entries(GIVES))('%s gives what it is meant to give', async (name, names) => {
  const given: object = await import(name)
  expect(Object.keys(given).sort()).toEqual([...names].sort())
})

it('has all entry points', () => {
  const { exports } = require(join(ROOT, 'package.json')) as {
    readonly exports: Readonly<Record<string, unknown>>
  } // npm's own file
  const paths = Object.keys(exports).filter(path => path !== './package.json')
  expect(paths.map(path => path.replace('.', 'sidekey')).sort()).toEqual(Object.keys(GIVES).sort())
})
