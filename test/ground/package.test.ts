import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { afterAll, beforeAll, expect, test } from 'vitest'

// As a stranger meets it: the package as npm would publish it, installed in an empty project.

const root = fileURLToPath(new URL('../..', import.meta.url))
const project = mkdtempSync(join(tmpdir(), 'corecord-project-'))
const mainNames = {
  shared: ['defineRecord', 'openRecord'],
  server: ['createServer'],
  client: ['connect', 'bindQuill'],
  react: ['useRecord'],
}
let packedFiles: string[] = []

beforeAll(() => {
  run(root, process.execPath, ['server/build.mjs'])
  const [packed] = JSON.parse(
    run(root, 'npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', project]),
  )
  packedFiles = packed.files.map(({ path }: { path: string }) => path)
  writeFileSync(
    join(project, 'package.json'),
    JSON.stringify({ name: 'stranger', private: true, type: 'module' }),
  )
  // React is an optional peer, for those who want the hooks; the types are what any TypeScript project has.
  const beside = ['react', '@types/react', '@types/node'].map(name => `${name}@${installedVersion(name)}`)
  // engine-strict: a package that does not support this Node fails the installation instead of warning.
  const flags = ['--prefer-offline', '--engine-strict', '--no-audit', '--no-fund']
  run(project, 'npm', ['install', ...flags, `./${packed.filename}`, ...beside])
}, 300_000)

afterAll(() => rmSync(project, { recursive: true, force: true }))

test('the package carries what runs, its types, the template and the pages: no source, no test, no secret', () => {
  expect(packedFiles).toEqual(
    expect.arrayContaining([
      'LICENSE',
      'README.md',
      'dist/server/main.js',
      'docs/guide.md',
      'docs/operating/alerts.yml',
    ]),
  )
  const strange = packedFiles.filter(
    path =>
      !/^(package\.json|README\.md|LICENSE|dist\/(shared|server|client)\/.*\.(js|d\.ts|js\.map)|dist\/app\/.*|docs\/.*\.(md|png|svg|yml|json)|server\/template\/.*)$/.test(
        path,
      ),
  )
  expect(strange).toEqual([])
})

test('the app in it is built for production, also when a test built it', () => {
  const scripts = packedFiles.filter(path => /^dist\/app\/.*\.js$/.test(path))
  const texts = scripts.map(path => readFileSync(join(project, 'node_modules/corecord', path), 'utf8'))
  expect(texts.filter(text => text.includes('react.dev/link/react-devtools'))).toEqual([])
  expect(texts.length).toBeGreaterThan(20)
})

test.each(Object.entries(mainNames))('a program imports its names from corecord/%s', (entry, names) => {
  const program = `console.log(JSON.stringify(Object.keys(await import('corecord/${entry}'))))`
  expect(JSON.parse(run(project, process.execPath, ['--input-type=module', '-e', program]))).toEqual(
    expect.arrayContaining(names),
  )
})

test('who imports from corecord itself reads where its names are', () => {
  const program = "import { connect } from 'corecord'"
  const told = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    cwd: project,
    encoding: 'utf8',
  })
  expect(told.stderr).toContain("{ connect } from 'corecord/client'")
  const types = readFileSync(join(project, 'node_modules/corecord/dist/shared/no-entry.d.ts'), 'utf8')
  expect(types).not.toContain('connect')
})

test('the types of all four entries hold in a strict project', () => {
  const imports = Object.entries(mainNames).map(
    ([entry, names]) => `import { ${names.join(', ')} } from 'corecord/${entry}'`,
  )
  const used = Object.values(mainNames).flat().join(', ')
  writeFileSync(join(project, 'uses.ts'), `${imports.join('\n')}\nexport const used = [${used}]\n`)
  const compilerOptions = {
    strict: true,
    noEmit: true,
    module: 'nodenext',
    target: 'es2022',
    skipLibCheck: false,
  }
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['uses.ts'] }))
  run(project, process.execPath, [join(root, 'node_modules/typescript/bin/tsc')])
})

