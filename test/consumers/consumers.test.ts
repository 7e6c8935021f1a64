/** What users get: the packed tarball, installed into projects of their kinds. It is packed once, for all suites. */
import { frameworksSuite, PROJECTS } from './frameworks-suite.js'
import { loadedSuite } from './loaded-suite.js'
import { plainSuite } from './plain-suite.js'
import { type Packed, pack } from './support.js'
import { tarballSuite } from './tarball-suite.js'

jest.setTimeout(180_000)

let packed: Packed
const project = { plain: '', newest: '', oldest: '' }

beforeAll(async () => {
  packed = await pack()
  const install = async (name: keyof typeof project, packages: readonly string[]) => {
    project[name] = await packed.project(name, packages)
  }
  await Promise.all([
    install('plain', []),
    install('newest', PROJECTS.newest.packages),
    install('oldest', PROJECTS.oldest.packages),
  ])
})
afterAll(() => packed.remove())

tarballSuite(() => packed.tarball)
plainSuite(() => project.plain)
frameworksSuite(() => project.newest, PROJECTS.newest)
frameworksSuite(() => project.oldest, PROJECTS.oldest)
loadedSuite(() => project.newest)
