/** Checks of input and options by zod, told as fields and what they take. */
import type { z } from 'zod'
import { type FieldError, invalidInput, invalidOption } from './errors.js'
import { redact } from './key/redact.js'

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
  const errors = result.error.issues.flatMap(issue => fieldErrors(issue, root, what))
  return { errors: errors.slice(0, MOST_ERRORS) }
}

/** So many faults are told at most: else the answer is many times as long as what was sent. */
const MOST_ERRORS = 100
/** A name of a field that was sent may be of any length. */
const MOST_NAME = 100

/** A field's name as it may be told: who has put a token in its place does not find it in logs of errors. */
export function toldName(name: string): string {
  const told = redact(name)
  return told.length > MOST_NAME ? `${told.slice(0, MOST_NAME)}…` : told
}

function fieldErrors(issue: z.core.$ZodIssue, root: string, what: string): FieldError[] {
  const path = [root, ...issue.path.map(part => toldName(String(part)))].filter(part => part !== '').join('.')
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.slice(0, MOST_ERRORS).map(key => {
      const name = toldName(key)
      return { path: path ? `${path}.${name}` : name, message: `is not a known ${what}` }
    })
  }
  return [{ path, message: issue.message }]
}
