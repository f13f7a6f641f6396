// Finds a browser that tests drive, and installs Debian's where there is none and we may.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/**
 * @typedef {object} Browser
 * @property {string} name for people
 * @property {string} variable of the environment, which may name one
 * @property {readonly string[]} commands
 * @property {readonly string[]} elsewhere whole paths
 * @property {readonly string[]} packages of Debian; the first is the browser
 */

/**
 * The path of the browser, or a sentence on why there is none.
 * @param {Browser} browser
 * @returns {{ path: string } | { why: string }}
 */
export function ensureBrowser(browser) {
  const found = find(browser)
  if (found) return { path: found }
  const refusal = install(browser)
  if (refusal) return { why: refusal }
  const installed = find(browser)
  return installed
    ? { path: installed }
    : { why: `apt-get reported success, but there is still no ${browser.name}.` }
}

/** @param {Browser} browser */
function find({ variable, commands, elsewhere }) {
  const named = process.env[variable]
  if (named) return existsSync(named) ? named : null
  const folders = (process.env.PATH ?? '').split(delimiter).concat('/usr/bin')
  const candidates = [
    ...folders.flatMap(folder => commands.map(command => join(folder, command))),
    ...elsewhere,
  ]
  return candidates.find(candidate => existsSync(candidate)) ?? null
}

/** @param {Browser} browser */
function install({ name, variable, packages }) {
  if (process.env[variable]) return `${variable} names ${process.env[variable]}, which does not exist.`
  if (!succeeds('apt-get', ['--version']))
    return `No ${name} was found, and this is no Debian to install one on.`
  const isRoot = process.getuid?.() === 0
  if (!isRoot && !succeeds('sudo', ['-n', 'true'])) {
    return `No ${name} was found, and only root may install one: sudo apt-get install ${packages[0]}.`
  }
  console.log(`Installing ${name} for the browser tests (apt-get install ${packages[0]}) …`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  for (const args of [['update'], ['install', '--yes', '--no-install-recommends', ...packages]]) {
    const command = isRoot ? ['apt-get', '-qq', ...args] : ['sudo', '-n', 'apt-get', '-qq', ...args]
    const done = spawnSync(command[0] ?? '', command.slice(1), {
      stdio: ['ignore', 'inherit', 'inherit'],
      env,
    })
    if (done.status !== 0)
      return `No ${name} was found, and «${command.join(' ')}» failed; its words are above.`
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
