import type { Page } from 'playwright-core'
import { overflowOf, violationsOn } from '../browser/accessibility.js'
import type { User } from '../browser/demo.js'
import type { Scene } from '../browser/scene.js'

export const IN_ACME = { organizationId: 'acme' }

/** Makes keys of the demo's users. */
export function maker(on: Scene) {
  return (user: User, name: string, more: object = {}) =>
    on.demo.keys.create({ name, owner: { id: user }, permissions: ['reports:read'], ...more })
}

/** Nothing is found by axe, and nothing is wider than the window. */
export async function expectFine(page: Page): Promise<void> {
  expect(await violationsOn(page)).toEqual([])
  expect(await overflowOf(page)).toBeLessThanOrEqual(0)
}