test('a package of record types is compiled to declarations, all of whose names are to be had', () => {
  writeFileSync(
    join(project, 'records.ts'),
    `import * as Y from 'yjs'
import type { Desk } from 'corecord/client'
import { useAction, useField, useList, useRecord } from 'corecord/react'
import { blob, bool, counter, date, defineRecord, integer, json, list, log, money, number, oneOf, openRecord, ref, setOf, text, time } from 'corecord/shared'
export const address = { street: text.line({ required: true }), tags: setOf(text.line()), floors: counter() }
export const Task = defineRecord('task', {
  fields: {
    title: text.line({ required: true }), notes: text.plain(), page: text.rich(), state: oneOf('open', 'done').default('open'),
    isUrgent: bool(), size: integer(), weight: number(), price: money().merge('review'), due: date(), at: time(),
    site: ref('site'), photo: blob(), more: json<{ a: number[] }>(), tags: setOf(text.line()), parts: counter(),
    steps: list(address), checks: log({ kind: oneOf('in', 'out') }),
  },
  derive: { length: t => t.notes.length },
  row: t => ({ title: t.title, state: t.state, length: t.length }),
  actions: { close: { args: { reason: text.line() }, run: ({ set }) => { set({ state: 'done' }) } } },
})
export const ofDesk = (desk: Desk) => ({ task: desk.open(Task, '1'), tasks: desk.list(Task), mine: desk.mine(Task), kept: desk.keepOffline(Task, {}) })
export const ofRecord = ({ task }: ReturnType<typeof ofDesk>) => [task.list('steps'), task.log('checks'), task.counter('parts'), task.union('tags'), task.field('title'), task.presence] as const
export const ofHooks = () => [useRecord(Task, '1'), useField(Task, '1', 'title'), useList(Task), useAction(Task, '1', 'close')] as const
export const opened = () => openRecord(Task, new Y.Doc(), { author: 'ana' })
`,
  )
  const compilerOptions = {
    strict: true,
    composite: true,
    declaration: true,
    emitDeclarationOnly: true,
    outDir: 'types',
    module: 'nodenext',
    target: 'es2022',
    types: [],
  }
  writeFileSync(join(project, 'declared.json'), JSON.stringify({ compilerOptions, files: ['records.ts'] }))
  run(project, process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'declared.json'])
})

test('a page that is built from it carries the client, and neither a server nor record types of others', async () => {
  const page = join(project, 'page.ts')
  const imports =
    "import { connect } from 'corecord/client'; import { defineRecord, text } from 'corecord/shared'"
  writeFileSync(
    page,
    `${imports}\nconnect({ records: [defineRecord('a', { fields: { b: text.line() } })], token: () => '' })`,
  )
  const input = { input: page }
  const built = await build({
    root: project,
    logLevel: 'error',
    build: { write: false, rolldownOptions: input },
  })
  if (!('output' in built)) throw new Error('nothing was built')
  const modules = built.output.flatMap(one => (one.type === 'chunk' ? one.moduleIds : []))
  const ours = modules.flatMap(id => id.split('/corecord/dist/').slice(1))
  expect(ours).toEqual(expect.arrayContaining(['client/desk.js', 'shared/record/define-record.js']))
  expect(
    ours.filter(id => /^server|^shared\/types\/(ticket|warehouse|construction|scheduling)/.test(id)),
  ).toEqual([])
  expect(modules.filter(id => id.includes('node:') || id.includes('browser-external'))).toEqual([])
})

test('the command tells a person what it can do', () => {
  const help = run(project, join(project, 'node_modules/.bin/corecord'), ['--help'])
  for (const command of ['serve', 'token', 'inspect', 'backup', 'verify']) expect(help).toContain(command)
})

test('LevelDB opens from the binary that its package brings', () => {
  const program = `
    import { Level } from 'level'
    const level = new Level('./database')
    await level.put('a', 'b')
    console.log(await level.get('a'))
    await level.close()`
  expect(run(project, process.execPath, ['--input-type=module', '-e', program])).toBe('b\n')
})

function installedVersion(name: string): string {
  return JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')).version
}

/** What the command printed; what it complained of, when it fails. */
function run(cwd: string, command: string, args: string[]): string {
  // What npm told this process about the tree it runs in is not true of the project.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_|INIT_CWD|NODE_ENV)/.test(name)),
  )
  const done = spawnSync(command, args, { cwd, env, encoding: 'utf8', shell: process.platform === 'win32' })
  if (done.status !== 0) {
    throw new Error(
      `${command} ${args.join(' ')} ended with ${done.status ?? done.signal}:\n${done.stdout}${done.stderr}`,
    )
  }
  return done.stdout
}
