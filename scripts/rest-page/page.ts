/** The page docs/rest.md: a template, with what the table of routes and its OpenAPI document say in place of marks. */
import { ROUTES } from '../../src/http/routes.js'
import { marksOf, nameOf, PAGE_MARKS } from './marks.js'

/** A section for a route of which the template does not tell. */
const SECTION = '{{description}}\n\n{{takes}}\n\n{{answers}}'

/**
 * The page that a template makes. Marks are `{{routes}}`, `{{codes}}`, `{{record}}`, `{{fields <component>}}`; and in
 * the section of a route `{{description}}`, `{{takes}}` and `{{answers}}`.
 */
export function restPage(template: string): string {
  const sections = template.trimEnd().split(/\n(?=## )/)
  const titles = sections.map(titleOf)
  const missing = ROUTES.filter(route => !titles.includes(nameOf(route)))
  const all = [...sections, ...missing.map(route => `## ${nameOf(route)}\n\n${SECTION}\n`)]
  const page = all.map(section => filledSection(section.trimEnd())).join('\n\n')
  return `${page.replace(/\n{3,}/g, '\n\n')}\n`
}

function filledSection(section: string): string {
  const title = titleOf(section)
  const route = ROUTES.find(one => nameOf(one) === title)
  if (route === undefined && /^[A-Z]+ \//.test(title)) throw new Error(`there is no route ${title}`)
  const marks = new Map(route === undefined ? [] : Object.entries(marksOf(route)))
  for (const [mark, text] of marks) {
    if (text !== '' && !section.includes(`{{${mark}}}`))
      throw new Error(`the section ${title} has no {{${mark}}}`)
  }
  return section.replace(/^\{\{(\w+) ?(\w*)\}\}$/gm, (_mark, name: string, of: string) => {
    const text = marks.get(name) ?? PAGE_MARKS[name]?.(of)
    if (text === undefined) throw new Error(`nothing stands for {{${name}}} in the section ${title}`)
    return text
  })
}

function titleOf(section: string): string {
  return /^#+ (.*)/.exec(section)?.[1] ?? ''
}
