// The servers that are measured, and how each is brought here and started. The peers come from the registry into a
// folder of their own; they are no dependency of the package.

import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
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
  /** Scenarios that it cannot answer, or that say nothing of it. */
  readonly isAsked: (scenario: string) => boolean
}

const anything = (): boolean => true
const allBut =
  (...scenarios: readonly string[]) =>
  (scenario: string): boolean =>
    !scenarios.includes(scenario)

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
  giveYwsLevel(join(folder, 'peers/y-websocket-server'))
  const driver = giveHocuspocusSqlite(join(folder, 'peers/hocuspocus'))
  return { folder, servers: [corecord, raw, yws, ywsOnLevel, hocuspocusBy(driver)] }
}

/** It has no store of its own; y-leveldb is the one that its users give it, in this way. */
const giveYwsLevel = (folder: string): void => {
  install(folder, 'y-leveldb@0.2.0')
  writeFileSync(
    join(folder, 'on-level.mjs'),
    `import { LeveldbPersistence } from 'y-leveldb'
import * as Y from 'yjs'
import { setPersistence } from './node_modules/@y/websocket-server/src/utils.js'

const store = new LeveldbPersistence(process.env.DATA_DIR)
setPersistence({
  provider: store,
  bindState: async (name, doc) => {
    doc.on('update', (update, origin) => origin === store || store.storeUpdate(name, update))
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(await store.getYDoc(name)), store)
  },
  writeState: async () => {},
})
await import('./node_modules/@y/websocket-server/src/server.js')
`,
  )
}

/**
 * Its SQLite part is compiled when it is installed, which needs the headers of the Node that Hocuspocus brings along.
 * Where there are none, that Node's own driver stands in: it has the two calls that are made.
 */
const giveHocuspocusSqlite = (folder: string): string => {
  const path = `${folder}/node_modules/node/bin:${process.env.PATH ?? ''}`
  const how = { cwd: folder, env: { ...process.env, PATH: path } }
  const canStore = (): boolean =>
    spawnSync('node', ['-e', "new (require('better-sqlite3'))(':memory:')"], how).status === 0
  const part = join(folder, 'node_modules/better-sqlite3/lib/index.js')
  const standIn = "module.exports = require('node:sqlite').DatabaseSync\n"
  if (!canStore()) spawnSync('npm', ['rebuild', 'better-sqlite3'], how)
  if (!canStore()) writeFileSync(part, standIn)
  if (!canStore())
    throw new Error(`Hocuspocus has no SQLite: neither could it be compiled nor does ${part} find Node's`)
  return readFileSync(part, 'utf8') === standIn
    ? 'node:sqlite, since its own driver could not be built here'
    : 'SQLite'
}

const corecord: BenchServer = {
  name: 'corecord',
  about: 'this one, with LevelDB: every edit fsynced before anybody sees it',
  isAsked: anything,
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
  isAsked: allBut('cold-load', 'durability', 'big-doc', 'long-lived', 'presence'),
  args: () => ['--relay', '--url', 'ws://127.0.0.1:4000', '--start', 'node peers/raw/relay.mjs'],
}

const yws: BenchServer = {
  name: 'yws',
  about: '@y/websocket-server 0.1.5, in memory',
  isAsked: allBut('cold-load', 'durability'),
  args: () => [
    '--url',
    'ws://127.0.0.1:4001',
    '--start',
    'node peers/y-websocket-server/node_modules/@y/websocket-server/src/server.js',
  ],
}

const ywsOnLevel: BenchServer = {
  name: 'yws-ldb',
  about: 'the same with y-leveldb 0.2.0, not fsynced, asked where what is stored counts',
  isAsked: scenario => ['many-rooms', 'cold-load', 'big-doc', 'durability'].includes(scenario),
  args: data => [
    '--persistent',
    '--data-dir',
    join(data, 'yws-ldb'),
    '--url',
    'ws://127.0.0.1:4002',
    '--start',
    'node peers/y-websocket-server/on-level.mjs',
  ],
}

const hocuspocusBy = (driver: string): BenchServer => ({
  name: 'hocuspocus',
  about: `Hocuspocus 4.7 on ${driver}, stored 2–10 s later`,
  isAsked: anything,
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
})

/** What its package.json asks for, or one more package. */
const install = (folder: string, more?: string): void => {
  const installed = join(folder, 'node_modules', more?.slice(0, more.lastIndexOf('@')) ?? '')
  if (!existsSync(installed))
    run(
      'npm',
      ['install', '--silent', '--no-audit', '--no-fund', ...(more === undefined ? [] : [more])],
      folder,
    )
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
