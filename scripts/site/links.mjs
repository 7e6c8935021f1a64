/**
 * Follows every link of a built site: `node scripts/site/links.mjs docs/.site`. A link must lead to a file of the site and, where it
 * names one, to an anchor in it; nothing may be loaded from elsewhere.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, normalize, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Elements by which a browser loads something without being asked. */
const LOADED = /^(img|link|script|source|iframe|object|embed|video|audio|use|image)$/

/** What is wrong, a line each, and how many links there are. */
export function checkLinks(site) {
  const files = readdirSync(site, { recursive: true, encoding: 'utf8' })
  const anchors = new Map()
  const anchorsIn = file => {
    if (!anchors.has(file)) anchors.set(file, anchorsOf(readFileSync(join(site, file), 'utf8')))
    return anchors.get(file)
  }
  let links = 0
  const faults = []
  for (const page of files.filter(name => name.endsWith('.html'))) {
    for (const { element, target } of linksOf(readFileSync(join(site, page), 'utf8'))) {
      links += 1
      const fault = faultOf(site, page, element, target, anchorsIn)
      if (fault !== null) faults.push(`${page}: ${target}: ${fault}`)
    }
  }
  for (const sheet of files.filter(name => name.endsWith('.css'))) {
    const loaded = [...readFileSync(join(site, sheet), 'utf8').matchAll(/url\(\s*["']?([^"')]+)|@import/g)]
    for (const [whole, target = whole] of loaded.filter(([, target]) => !target?.startsWith('data:'))) {
      links += 1
      const fault = faultOf(site, sheet, 'link', target, anchorsIn)
      if (fault !== null) faults.push(`${sheet}: ${target}: ${fault}`)
    }
  }
  return { links, faults }
}

function faultOf(site, page, element, target, anchorsIn) {
  if (target.startsWith('data:')) return null
  if (/^([a-z][a-z+.-]*:|\/\/)/i.test(target)) {
    return LOADED.test(element) ? 'it is loaded from another place' : null
  }
  const [path = '', anchor] = target.split('#')
  const file = path === '' ? page : normalize(join(dirname(page), decodeURI(path.replace(/\?.*/, ''))))
  if (path.startsWith('/') || file.startsWith('..')) return 'it leads out of the site'
  if (!existsSync(join(site, file)) || !statSync(join(site, file)).isFile()) return 'there is no such file'
  if (anchor === undefined || anchor === '') return null
  return anchorsIn(file).has(decodeURIComponent(anchor)) ? null : 'there is no such anchor'
}

/** In text and in code `<` is written as `&lt;`: what looks like a tag is one. */
function linksOf(html) {
  return [...html.matchAll(/<([a-z][a-z0-9]*)\b([^>]*)>/g)].flatMap(([, element, attributes]) =>
    [...attributes.matchAll(/\s(?:href|src)="([^"]*)"/g)].map(([, target]) => ({
      element,
      target: target.replaceAll('&amp;', '&'),
    })),
  )
}

function anchorsOf(text) {
  return new Set([...text.matchAll(/<[a-z][a-z0-9]*\b[^>]*?\s(?:id|name)="([^"]*)"/g)].map(([, id]) => id))
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { links, faults } = checkLinks(process.argv[2])
  for (const fault of faults) console.error(fault)
  console.log(`${links} links, ${faults.length} of them lead nowhere`)
  process.exitCode = faults.length === 0 ? 0 : 1
}
