/** Markdown as HTML: code highlighted here and now, headings with the anchors that GitHub gives them, links turned to the site's. */
import { existsSync } from 'node:fs'
import { posix } from 'node:path'
import GithubSlugger from 'github-slugger'
import MarkdownIt from 'markdown-it'
import { createHighlighter } from 'shiki'
import { escaped } from './frame.mjs'
import { addressOf, wayTo } from './pages.mjs'

/** Names that a block may begin with, and what knows how to read them. Any other is an error: a misspelt one would stay grey. */
const LANGUAGES = {
  ts: 'ts',
  js: 'js',
  json: 'json',
  sh: 'sh',
  console: 'shellsession',
  diff: 'diff',
  http: 'http',
  html: 'html',
  css: 'css',
  yaml: 'yaml',
  ini: 'ini',
  python: 'python',
  php: 'php',
  csv: 'csv',
  text: 'text',
}

/** `(code, language) => html`, both themes in it. */
export async function highlighter() {
  const shiki = await createHighlighter({
    themes: ['github-light-high-contrast', 'github-dark-high-contrast'],
    langs: [...new Set(Object.values(LANGUAGES))].filter(name => name !== 'text'),
  })
  return (code, language) => {
    const lang = LANGUAGES[language || 'text']
    if (lang === undefined) throw new Error(`a block is of '${language}', which scripts/site does not know`)
    return shiki.codeToHtml(code, {
      lang,
      themes: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
      defaultColor: 'light-dark()',
    })
  }
}

/** `(page, markdown) => { title, html }`. `known` are all pages; what links lead to beside them goes to `sources`. */
export function rendererOf({ known, highlight, sources }) {
  const markdown = new MarkdownIt({ html: true, linkify: false, highlight })
  const { rules } = markdown.renderer
  rules.table_open = () => '<div class="table"><table>\n'
  rules.table_close = () => '</table></div>\n'
  markdown.core.ruler.push('site', ({ tokens, env }) => {
    const slugger = new GithubSlugger()
    for (const [i, token] of tokens.entries()) {
      if (token.type === 'heading_open') anchor(token, tokens[i + 1], slugger, env)
      for (const child of token.children ?? []) turn(child, env.page)
    }
  })

  function turn(token, page) {
    const name = { link_open: 'href', image: 'src' }[token.type]
    if (name === undefined) return
    const target = token.attrGet(name)
    if (/^([a-z]+:|#)/.test(target)) return
    const [path, anchorOf] = target.split('#')
    const file = posix.normalize(posix.join(posix.dirname(page), path)).replace(/\/$/, '')
    if (!known.has(file) && !existsSync(file))
      throw new Error(`${page} leads to ${target}, which is not there`)
    const to = known.has(file) ? addressOf(file) : sources.add(file)
    token.attrSet(name, wayTo(addressOf(page), to) + (anchorOf === undefined ? '' : `#${anchorOf}`))
  }

  return (page, text) => {
    const env = { page, title: page, names: [] }
    const html = markdown.render(text, env)
    return { title: env.title, html: page.startsWith('reference/') ? withNames(html, env.names) : html }
  }
}

/** The anchors that GitHub gives headings. */
function anchor(token, inline, slugger, env) {
  const text = inline.children.map(({ content }) => content).join('')
  token.attrSet('id', slugger.slug(text))
  if (token.tag === 'h1') env.title = text
  if (token.tag === 'h3') env.names.push(`<a href="#${token.attrGet('id')}">${escaped(text)}</a>`)
}

/** A page of the reference is long: below its title are the names of what is on it. */
function withNames(html, names) {
  return html.replace('</h1>', `</h1>\n<p class="names">${names.join(' ')}</p>`)
}
