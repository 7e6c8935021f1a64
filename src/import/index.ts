/** Files of keys: in from other systems, and out. */
export type { BetterAuthOptions } from './better-auth.js'
export { type ExportOptions, exportKeys } from './export.js'
export {
  type ImportFileOptions,
  type ImportReport,
  importFile,
  importRows,
  READY_SOURCES,
  type RowFailure,
} from './import-file.js'
export type { Mapping } from './mapping.js'
export type { Input } from './rows.js'
