/** Checks of input and options by zod, told as fields and what they take. */
import type { z } from 'zod'
import { type FieldError, invalidInput, invalidOption } from './errors.js'

/** What was parsed, or what is wrong with it. */
export type Parsed<T> = { readonly value: T } | { readonly errors: readonly FieldError[] }

/**
 * The value as the schema makes it.
 * @throws SidekeyError `INVALID_INPUT`, with a field error for each thing that is wrong.
 */
export function parseInput<S extends z.ZodType>(schema: S, value: unknown, root = ''): z.output<S> {
  const result = parsed(schema, value, root, 'field')
  if ('errors' in result) throw invalidInput(result.errors)
  return result.value
}

/** The same for options: `INVALID_OPTION`. */
export function parseOptions<S extends z.ZodType>(schema: S, value: unknown, root = ''): z.output<S> {
  const result = parsed(schema, value, root, 'option')
  if ('errors' in result) throw invalidOption(result.errors)
  return result.value
}

/** Options beside others: what is wrong with all of them is told at once. */
export function parsedOptions<S extends z.ZodType>(
  schema: S,
  value: unknown,
  root: string,
): Parsed<z.output<S>> {
  return parsed(schema, value, root, 'option')
}

function parsed<S extends z.ZodType>(
  schema: S,
  value: unknown,
  root: string,
  what: 'field' | 'option',
): Parsed<z.output<S>> {
  const result = schema.safeParse(value)
  if (result.success) return { value: result.data }
  return { errors: result.error.issues.flatMap(issue => fieldErrors(issue, root, what)) }
}

function fieldErrors(issue: z.core.$ZodIssue, root: string, what: string): FieldError[] {
  const path = [root, ...issue.path.map(String)].filter(part => part !== '').join('.')
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map(key => ({ path: path ? `${path}.${key}` : key, message: `is not a known ${what}` }))
  }
  return [{ path, message: issue.message }]
}
