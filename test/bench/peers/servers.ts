// The servers that are measured, and how each is brought here and started. The peers come from the registry into a
// folder of their own; they are no dependency of the package.

import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ownScenarios, type ServerName } from './questions.ts'

/** The compiled file of this folder. */
const compiled = (file: string): string => join(import.meta.dirname, file)

export interface BenchServer {
  readonly name: ServerName
  readonly about: string
  /** What the generator is told besides the scenario. */
  readonly args: (data: string, scenario: string) => readonly string[]
  readonly persists: boolean
}

const WORKPLACE = resolve('.bench')

/** The load generator stands beside the repository; CORECORD_HARNESS says where, if it is elsewhere. */
export const prepareHarness = (): { readonly folder: string; readonly servers: readonly BenchServer[] } => {
  const source = resolve(process.env.CORECORD_HARNESS ?? '../shared/harness')
  if (!existsSync(join(source, 'run.mjs'))) {
    console.error(
      `The load generator, which is no part of this repository, is not at ${source}: set CORECORD_HARNESS to the folder that holds its run.mjs. The other benchmarks run without it: npm run bench -- sizing.`,
    )
    process.exit(1)
  }
  const folder = join(WORKPLACE, 'harness')
  mkdirSync(folder, { recursive: true })
  cpSync(source, folder, { recursive: true, force: true, mode: 0 })
  install(folder)
  for (const scenario of ownScenarios) {
    const url = pathToFileURL(compiled(`scenarios/${scenario}.js`)).href
    writeFileSync(join(folder, 'scenarios', `${scenario}.mjs`), `export { default } from '${url}'\n`)
  }
  for (const peer of ['raw', 'y-websocket-server', 'hocuspocus']) install(join(folder, 'peers', peer))
  const hocuspocus = join(folder, 'peers/hocuspocus')
  // Its SQLite part is compiled for the Node that installed it; Hocuspocus runs on a later one that it brings along.
  const path = `${hocuspocus}/node_modules/node/bin:${process.env.PATH ?? ''}`
  const canStore = (): boolean => {
    const script = "new (require('better-sqlite3'))(':memory:')"
    return (
      spawnSync('node', ['-e', script], { cwd: hocuspocus, env: { ...process.env, PATH: path } }).status === 0
    )
  }
  const hasTried = join(folder, 'tried-to-build-sqlite')
  if (!existsSync(hasTried) && !canStore()) {
    spawnSync('npm', ['rebuild', 'better-sqlite3'], { cwd: hocuspocus, env: { ...process.env, PATH: path } })
    writeFileSync(hasTried, '')
  }
  return { folder, servers: [corecord, raw, yws, canStore() ? hocuspocusOnSqlite : hocuspocusInMemory] }
}

const corecord: BenchServer = {
  name: 'corecord',
  about: 'this one, with LevelDB: every edit fsynced before anybody sees it',
  persists: true,
  args: (data, scenario) => [
    '--persistent',
    '--data-dir',
    join(data, 'corecord'),
    '--url',
    'ws://127.0.0.1:4100/sync',
    '--start',
    scenario.startsWith('typed-')
      ? `node ${compiled('typed-server.js')} {port} {data}`
      : `LOG_LEVEL=error node ${resolve('dist/server/main.js')} serve --untyped --anonymous --limits none --host 127.0.0.1 --port {port} --data {data}`,
  ],
}

const raw: BenchServer = {
  name: 'raw',
  about: 'a relay of 30 lines on ws, without document and disk',
  persists: false,
  args: () => ['--relay', '--url', 'ws://127.0.0.1:4000', '--start', 'node peers/raw/relay.mjs'],
}

const yws: BenchServer = {
  name: 'yws',
  about: '@y/websocket-server 0.1.5, in memory',
  persists: false,
  args: () => [
    '--url',
    'ws://127.0.0.1:4001',
    '--start',
    'node peers/y-websocket-server/node_modules/@y/websocket-server/src/server.js',
  ],
}

const hocuspocusOnSqlite: BenchServer = {
  name: 'hocuspocus',
  about: 'Hocuspocus 4.7 with SQLite, stored 2–10 s later',
  persists: true,
  args: data => [
    '--dialect',
    'hocuspocus',
    '--persistent',
    '--data-dir',
    join(data, 'hocuspocus'),
    '--url',
    'ws://127.0.0.1:4004',
    '--start',
    'DB=sqlite peers/hocuspocus/node_modules/node/bin/node peers/hocuspocus/server.mjs',
  ],
}

const hocuspocusInMemory: BenchServer = {
  name: 'hocuspocus',
  about: 'Hocuspocus 4.7, in memory: its SQLite part could not be built here',
  persists: false,
  args: () => [
    '--dialect',
    'hocuspocus',
    '--url',
    'ws://127.0.0.1:4004',
    '--start',
    'peers/hocuspocus/node_modules/node/bin/node peers/hocuspocus/server.mjs',
  ],
}

const install = (folder: string): void => {
  if (!existsSync(join(folder, 'node_modules')))
    run('npm', ['install', '--silent', '--no-audit', '--no-fund'], folder)
}

const run = (
  command: string,
  args: readonly string[],
  cwd: string,
  env: Record<string, string> = {},
): void => {
  const { status, stderr } = spawnSync(command, args, {
    cwd,
    env: { ...process.env, ...env },
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed in ${cwd}: ${stderr}`)
}
