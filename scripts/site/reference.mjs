/** The reference of all exports, a page an entry point, by typedoc. What it warns of is an error. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Application } from 'typedoc'

const { name, exports } = JSON.parse(readFileSync('package.json', 'utf8'))
/** `[{ file: 'src/http/express.ts', importedAs: 'sidekey/express' }]` */
const ENTRY_POINTS = Object.entries(exports)
  .filter(([, one]) => one.types !== undefined)
  .map(([path, { types }]) => ({
    file: types.replace('./dist/', 'src/').replace(/\.d\.ts$/, '.ts'),
    importedAs: path.replace('.', name),
  }))

/** `[{ page: 'reference/sidekey/express.md', title, text }]` */
export async function referencePages() {
  const folder = mkdtempSync(join(tmpdir(), 'sidekey-reference-'))
  try {
    await writeReference(folder)
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter(path => path.endsWith('.md'))
      .sort()
      .map(path => ({
        page: `reference/${path}`,
        title: path === 'README.md' ? 'Reference' : path.replace('.md', ''),
        text: readFileSync(join(folder, path), 'utf8'),
      }))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function writeReference(folder) {
  const app = await Application.bootstrapWithPlugins({
    name: 'Reference',
    plugin: ['typedoc-plugin-markdown'],
    outputs: [{ name: 'markdown', path: folder }],
    entryPoints: ENTRY_POINTS.map(({ file }) => file),
    tsconfig: 'tsconfig.build.json',
    // TypeScript 7 has checked the types. Those that typedoc takes need gigabytes and minutes for it.
    skipErrorChecking: true,
    excludeInternal: true,
    excludeExternals: true,
    excludePrivate: true,
    disableSources: true,
    readme: 'none',
    sort: ['kind', 'alphabetical'],
    validation: { notExported: true, invalidLink: true, rewrittenLink: true },
    intentionallyNotExported: ['src/key/permission.ts:Wildcards'], // calls itself, and cannot be written out
    logLevel: 'Warn',
    // The plugin's.
    router: 'module',
    entryFileName: 'README',
    hideBreadcrumbs: true,
    hidePageHeader: true,
    useHTMLAnchors: true, // it counts headings of the same name otherwise than they are written
    parametersFormat: 'table',
    typeDeclarationFormat: 'table',
  })
  const project = await app.convert()
  if (project === undefined) throw new Error('typedoc could not read the sources')
  nameModules(project)
  app.validate(project)
  for (const module of project.children ?? []) {
    for (const one of module.children ?? []) {
      if (!hasComment(one)) app.logger.warn(`${module.name}: ${one.name} has no comment`)
    }
  }
  await app.generateOutputs(project)
  if (app.logger.hasErrors() || app.logger.hasWarnings()) throw new Error('typedoc has warned, see above')
}

/** A function has it with its signatures; what another entry point gives too has it there. */
function hasComment(one) {
  return one.isReference() || one.hasComment() || (one.signatures?.every(each => each.hasComment()) ?? false)
}

/** typedoc names them by their files. */
function nameModules(project) {
  const modules = project.children ?? []
  for (const { file, importedAs } of ENTRY_POINTS) {
    const module = modules.find(one => one.name === file.replace(/^src\/|((?<=.)\/index)?\.ts$/g, ''))
    if (module === undefined) throw new Error(`typedoc has no module for ${file}`)
    module.name = importedAs
  }
}
