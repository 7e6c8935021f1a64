/** The app's own `keys`, from `sidekey.config.{js,mjs,ts}` in the working directory or the file that is named. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { INTERNALS } from '../internals.js'
import type { ApiKeys } from '../sidekey.js'
import { CliError, EXIT } from './exit.js'

const NAMES = ['sidekey.config.js', 'sidekey.config.mjs', 'sidekey.config.ts']

/** What a config file exports. */
export interface LoadedConfig {
  readonly path: string
  readonly keys: ApiKeys
  /** Lets go of what the file has opened: the app's connection, which is not sidekey's to close. */
  readonly close: () => Promise<void>
}

/** The config in this directory; `null`: there is none. Only here: no program of a directory above is run unasked. */
export function findConfig(directory: string): string | null {
  return NAMES.map(name => resolve(directory, name)).find(path => existsSync(path)) ?? null
}

/** @throws CliError `setup` */
export async function loadConfig(file: string): Promise<LoadedConfig> {
  const path = resolve(file)
  if (!existsSync(path)) throw new CliError(EXIT.setup, `${path}: there is no such file`)
  const loaded = await importOf(path)
  const exported = (await loaded.keys) ?? (await keysOf(loaded.default))
  if (!isKeys(exported)) {
    throw new CliError(EXIT.setup, `${path}: must export \`keys\`, what apiKeys() returned`)
  }
  const close = loaded.close ?? Reflect.get(Object(loaded.default), 'close')
  return {
    path,
    keys: exported,
    close: async () => {
      if (typeof close === 'function' && close !== exported.close) await close()
    },
  }
}

interface Exports {
  readonly keys?: unknown
  readonly close?: unknown
  readonly default?: unknown
}

/** A CommonJS file has its exports in `default`. */
async function keysOf(value: unknown): Promise<unknown> {
  if (isKeys(value)) return value
  return typeof value === 'object' && value !== null ? Reflect.get(value, 'keys') : undefined
}

function isKeys(value: unknown): value is ApiKeys {
  return typeof value === 'object' && value !== null && Reflect.get(value, INTERNALS) !== undefined
}

async function importOf(path: string): Promise<Exports> {
  try {
    return (await import(pathToFileURL(path).href)) as Exports // whatever it exports; looked at by the caller
  } catch (error) {
    throw new CliError(EXIT.setup, whyNot(path, error), { cause: error })
  }
}

function whyNot(path: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION' && path.endsWith('ts')) {
    return (
      `${path}: Node ${process.versions.node} does not read TypeScript. Take Node 22.18 or newer, write ` +
      "sidekey.config.mjs, or have a loader read it: NODE_OPTIONS='--import tsx' npx sidekey"
    )
  }
  return `${path}: cannot be loaded: ${error instanceof Error ? error.message : String(error)}`
}
