// Brings node_modules in line with package-lock.json, and does nothing when it already is. Runs before anything
// is installed, so it may use only what Node itself brings.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

const oldestNode = [20, 19]

export function ensureInstalled() {
  assertNodeIsRecent()
  const reason = whyInstall()
  if (!reason) return
  console.log(`Installing packages (npm ci): ${reason}.`)
  // Without --include=dev a machine with NODE_ENV=production would get no compiler to build with; npm tells its scripts
  // of a --dry-run too, as of `npm pack`, and would then install nothing.
  const status = runNpm([
    'ci',
    '--include=dev',
    '--dry-run=false',
    '--prefer-offline',
    '--no-audit',
    '--no-fund',
  ])
  if (status !== 0) fail(`npm ci ended with status ${status}; what it printed above says why.`)
  const still = whyInstall()
  if (still) fail(`npm ci succeeded, but ${still}.`)
}

/** @param {string[]} args */
function runNpm(args) {
  // npm tells its scripts where it lives; that is the npm the person called, and needs no shell on Windows.
  const npm = process.env.npm_execpath
  const done = npm?.endsWith('.js')
    ? spawnSync(process.execPath, [npm, ...args], { cwd: root, stdio: 'inherit' })
    : spawnSync('npm', args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' })
  if (done.error) fail(`npm could not be started: ${done.error.message}.`)
  return done.status ?? 1
}

/**
 * @param {string} sentence
 * @returns {never}
 */
export function fail(sentence) {
  console.error(sentence)
  process.exit(1)
}

function assertNodeIsRecent() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const [oldestMajor = 0, oldestMinor = 0] = oldestNode
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return
  fail(`corecord needs Node ${oldestNode.join('.')} or newer; this is Node ${process.versions.node}.`)
}

// npm keeps in node_modules/.package-lock.json what it put there. Optional packages (another platform's binaries)
// may be absent; every other one has to be there in the locked version.
function whyInstall() {
  const installedList = join(root, 'node_modules/.package-lock.json')
  if (!existsSync(installedList)) return 'nothing is installed yet'
  const installed = readPackages(installedList)
  for (const [path, wanted] of Object.entries(readPackages(join(root, 'package-lock.json')))) {
    if (path === '') continue
    const found = installed[path]
    if (!found || !existsSync(join(root, path, 'package.json'))) {
      if (wanted.optional || wanted.devOptional || wanted.peer) continue
      return `${path} is missing`
    }
    if (found.version !== wanted.version)
      return `${path} is ${found.version}, the lock file says ${wanted.version}`
  }
  return null
}

/**
 * @param {string} file
 * @returns {Record<string, { version?: string, optional?: boolean, devOptional?: boolean, peer?: boolean }>}
 */
function readPackages(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages
}
