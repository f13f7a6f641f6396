import { ensureBrowser } from './installed-browser.mjs'

/** The path of the Chromium that the browser tests drive, or a sentence on why there is none. */
export const ensureChromium = () =>
  ensureBrowser({
    name: 'Chromium',
    variable: 'CHROMIUM_PATH',
    commands: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
    elsewhere: [
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
      '/Applications/Chromium.app/Contents/MacOS/Chromium',
      'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
      'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
    ],
    packages: ['chromium', 'fonts-liberation'],
  })
