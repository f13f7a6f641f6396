import { ensureBrowser } from './installed-browser.mjs'

/** The path of the Firefox that tells the client's stories too, or a sentence on why there is none. */
export const ensureFirefox = () =>
  ensureBrowser({
    name: 'Firefox',
    variable: 'FIREFOX_PATH',
    commands: ['firefox-esr', 'firefox'],
    elsewhere: [
      '/Applications/Firefox.app/Contents/MacOS/firefox',
      'C:\\Program Files\\Mozilla Firefox\\firefox.exe',
    ],
    packages: ['firefox-esr'],
  })
