// `corecord serve --records ./records.ts`, on whatever Node this is, with each compiler that may lie beside the file.

import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, parse } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { compilerFor } from '../../server/typescript/compilers.ts'
import { buildProgram, root, type Running, spawnCorecord } from '../cli-process.ts'

const modules = fileURLToPath(new URL('../../node_modules', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'corecord-records-'))
let server: Running | null = null

beforeAll(buildProgram, 300_000)

afterEach(async () => {
  server?.child.kill()
  await server?.ended
  server = null
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

const projectWith = (name: string, compilers: readonly string[], files: Record<string, string>): string => {
  const project = join(folder, name)
  mkdirSync(join(project, 'node_modules'), { recursive: true })
  for (const compiler of compilers)
    symlinkSync(join(modules, compiler), join(project, 'node_modules', compiler))
  for (const [file, text] of Object.entries(files)) writeFileSync(join(project, file), text)
  return project
}

const serve = (file: string): Running => {
  const where = ['--port', '0', '--data', join(folder, 'data'), '--anonymous']
  server = spawnCorecord(['serve', '--records', file, ...where])
  return server
}

const boat = `
import { defineRecord, text } from 'corecord/shared'
import { lengthMax } from './lengths.js'
interface Lengths { readonly max: number }
const lengths: Lengths = { max: lengthMax }
export const Boat = defineRecord('boat', { fields: { name: text.line(lengths) } })`
const sources = { 'records.ts': boat, 'lengths.ts': 'export const lengthMax = 40 as const' }

test.each(['vite', 'typescript'])('TypeScript is served with %s beside it', async compiler => {
  const project = projectWith(compiler, [compiler], sources)
  const url = await serve(join(project, 'records.ts')).printed(/corecord serves (http:[^"]+)/)
  const made = await fetch(`${url}/api/records/boat`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Argo' }),
  })
  expect(made.status, await made.text()).toBe(201)
})

// As newer Nodes do it, on whatever Node this is: they read TypeScript themselves, and put `require.resolve` to hooks too.
test('a hook finds corecord’s own names without asking itself, and the source that a name of what is compiled stands for', () => {
  const project = projectWith('hooked', [], sources)
  const script = `
    import nodeModule from 'node:module'
    let hooks
    nodeModule.registerHooks = given => void (hooks = given)
    Object.defineProperty(process.features, 'typescript', { value: 'strip' })
    const { registerTypeScript } = await import('./dist/server/typescript/register.js')
    registerTypeScript()
    const next = name => ({ url: 'asked for ' + name })
    const context = { parentURL: process.argv[1] }
    nodeModule._resolveFilename = name => hooks.resolve(name, context, next).url
    for (const name of ['corecord/shared', './lengths.js', './records.js', 'yjs'])
      console.log(hooks.resolve(name, context, next).url)`
  const parent = pathToFileURL(join(project, 'records.ts')).href
  const done = spawnSync(process.execPath, ['--input-type=module', '--eval', script, parent], {
    cwd: root,
    encoding: 'utf8',
  })
  expect(done.stderr).toBe('')
  expect(done.stdout.trim().split('\n')).toEqual([
    pathToFileURL(join(root, 'dist/shared/index.js')).href,
    `asked for ${new URL('lengths.ts', parent).href}`,
    `asked for ${parent}`,
    'asked for yjs',
  ])
})

test('TypeScript is found in a folder that is called as people call theirs', async () => {
  const project = projectWith('Đorđe’s folder', [], sources)
  const bin = join(project, 'node_modules/typescript/bin')
  mkdirSync(bin, { recursive: true })
  writeFileSync(join(bin, '../package.json'), '{"version":"7.0.0"}')
  const copy = `const all = process.argv
    require('node:fs').copyFileSync(all.at(-1), all[all.indexOf('--outDir') + 1] + '/lengths.js')`
  writeFileSync(join(bin, 'tsc'), copy)
  const compile = await compilerFor(join(project, 'lengths.ts'))
  expect(await compile(sources['lengths.ts'])).toContain('lengthMax = 40')
})

test('without a compiler the sentence says what would do', async () => {
  const nowhere = join(parse(process.cwd()).root, 'nowhere', 'records.ts')
  const readsIt = Number.parseInt(process.versions.node, 10) >= 22
  if (readsIt) expect(await compilerFor(nowhere)).toBeTypeOf('function')
  else await expect(compilerFor(nowhere)).rejects.toThrow(/Node 22\.18 or newer, or install a compiler/)
})

test.each([
  ['RECORDS_NOT_FOUND', 'gone.ts', null, 'there is no file'],
  ['RECORDS_EMPTY', 'empty.mjs', 'export const harbour = "Split"', 'exports no record type'],
  ['RECORDS_FAILED', 'throws.ts', 'const a: string = "no wind"\n\nthrow new Error(a)', 'no wind ('],
  ['RECORDS_FAILED', 'broken.ts', 'const a: = 1', 'broken.ts cannot be loaded'],
  ['RECORDS_FAILED', 'imports.ts', 'import "./not-there.ts"', 'not-there.ts'],
  [
    'RECORDS_TWICE',
    'twice.ts',
    `${boat}\nexport const Ship = defineRecord('boat', { fields: {} })`,
    '«boat»',
  ],
])('%s for %s', async (code, file, text, words) => {
  const files = { ...sources, ...(text === null ? {} : { [file]: text }) }
  const project = projectWith(file, ['typescript'], files)
  const ended = await serve(join(project, file)).ended
  expect(ended.code).toBe(2)
  expect(ended.err).toContain(`${code}: --records: `)
  expect(ended.err).toContain(words)
})
