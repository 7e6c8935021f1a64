/** What is around every page: the topics, and nothing that is loaded from elsewhere. */
import { addressOf, wayTo } from './pages.mjs'

/** What a page may load: its own style and images. Code is coloured by attributes. */
const POLICY = "default-src 'none'; style-src 'self' file: 'unsafe-inline'; img-src 'self' file:"

export function frame({ address, title, html, topics }) {
  const link = ({ page, title: text }) => {
    const here = addressOf(page) === address ? ' aria-current="page"' : ''
    return `<li><a href="${wayTo(address, addressOf(page))}"${here}>${escaped(text)}</a></li>`
  }
  const lists = topics.map(
    topic => `<h2>${escaped(topic.title)}</h2>\n<ul>\n${topic.pages.map(link).join('\n')}\n</ul>`,
  )
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>${escaped(title === 'sidekey' ? title : `${title} · sidekey`)}</title>
<link rel="stylesheet" href="${wayTo(address, 'style.css')}">
</head>
<body>
<a class="to-topics" href="#all-topics">All topics</a>
<main>
${html}
</main>
<nav id="all-topics" aria-label="Topics">
<ul>
${link({ page: 'README.md', title: 'sidekey' })}
${link({ page: 'docs/README.md', title: 'All documents' })}
</ul>
${lists.join('\n')}
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
