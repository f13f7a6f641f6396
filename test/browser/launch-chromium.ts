import { type Browser, chromium } from 'playwright-core'

/** The browser that the people of a story sit at. */
export const launchChromium = (...args: readonly string[]): Promise<Browser> =>
  chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: [
      ...args,
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      // Tabs in the background are to be as quick as the one in front, or a story tests the browser's patience.
      '--disable-background-timer-throttling',
      '--disable-renderer-backgrounding',
    ],
  })
