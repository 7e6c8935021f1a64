/** Every regular expression of the sources, as the parser finds them: literals, and those built of constants. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Expression, type Node, parseSync } from '@swc/core'

const ROOT = join(__dirname, '../..')

export interface Found {
  readonly file: string
  readonly source: string
  readonly flags: string
}

export interface Expressions {
  readonly found: readonly Found[]
  /** Files in which an expression is built of more than constants. */
  readonly built: readonly string[]
}

export function expressionsOf(...folders: readonly string[]): Expressions {
  const files = folders.flatMap(folder =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter(name => /\.tsx?$/.test(name))
      .map(name => `${folder}/${name}`),
  )
  const all = files.map(file => expressionsIn(file, readFileSync(join(ROOT, file), 'utf8')))
  return { found: all.flatMap(({ found }) => found), built: all.flatMap(({ built }) => built) }
}

/** Those of one file, by its text. */
export function expressionsIn(file: string, text: string): Expressions {
  const { body } = parseSync(text, { syntax: 'typescript', tsx: file.endsWith('x'), target: 'es2022' })
  const constants = new Map<string, string>()
  const found: Found[] = []
  const built: string[] = []
  for (const node of nodesOf(body)) {
    // A constant is declared before it is used.
    if (node.type === 'VariableDeclarator' && node.id.type === 'Identifier' && node.init) {
      const value = textOf(node.init, constants)
      if (value !== null) constants.set(node.id.value, value)
    }
    if (node.type === 'RegExpLiteral') found.push({ file, source: node.pattern, flags: node.flags })
    if (node.type !== 'NewExpression' && node.type !== 'CallExpression') continue
    if (node.callee.type !== 'Identifier' || node.callee.value !== 'RegExp') continue
    const [source, flags = ''] = (node.arguments ?? []).map(({ expression }) => textOf(expression, constants))
    if (typeof source === 'string' && flags !== null) found.push({ file, source, flags })
    else built.push(file)
  }
  return { found, built }
}

/** The text that an expression always is; `null`: that is not known here. */
function textOf(node: Expression, constants: ReadonlyMap<string, string>): string | null {
  if (node.type === 'StringLiteral') return node.value
  if (node.type === 'Identifier') return constants.get(node.value) ?? null
  const isRaw = node.type === 'TaggedTemplateExpression'
  const template = isRaw ? node.template : node
  if (template.type !== 'TemplateLiteral') return null
  const parts = template.expressions.map(one => textOf(one as Expression, constants)) // of a template in a value
  if (parts.includes(null)) return null
  const texts = template.quasis.map(({ raw, cooked }) => (isRaw ? raw : (cooked ?? raw)))
  return texts.map((text, i) => text + (parts[i] ?? '')).join('')
}

/** Every node below, in the order of the text. */
function* nodesOf(value: unknown): Generator<AnyNode> {
  if (Array.isArray(value)) for (const one of value) yield* nodesOf(one)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return
  if ('type' in value) yield value as AnyNode // what the parser has made
  for (const one of Object.values(value)) yield* nodesOf(one)
}

type AnyNode = Expression | Extract<Node, never> | import('@swc/core').VariableDeclarator
