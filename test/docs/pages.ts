/** The project's pages, taken apart as far as the tests of this folder need it. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

export const ROOT = resolve(__dirname, '../..')

/** The pages, by their paths from the root. */
export const PAGES: readonly string[] = [
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'bench/README.md',
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.md'))
    .map(name => `docs/${name}`),
].sort()

export function textOf(page: string): string {
  return readFileSync(join(ROOT, page), 'utf8')
}

export interface Block {
  readonly language: string
  /** The line of the page that the first line of `code` is, from 1. */
  readonly line: number
  readonly code: string
}

export interface Heading {
  readonly level: number
  readonly text: string
  /** What a link to it ends in. */
  readonly anchor: string
}

/** The fenced blocks of a page. */
export function blocksOf(markdown: string): Block[] {
  return parted(markdown).blocks
}

/** The headings of a page, with the anchors that GitHub gives them. */
export function headingsOf(markdown: string): Heading[] {
  const used = new Map<string, number>()
  return parted(markdown).prose.flatMap(line => {
    const [, marks, text] = /^(#{1,6}) +(.+?) *$/.exec(line) ?? []
    if (marks === undefined || text === undefined) return []
    const slug = slugOf(text)
    const before = used.get(slug) ?? 0
    used.set(slug, before + 1)
    return [{ level: marks.length, text, anchor: before === 0 ? slug : `${slug}-${before}` }]
  })
}

/** The targets of the links of a page. */
export function linksOf(markdown: string): string[] {
  const prose = parted(markdown)
    .prose.join('\n')
    .replace(/`[^`]*`/g, 'code')
  return [...prose.matchAll(/\]\(\s*([^)\s]+)[^)]*\)/g)].map(([, target = '']) => target)
}

/** The cells of the first table after a heading, row by row, the row of dashes left out. */
export function tableAfter(markdown: string, heading: string): string[][] {
  const { prose } = parted(markdown)
  const at = prose.findIndex(line => /^#/.test(line) && line.endsWith(` ${heading}`))
  const from = prose.findIndex((line, i) => i > at && line.startsWith('|'))
  if (at === -1 || from === -1) throw new Error(`no table after the heading "${heading}"`)
  const rest = prose.slice(from)
  const end = rest.findIndex(line => !line.startsWith('|'))
  return rest
    .slice(0, end === -1 ? undefined : end)
    .filter((_, i) => i !== 1)
    .map(line =>
      line
        .split('|')
        .slice(1, -1)
        .map(cell => cell.trim()),
    )
}

/** Lower case, without what is neither letter, digit, underscore nor dash, and with dashes for spaces. */
function slugOf(heading: string): string {
  return heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
    .replaceAll(' ', '-')
}

/** Fenced blocks apart from all other lines, which stay in their places. */
function parted(markdown: string): { prose: string[]; blocks: Block[] } {
  const prose: string[] = []
  const blocks: Block[] = []
  let open: { language: string; line: number; code: string[] } | undefined
  for (const [i, line] of markdown.split('\n').entries()) {
    const fence = /^ *```(\S*)/.exec(line)
    if (fence === null) (open?.code ?? prose).push(line)
    else if (open === undefined) open = { language: fence[1] ?? '', line: i + 2, code: [] }
    else {
      blocks.push({ ...open, code: open.code.join('\n') })
      open = undefined
    }
    if (fence !== null || open !== undefined) prose.push('')
  }
  if (open !== undefined) throw new Error(`the block that begins at line ${open.line} has no end`)
  return { prose, blocks }
}
