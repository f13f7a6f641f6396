import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { type CommandIo, printLine } from './command-io.ts'
import { CommandFailure, exitCodes } from './exit-code.ts'
import { version } from './version.ts'

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
  if (existsSync(to) && readdirSync(to).length > 0) {
    throw new CommandFailure(
      exitCodes.usage,
      `${to} is not empty. Name a folder that is, or that is not there yet.`,
    )
  }
  mkdirSync(to, { recursive: true })
  cpSync(templateFolder, to, { recursive: true })
  // npm leaves a .gitignore out of a package, so it travels without its dot.
  renameSync(join(to, 'gitignore'), join(to, '.gitignore'))
  const manifestFile = join(to, 'package.json')
  const manifest: Manifest = JSON.parse(readFileSync(manifestFile, 'utf8'))
  const dependencies = { ...manifest.dependencies, corecord: spec === undefined ? ownSpec() : absolute(spec) }
  writeFileSync(manifestFile, `${JSON.stringify({ ...manifest, name, dependencies }, null, 2)}\n`)
  for (const file of ['README.md', 'index.html']) {
    const text = readFileSync(join(to, file), 'utf8')
    writeFileSync(join(to, file), text.replaceAll('my-app', name))
  }
  printLine(io, `Made ${name} in ${to}:`)
  for (const file of filesOf(to)) printLine(io, `  ${file}`)
  printLine(io, `Start it: cd ${relative(process.cwd(), to) || '.'} && npm start`)
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

/** The app gets the corecord that made it: from the registry, or the file or folder that this one came from. */
function ownSpec(): string {
  const isCheckout = existsSync(join(ownFolder, 'server/main.ts'))
  if (isCheckout) return `file:${ownFolder.replace(/[\\/]$/, '')}`
  const modules = dirname(ownFolder.replace(/[\\/]$/, ''))
  const installed = installedFrom(modules)
  if (installed?.startsWith('file:') !== true) return `^${version}`
  // Written as seen from the project that has the modules.
  return `file:${resolve(modules, '..', installed.slice('file:'.length))}`
}

function installedFrom(modules: string): string | undefined {
  const list = join(modules, '.package-lock.json')
  if (!existsSync(list)) return undefined
  const { packages }: { packages: Record<string, { resolved?: string }> } = JSON.parse(
    readFileSync(list, 'utf8'),
  )
  return packages['node_modules/corecord']?.resolved
}

function absolute(spec: string): string {
  if (/^(\.|\/|[a-z]:\\)/i.test(spec) || spec.endsWith('.tgz')) return `file:${resolve(spec)}`
  return spec.startsWith('file:') ? `file:${resolve(spec.slice('file:'.length))}` : spec
}

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => relative(folder, join(entry.parentPath, entry.name)))
    .sort()
}
