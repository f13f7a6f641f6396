// Finds the Chromium that the browser tests drive, and installs Debian's where there is none and we may.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const elsewhere = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
]

/**
 * The path of a Chromium, or a sentence on why there is none.
 * @returns {{ path: string } | { why: string }}
 */
export function ensureChromium() {
  const found = findChromium()
  if (found) return { path: found }
  const refusal = installChromium()
  if (refusal) return { why: refusal }
  const installed = findChromium()
  return installed
    ? { path: installed }
    : { why: 'apt-get reported success, but there is still no Chromium.' }
}

function findChromium() {
  const named = process.env.CHROMIUM_PATH
  if (named) return existsSync(named) ? named : null
  const folders = (process.env.PATH ?? '').split(delimiter).concat('/usr/bin')
  const candidates = [...folders.flatMap(folder => names.map(name => join(folder, name))), ...elsewhere]
  return candidates.find(candidate => existsSync(candidate)) ?? null
}

function installChromium() {
  if (process.env.CHROMIUM_PATH)
    return `CHROMIUM_PATH names ${process.env.CHROMIUM_PATH}, which does not exist.`
  if (!succeeds('apt-get', ['--version']))
    return 'No Chromium was found, and this is no Debian to install one on.'
  const isRoot = process.getuid?.() === 0
  if (!isRoot && !succeeds('sudo', ['-n', 'true'])) {
    return 'No Chromium was found, and only root may install one: sudo apt-get install chromium.'
  }
  console.log('Installing Chromium for the browser tests (apt-get install chromium) …')
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  for (const args of [
    ['update'],
    ['install', '--yes', '--no-install-recommends', 'chromium', 'fonts-liberation'],
  ]) {
    const command = isRoot ? ['apt-get', '-qq', ...args] : ['sudo', '-n', 'apt-get', '-qq', ...args]
    const done = spawnSync(command[0] ?? '', command.slice(1), {
      stdio: ['ignore', 'inherit', 'inherit'],
      env,
    })
    if (done.status !== 0)
      return `No Chromium was found, and «${command.join(' ')}» failed; its words are above.`
  }
  return null
}

/**
 * @param {string} command
 * @param {string[]} args
 */
function succeeds(command, args) {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0
}
