/** What is around every page: the topics, and nothing that is loaded from elsewhere. */
import { addressOf, PAGES, TOPICS, wayTo } from './pages.mjs'

const PROJECT = [
  { page: 'README.md', title: 'sidekey' },
  { page: 'docs/README.md', title: 'All documents' },
]
/** What a page may load: its own style and images. Code is coloured by attributes. */
const POLICY = "default-src 'none'; style-src 'self' file: 'unsafe-inline'; img-src 'self' file: data:"

export function frame(page, title, html) {
  const address = PAGES.includes(page) ? addressOf(page) : `${page}.html`
  const link = ({ page: to, title: text }) =>
    `<li><a href="${wayTo(address, addressOf(to))}"${to === page ? ' aria-current="page"' : ''}>${escaped(text)}</a></li>`
  const topics = TOPICS.map(
    topic => `<h2>${escaped(topic.title)}</h2>\n<ul>\n${topic.pages.map(link).join('\n')}\n</ul>`,
  )
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>${escaped(title === 'sidekey' ? title : `${title} · sidekey`)}</title>
<link rel="stylesheet" href="${wayTo(address, 'style.css')}">
</head>
<body>
<a class="to-topics" href="#topics">All topics</a>
<main>
${html}
</main>
<nav id="topics" aria-label="Topics">
<ul>
${PROJECT.map(link).join('\n')}
<li><a href="${wayTo(address, 'reference/index.html')}">Reference of all exports</a></li>
</ul>
${topics.join('\n')}
</nav>
</body>
</html>
`
}

export function escaped(text) {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
