/**
 * A real Chromium: the one that is there, or Debian's. By its headless shell, where there is one: the same engine without the parts of
 * a window, which takes half the time.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { type Browser, chromium, type LaunchOptions } from 'playwright-core'

/** How long opening may take where the package is installed first, in ms. */
export const BROWSER_TIMEOUT_MS = 300_000

const PLACES = [
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** A browser of one's own. @throws as `launchOptions` does */
export async function openBrowser(): Promise<Browser> {
  return chromium.launch(launchOptions())
}

/** @throws Error where there is none and none can be installed, saying what to do. */
export function launchOptions(): LaunchOptions {
  const executablePath = found() ?? installed()
  if (executablePath === undefined) {
    throw new Error(
      'This test needs Chromium: install it ("apt-get install chromium"), or name it by CHROMIUM_PATH.',
    )
  }
  // Nothing here needs a process for drawing.
  return { executablePath, args: ['--no-sandbox', '--disable-gpu', '--in-process-gpu'] }
}

function found(): string | undefined {
  return process.env.CHROMIUM_PATH ?? PLACES.find(place => existsSync(place))
}

/** Debian's package, where this may install one; not every release has both. */
function installed(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return undefined
  const apt = (...args: string[]) =>
    spawnSync('apt-get', ['-qq', ...args], {
      stdio: 'ignore',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
  apt('update')
  for (const name of ['chromium-headless-shell', 'chromium']) {
    apt('install', '-y', '--no-install-recommends', name)
    const place = found()
    if (place !== undefined) return place
  }
  return undefined
}
