import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { settings } from '../../server/config.ts'
import { LevelStore } from '../../server/store/level-store.ts'
import { runCorecord, spawnCorecord } from '../cli-process.ts'
import { MadeApp } from './made-app.ts'

let app: MadeApp

beforeAll(() => {
  app = new MadeApp()
}, 600_000)

afterAll(() => app.close())

const read = (file: string): string => readFileSync(join(app.folder, file), 'utf8')

test('says what it made and how to start it', () => {
  expect(app.printed).toContain('Start it: cd my-app && npm start')
  for (const line of app.printed.split('\n').filter(one => one.startsWith('  '))) {
    expect(existsSync(join(app.folder, line.trim())), line).toBe(true)
  }
  expect(read('.gitignore')).toContain('node_modules')
  expect(JSON.parse(read('package.json')).name).toBe('my-app')
})

test('the types of the app hold', () => {
  app.run('npm', ['run', 'check'])
}, 600_000)

test('the tests of the app pass', () => {
  expect(app.run('npm', ['test'])).toMatch(/Tests.*2 passed/)
}, 600_000)

test('the app says in one line that its port is taken', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  try {
    expect(() => app.run('npm', ['run', 'serve', '--', '--port', String(port)])).toThrow(
      `Port ${port} is in use. Choose another: npm start -- --port 3001\n`,
    )
  } finally {
    other.close()
  }
})

test('what the environment gives the app empty is not given: no port by chance, and no secret of nothing', async () => {
  const other = createServer().listen(3000, '127.0.0.1')
  // Whoever has it, it is taken.
  await Promise.race([once(other, 'listening'), new Promise(resolve => other.once('error', resolve))])
  for (const name of ['PORT', 'HOST', 'DATA', 'APP_SECRET']) vi.stubEnv(name, '')
  try {
    expect(() => app.run('npm', ['run', 'serve'])).toThrow('Port 3000 is in use.')
    vi.stubEnv('HOST', '0.0.0.0')
    expect(() => app.run('npm', ['run', 'serve'])).toThrow('Set APP_SECRET to a long random string')
  } finally {
    vi.unstubAllEnvs()
    other.close()
  }
})

test('the app says in one line that its port is none', () => {
  vi.stubEnv('PORT', 'abc')
  try {
    expect(() => app.run('npm', ['run', 'serve'])).toThrow(
      '«abc» is no port: it is a number from 0 to 65535, 0 for any free one.\n',
    )
  } finally {
    vi.unstubAllEnvs()
  }
})

test('the app says in one line that it runs already', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'corecord-init-'))
  const store = new LevelStore({ folder })
  await store.open()
  vi.stubEnv('PORT', '0')
  vi.stubEnv('DATA', folder)
  try {
    expect(() => app.run('npm', ['run', 'serve'])).toThrow(
      `${folder} is in use: this app runs already. Stop it first.\n`,
    )
  } finally {
    vi.unstubAllEnvs()
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  }
})

test('the app says in one line why its data cannot be opened', () => {
  vi.stubEnv('PORT', '0')
  vi.stubEnv('DATA', join(app.folder, 'package.json'))
  try {
    expect(() => app.run('npm', ['run', 'serve'])).toThrow(
      /\nThe folder \S+package\.json cannot be made: [^\n]+\n$/,
    )
  } finally {
    vi.unstubAllEnvs()
  }
})

test('what the app asks npm for is what it was tried with', () => {
  const ours: Manifest = JSON.parse(readFileSync('package.json', 'utf8'))
  const theirs: Manifest = JSON.parse(read('package.json'))
  const tried = { ...ours.dependencies, ...ours.devDependencies }
  const asked = { ...theirs.dependencies, ...theirs.devDependencies }
  expect(asked['corecord']).toBe(`^${ours.version}`)
  const different = Object.entries(asked).filter(
    ([name, range]) => name !== 'corecord' && tried[name] !== range,
  )
  expect(different).toEqual([])
  expect(theirs.engines).toEqual(ours.engines)
})

test('the compose file of the app sets what the app reads', () => {
  const named = [...read('docker-compose.yml').matchAll(/^ {6}(\w+): '\$/gm)].map(([, name]) => name)
  expect(named).toEqual(['APP_SECRET'])
  expect(read('main.ts')).toContain('APP_SECRET')
  expect(Object.values(settings).some(({ env }) => env === 'APP_SECRET')).toBe(false)
})

test('a folder that holds something is left alone', async () => {
  const { code, err } = await runCorecord(['init', app.folder])
  expect(code).toBe(2)
  expect(err).toContain('is not empty')
})

test('an app made from the tree carries corecord packed, and links to nothing outside', async () => {
  const folder = join(app.folder, '../from-the-tree')
  const { code, err } = await spawnCorecord(['init', folder], { HOME: app.folder }).ended
  expect(code, err).toBe(0)
  const { dependencies }: Manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  expect(dependencies['corecord']).toMatch(/^file:corecord-[\d.]+\.tgz$/)
  expect(existsSync(join(folder, dependencies['corecord']?.slice('file:'.length) ?? ''))).toBe(true)
}, 240_000)

test('an app made by a command that was installed for everybody, from a file, carries it', async () => {
  const place = join(app.folder, '../everybody')
  const modules = join(place, 'node_modules')
  // As `npm install -g` leaves it: nothing beside it says where it came from.
  cpSync(join(app.folder, 'node_modules/corecord'), join(modules, 'corecord'), {
    recursive: true,
    dereference: true,
  })
  for (const name of readdirSync(join(app.folder, 'node_modules')).filter(
    one => !one.startsWith('.') && one !== 'corecord',
  ))
    symlinkSync(join(app.folder, 'node_modules', name), join(modules, name))
  const command = join(modules, 'corecord/dist/server/main.js')
  const env = { PATH: process.env['PATH'] ?? '', HOME: place, npm_config_registry: 'http://127.0.0.1:9' }
  const made = spawnSync(process.execPath, [command, 'init', join(place, 'the app')], {
    env,
    encoding: 'utf8',
  })
  expect(made.status, made.stderr).toBe(0)
  expect(made.stdout).toContain('cd "')
  const { dependencies }: Manifest = JSON.parse(readFileSync(join(place, 'the app/package.json'), 'utf8'))
  expect(dependencies['corecord']).toMatch(/^file:corecord-[\d.]+\.tgz$/)
}, 240_000)

interface Manifest {
  readonly version: string
  readonly engines: object
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}
