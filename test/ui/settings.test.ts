/** What the server and the page have to say alike, though neither knows the other's sources. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { THEME_PROPERTIES, type UiOptions } from '../../src/http/ui-options.js'
import { messages } from '../../ui/messages.js'
import type { PageSettings } from '../../ui/page-settings.js'

const ROOT = join(__dirname, '../..')

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false
const holds = <T extends true>(_: T) => {}
// The page takes all that the option has, but for the theme; the names of messages are checked by the router.
type Told = Omit<UiOptions, 'theme' | 'messages'>
holds<Same<Told, Omit<PageSettings, 'messages'>>>(true)
holds<Same<keyof Told, keyof Omit<PageSettings, 'messages'>>>(true)

it('the properties that a theme may set are those that the page has, each with its value', () => {
  const tokens = readFileSync(join(ROOT, 'ui/styles/tokens.css'), 'utf8')
  const set = new Set([...tokens.matchAll(/^\s*(--sidekey-[a-z-]+):/gm)].map(([, name]) => name))
  expect([...set].sort()).toEqual([...THEME_PROPERTIES].sort())
})

it('the built page tells the names of its messages', () => {
  expect(JSON.parse(readFileSync(join(ROOT, 'dist/ui/messages.json'), 'utf8'))).toEqual(messages)
})
