import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { makeFolder } from '../make-folder.ts'
import { type CommandIo, printLine } from './command-io.ts'
import { failure, misuse } from './exit-code.ts'
import { version } from '../version.ts'

/** The package this command is part of. */
const ownFolder = fileURLToPath(new URL('../../..', import.meta.url))
const templateFolder = join(ownFolder, 'server/template')

export function addInit(program: Command, io: CommandIo): void {
  program
    .command('init <folder>')
    .description('Begin an app of your own: one record type, a server, a page, tests.')
    .option('--corecord <spec>', 'what the app installs as corecord: a version, a folder or a .tgz file')
    .addHelpText('after', '\nExamples:\n  $ corecord init my-app\n  $ cd my-app\n  $ npm start')
    .action((folder: string, options: { corecord?: string }) => init(folder, options.corecord, io))
}

function init(folder: string, spec: string | undefined, io: CommandIo): void {
  const to = resolve(folder)
  const name = packageName(basename(to))
  const there = statSync(to, { throwIfNoEntry: false })
  if (there !== undefined && !(there.isDirectory() && readdirSync(to).length === 0)) {
    throw misuse(
      `${to} is ${there.isDirectory() ? 'not empty' : 'a file'}. Name a folder that is empty, or that is not there yet.`,
    )
  }
  if (spec !== undefined) assertThere(spec)
  makeFolder(to)
  cpSync(templateFolder, to, { recursive: true })
  // npm leaves a .gitignore out of a package, so it travels without its dot.
  renameSync(join(to, 'gitignore'), join(to, '.gitignore'))
  const manifestFile = join(to, 'package.json')
  const manifest: Manifest = JSON.parse(readFileSync(manifestFile, 'utf8'))
  const dependencies = {
    ...manifest.dependencies,
    corecord: spec === undefined ? ownSpec(to) : givenSpec(spec, to),
  }
  writeFileSync(manifestFile, `${JSON.stringify({ ...manifest, name, dependencies }, null, 2)}\n`)
  for (const file of ['README.md', 'index.html']) {
    const text = readFileSync(join(to, file), 'utf8')
    writeFileSync(join(to, file), text.replaceAll('my-app', name))
  }
  printLine(io, `Made ${name} in ${to}:`)
  for (const file of filesOf(to)) printLine(io, `  ${file}`)
  const path = relative(process.cwd(), to) || '.'
  printLine(io, `Start it: cd ${/\s/.test(path) ? `"${path}"` : path} && npm start`)
}

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>
}

function packageName(folder: string): string {
  const name = folder
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replace(/^[._-]+|-+$/g, '')
  return name === '' ? 'my-app' : name
}

/** The app gets the corecord that made it: from the registry, or packed, from the file or tree that this one is. */
function ownSpec(to: string): string {
  if (existsSync(join(ownFolder, 'server/main.ts'))) return packed(to)
  const modules = dirname(ownFolder.replace(/[\\/]$/, ''))
  const installed = installedFrom(modules)
  // Installed for everybody (`npm install -g`), nothing tells where it came from.
  if (installed === undefined) return isInRegistry() ? `^${version}` : packed(to)
  if (!installed.startsWith('file:')) return `^${version}`
  // Written as seen from the project that has the modules.
  return givenSpec(resolve(modules, '..', installed.slice('file:'.length)), to)
}

/**
 * A tree is packed, not linked: a linked one would bring packages of its own, a second Yjs among them, and lie where
 * no container sees it.
 */
function packed(to: string): string {
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', to]
  const done = npm(args, ownFolder)
  if (done.status !== 0) throw failure(`corecord cannot be packed for the app: ${done.stderr}`)
  const [made]: { filename: string }[] = JSON.parse(done.stdout)
  return `file:${basename(made?.filename ?? '')}`
}

function isInRegistry(): boolean {
  const args = ['view', `corecord@${version}`, 'version', '--fetch-retries=0', '--fetch-timeout=10000']
  const { status, stdout } = npm(args)
  return status === 0 && stdout.trim() === version
}

function npm(
  args: readonly string[],
  cwd = process.cwd(),
): { status: number | null; stdout: string; stderr: string } {
  return spawnSync('npm', args, { cwd, encoding: 'utf8', shell: process.platform === 'win32' })
}

function installedFrom(modules: string): string | undefined {
  const list = join(modules, '.package-lock.json')
  if (!existsSync(list)) return undefined
  const { packages }: { packages: Record<string, { resolved?: string }> } = JSON.parse(
    readFileSync(list, 'utf8'),
  )
  return packages['node_modules/corecord']?.resolved
}

/** A packed file is copied into the app, so that it is there wherever the app goes. */
function givenSpec(spec: string, to: string): string {
  const path = pathOf(spec)
  if (path === null) return spec
  if (!path.endsWith('.tgz')) return `file:${path}`
  cpSync(path, join(to, basename(path)))
  return `file:${basename(path)}`
}

/** Null: a version, or whatever else npm knows how to find. */
function pathOf(spec: string): string | null {
  const isPath = /^(\.|\/|file:|[a-z]:\\)/i.test(spec) || (spec.endsWith('.tgz') && !/^https?:/.test(spec))
  return isPath ? resolve(spec.replace(/^file:/, '')) : null
}

function assertThere(spec: string): void {
  const path = pathOf(spec)
  if (path !== null && !existsSync(path)) throw misuse(`--corecord: there is no ${path}.`)
}

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => relative(folder, join(entry.parentPath, entry.name)))
    .sort()
}
