import { restPage } from '../../scripts/rest-page/page.js'
import { textOf } from './pages.js'

const template = textOf('scripts/rest-page/template.md')

describe('docs/rest.md', () => {
  it('says what the table of routes says; `npm run docs:rest` renews it', () => {
    expect(textOf('docs/rest.md')).toBe(restPage(template))
  })

  it('has a section for a route of which the template does not tell', () => {
    const [before = '', section = ''] = template.split('## GET /me\n')
    const page = restPage(before + section.slice(section.indexOf('\n## ')))
    expect(page).toContain(
      '## GET /me\n\nThe record of the key that the request was made with.\n\n| status |',
    )
  })

  it.each([
    ['a section of a route that there is not', '\n## GET /nowhere\n', 'there is no route GET /nowhere'],
    ['a mark that stands for nothing', '\n## More\n\n{{more}}\n', 'nothing stands for {{more}}'],
  ])('is not made with %s', (_what, more, message) => {
    expect(() => restPage(template + more)).toThrow(message)
  })

  it('is not made with a section that leaves out what its route takes', () => {
    expect(() => restPage(template.replace(/## GET \/\n[\s\S]*?\{\{takes\}\}/, '## GET /\n'))).toThrow(
      'the section GET / has no {{description}}',
    )
  })
})
