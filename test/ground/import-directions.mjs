// The imports go one way: server → shared ← client, and the app uses what the public entries export. Also held here:
// shared knows no Node, and what is shipped imports only what is declared as a dependency.
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseSync, Visitor } from 'oxc-parser'

/**
 * An import as it stands in a file: `to` is a file of the tree, or a package, or a module of Node's.
 * @typedef {{ from: string, specifier: string, to: string, kind: 'file' | 'package' | 'node' }} Import
 * @typedef {{ layer: string, holds: RegExp, mayImport: RegExp[], packages: (name: string) => boolean, node: boolean }} Layer
 */

const shippedPackages = new Set(
  Object.keys(
    (({ dependencies, peerDependencies }) => ({ ...dependencies, ...peerDependencies }))(
      JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')),
    ),
  ),
)
const crdtPackages = ['yjs', 'lib0', 'y-protocols']
const clientPackages = [...crdtPackages, 'y-websocket']

/** The first layer that holds a file decides. @type {Layer[]} */
const layers = [
  {
    layer: 'shared',
    holds: /^shared\//,
    mayImport: [/^shared\//],
    packages: name => crdtPackages.includes(name),
    node: false,
  },
  {
    layer: 'server',
    holds: /^server\//,
    mayImport: [/^shared\//, /^server\//],
    packages: name => shippedPackages.has(name) && name !== 'react',
    node: true,
  },
  {
    layer: 'client/app',
    holds: /^client\/app\//,
    mayImport: [/^client\/app\//, /^client\/index\.ts$/, /^client\/react\/index\.ts$/, /^shared\/index\.ts$/],
    packages: () => true,
    node: false,
  },
  {
    layer: 'client/react',
    holds: /^client\/react\//,
    mayImport: [/^shared\//, /^client\/(?!app\/)/],
    packages: name => name === 'react' || clientPackages.includes(name),
    node: false,
  },
  {
    layer: 'client',
    holds: /^client\//,
    mayImport: [/^shared\//, /^client\/(?!app\/|react\/)/],
    packages: name => clientPackages.includes(name),
    node: false,
  },
]

/** Every finding is a sentence; none means that all directions hold. */
export function findWrongImports(root = fileURLToPath(new URL('../..', import.meta.url))) {
  const imports = sourceFiles(root).flatMap(file =>
    importsOf(file, readFileSync(join(root, file), 'utf8'), root),
  )
  return imports.flatMap(wrongDirection)
}

/**
 * @param {Import} found
 * @returns {string[]}
 */
export function wrongDirection({ from, specifier, to, kind }) {
  const home = layers.find(({ holds }) => holds.test(from))
  // The bundler's own settings are no part of what runs.
  if (!home || /^client\/app\/vite\.config\.ts$/.test(from)) return []
  if (kind === 'node' && !home.node) return [`${from} imports ${specifier}: ${home.layer} knows no Node.`]
  if (kind === 'package' && !home.packages(to))
    return [`${from} imports ${to}: not a package for ${home.layer}.`]
  if (kind === 'file' && !home.mayImport.some(allowed => allowed.test(to))) {
    return [`${from} imports ${to}: not a direction for ${home.layer}.`]
  }
  return []
}

/**
 * @param {string} file
 * @param {string} text
 * @param {string} root
 * @returns {Import[]}
 */
export function importsOf(file, text, root) {
  const { program, errors } = parseSync(file, text)
  if (errors.length > 0) throw new Error(`${file} cannot be parsed: ${errors[0]?.message}`)
  /** @type {string[]} */
  const found = []
  /** @param {{ type: string, value?: unknown } | null} source */
  const add = source => {
    if (source?.type === 'Literal' && typeof source.value === 'string') found.push(source.value)
  }
  new Visitor({
    ImportDeclaration: ({ source }) => add(source),
    ExportNamedDeclaration: ({ source }) => add(source),
    ExportAllDeclaration: ({ source }) => add(source),
    ImportExpression: ({ source }) => add(source),
    TSImportType: ({ source }) => add(source),
  }).visit(program)
  return found.map(specifier => ({ from: file, specifier, ...resolve(file, specifier, root) }))
}

/**
 * @param {string} file
 * @param {string} specifier
 * @param {string} root
 * @returns {Pick<Import, 'to' | 'kind'>}
 */
function resolve(file, specifier, root) {
  const [path = ''] = specifier.split('?')
  if (path.startsWith('.')) {
    const to = posix.join(posix.dirname(file), path)
    return { kind: 'file', to: existsSync(join(root, to)) ? to : `${to} (which does not exist)` }
  }
  if (isBuiltin(specifier)) return { kind: 'node', to: specifier }
  const [scope = '', name = ''] = path.split('/')
  return { kind: 'package', to: scope.startsWith('@') ? `${scope}/${name}` : scope }
}

/** What `corecord init` copies is a project of its own. */
const OTHER_PROJECTS = /^server\/template\//

/** @param {string} root */
function sourceFiles(root) {
  return ['shared', 'server', 'client'].flatMap(folder =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile() && /\.tsx?$/.test(entry.name))
      .map(entry => posix.relative(toPosix(root), posix.join(toPosix(entry.parentPath), entry.name)))
      .filter(file => !OTHER_PROJECTS.test(file))
      .sort(),
  )
}

/** @param {string} path */
function toPosix(path) {
  return path.replaceAll('\\', '/')
}

if (process.argv[1] && realpathSync(process.argv[1]) === import.meta.filename) {
  const findings = findWrongImports(dirname(dirname(import.meta.dirname)))
  for (const finding of findings) console.error(finding)
  process.exitCode = findings.length > 0 ? 1 : 0
}
