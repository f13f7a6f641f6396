// Builds dist from the sources, and only what is stale: a digest of all it is made from lies beside each product.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join, relative } from 'node:path'
import { ensureInstalled, fail, root } from './install.mjs'

/** @typedef {{ name: string, from: string[], into: string[], optional?: string, command: string[] }} Product */

/** @type {Product[]} */
const products = [
  {
    name: 'library',
    from: ['shared', 'server', 'client', 'tsconfig.json', 'package-lock.json'],
    into: ['dist/shared', 'dist/server', 'dist/client'],
    command: ['node_modules/typescript/bin/tsc', '-p', 'server/tsconfig.build.json'],
  },
  {
    name: 'app',
    from: ['shared', 'client', 'tsconfig.json', 'package-lock.json'],
    into: ['dist/app'],
    optional: 'client/app/index.html',
    command: [
      'node_modules/vite/bin/vite.js',
      'build',
      'client/app',
      '--outDir',
      '../../dist/app',
      '--emptyOutDir',
      // Eighty names of files hide the one line that says where the server is.
      '--logLevel',
      'warn',
    ],
  },
]

/** Benchmarks and torture run compiled, as the product does, and beside it: dist/test/bench, dist/test/torture. */
/** @type {Product} */
const workbench = {
  name: 'benchmarks and torture',
  from: [
    'shared',
    'server',
    'client',
    'test/bench',
    'test/torture',
    'test/tsconfig.build.json',
    'tsconfig.json',
  ],
  into: ['dist/test'],
  command: ['node_modules/typescript/bin/tsc', '-p', 'test/tsconfig.build.json'],
}

/** A test runner that builds would else ship the slow React that warns developers. */
const environment = { NODE_ENV: 'production' }

export function ensureBuilt() {
  for (const product of products) build(product)
}

export function ensureWorkbenchBuilt() {
  ensureBuilt()
  build(workbench)
}

/** @param {Product} product */
function build({ name, from, into, optional, command }) {
  if (optional && !existsSync(join(root, optional))) return
  const stamp = join(root, 'dist', `.${name.replaceAll(' ', '-')}.sha256`)
  const digest = digestOf(from, command)
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest && into.every(isThere)) return
  console.log(`Building the ${name} …`)
  const began = performance.now()
  // The stamp goes first: a build that is interrupted must not look finished.
  rmSync(stamp, { force: true })
  const done = spawnSync(process.execPath, command, {
    cwd: root,
    env: { ...process.env, ...environment },
    stdio: 'inherit',
  })
  if (done.status !== 0) fail(`Building the ${name} failed; what is printed above says where.`)
  for (const folder of into) removeOrphans(join(root, folder))
  mkdirSync(join(root, 'dist'), { recursive: true })
  writeFileSync(stamp, digest)
  console.log(`Built the ${name} in ${((performance.now() - began) / 1000).toFixed(1)} s.`)
}

/** @param {string} path */
function isThere(path) {
  return existsSync(join(root, path))
}

/**
 * @param {string[]} paths
 * @param {string[]} command
 */
function digestOf(paths, command) {
  const hash = createHash('sha256').update(JSON.stringify([command, environment]))
  for (const path of paths) {
    for (const file of filesIn(join(root, path))) {
      const content = readFileSync(file)
      hash.update(`${relative(root, file)}\0${content.length}\0`).update(content)
    }
  }
  return hash.digest('hex')
}

/**
 * @param {string} path
 * @returns {string[]}
 */
function filesIn(path) {
  if (!existsSync(path)) return []
  const entries = readdirIfFolder(path)
  if (!entries) return [path]
  return entries.flatMap(entry => filesIn(join(path, entry))).sort()
}

/** @param {string} path */
function readdirIfFolder(path) {
  try {
    return readdirSync(path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOTDIR') return null
    throw error
  }
}

// The compiler never deletes: without this the output of a source that is gone would stay in the package. Only
// compiled modules are looked at; vite empties its own folder.
/** @param {string} folder */
function removeOrphans(folder) {
  for (const file of filesIn(folder)) {
    const source = relative(join(root, 'dist'), file).replace(/(\.d\.ts|\.js)(\.map)?$/, '')
    if (source.startsWith('app') || /\.(ts|js|map)$/.test(source)) continue
    if (!['.ts', '.tsx', ''].some(extension => existsSync(join(root, source + extension)))) rmSync(file)
  }
}

if (process.argv[1] && realpathSync(process.argv[1]) === import.meta.filename) {
  ensureInstalled()
  ensureBuilt()
}
