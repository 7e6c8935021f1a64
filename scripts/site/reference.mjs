/** The reference of all exports, by typedoc. What it warns of is an error. */
import { readFileSync } from 'node:fs'
import { Application } from 'typedoc'

const { name, exports } = JSON.parse(readFileSync('package.json', 'utf8'))
/** `{ 'src/http/express.ts': 'sidekey/express' }`: the sources of the entry points, and how they are imported. */
const ENTRY_POINTS = Object.fromEntries(
  Object.entries(exports)
    .filter(([, one]) => one.types !== undefined)
    .map(([path, { types }]) => [
      types.replace('./dist/', 'src/').replace(/\.d\.ts$/, '.ts'),
      path.replace('.', name),
    ]),
)

export async function buildReference(folder) {
  const app = await Application.bootstrap({
    name,
    entryPoints: Object.keys(ENTRY_POINTS),
    tsconfig: 'tsconfig.build.json',
    // TypeScript 7 has checked the types. Those that typedoc takes need gigabytes and minutes for it.
    skipErrorChecking: true,
    excludeInternal: true,
    excludeExternals: true,
    excludePrivate: true,
    disableSources: true,
    readme: 'none',
    hideGenerator: true,
    githubPages: false,
    sort: ['kind', 'alphabetical'],
    navigationLinks: { Documents: '../index.html' },
    lightHighlightTheme: 'github-light-high-contrast',
    darkHighlightTheme: 'github-dark-high-contrast',
    validation: { notExported: true, invalidLink: true, rewrittenLink: true },
    intentionallyNotExported: ['src/key/permission.ts:Wildcards'], // calls itself, and cannot be written out
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
  if (app.logger.hasErrors() || app.logger.hasWarnings()) throw new Error('typedoc has warned, see above')
  await app.generateDocs(project, folder)
}

/** A function has it with its signatures; what another entry point gives too has it there. */
function hasComment(one) {
  return one.isReference() || one.hasComment() || (one.signatures?.every(each => each.hasComment()) ?? false)
}

/** typedoc names them by their files. */
function nameModules(project) {
  const names = Object.entries(ENTRY_POINTS)
  for (const module of project.children ?? []) {
    const [, importedAs] =
      names.find(([file]) => file.replace(/^src\/|(\/index)?\.ts$/g, '') === module.name) ?? []
    if (importedAs === undefined) throw new Error(`the module ${module.name} is no entry point`)
    module.name = importedAs
  }
}
