/** What the page says of a field that the server refuses: the server says it in English. Pure. */
import type { FieldError } from '../src/client/index.js'
import { FORM_PATHS, type FormPath } from './key-form.js'
import { t } from './text.js'

/** In the page's words, by the field; of a field that is not in the form, as the server says it. */
export function inOwnWords({ path, message }: FieldError): FieldError {
  const field = fieldOf(path)
  return { path, message: field === undefined ? message : t(`fault.${field}`) }
}

/** A part of a list is told by its place: `tags.0`. */
function fieldOf(path: string): FormPath | undefined {
  return FORM_PATHS.find(field => path === field || path.startsWith(`${field}.`))
}
