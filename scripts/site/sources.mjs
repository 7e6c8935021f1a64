/** What pages lead to besides each other: images as they are, other files of the project as pages of their text, folders as lists. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { extname, posix } from 'node:path'
import { escaped } from './frame.mjs'

const LANGUAGES = { '.ts': 'ts', '.js': 'js', '.mjs': 'js', '.json': 'json', '.css': 'css', '.html': 'html' }

export class Sources {
  images = new Set()
  #paths = new Set()
  #highlight

  constructor(highlight) {
    this.#highlight = highlight
  }

  /** Notes that a page leads to this file or folder, and says where it will be. */
  add(path) {
    if (/\.(png|svg|jpe?g)$/.test(path)) {
      this.images.add(path)
      return path
    }
    this.#paths.add(path)
    return `${path}.html`
  }

  /** `[{ path, title, html }]`; a folder brings along what is in it. */
  pages() {
    const pages = []
    for (const path of this.#paths) {
      // A set hands out what is added while it is gone through.
      pages.push({ path, title: path, html: `<h1>${escaped(path)}</h1>\n${this.#bodyOf(path)}` })
    }
    return pages
  }

  #bodyOf(path) {
    if (!statSync(path).isDirectory()) {
      return this.#highlight(readFileSync(path, 'utf8'), LANGUAGES[extname(path)] ?? 'text')
    }
    const entries = readdirSync(path)
      .filter(name => name !== 'node_modules' && !name.startsWith('.') && !name.includes('.tmp.'))
      .sort()
    const items = entries.map(name => {
      const to = this.add(posix.join(path, name))
      return `<li><a href="${posix.relative(posix.dirname(path), to)}">${escaped(name)}</a></li>`
    })
    return `<ul>\n${items.join('\n')}\n</ul>`
  }
}
