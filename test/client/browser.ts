/** A real Chromium. */
import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const PLACES = [
  process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** @throws Error where there is none, saying what to install. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = PLACES.find(place => existsSync(place))
  if (executablePath === undefined) {
    throw new Error(
      'This test needs Chromium: install it ("apt-get install chromium"), or name it by CHROMIUM_PATH.',
    )
  }
  return chromium.launch({ executablePath, args: ['--no-sandbox'] })
}
