import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { settings } from '../../server/config.ts'

// No container engine is needed here: the Dockerfile's own steps are carried out in folders that stand for its stages.

const root = fileURLToPath(new URL('../..', import.meta.url))
const stages = mkdtempSync(join(tmpdir(), 'corecord-image-'))
const dockerfile = instructionsOf(readFileSync(join(root, 'server/Dockerfile'), 'utf8'))
let server: ChildProcess | null = null

afterAll(async () => {
  if (server?.exitCode === null) {
    const ended = new Promise(resolve => server?.once('exit', resolve))
    server.kill('SIGTERM')
    await ended
  }
  rmSync(stages, { recursive: true, force: true })
})

test('the image that the Dockerfile describes builds, serves, passes its own health check, mints the README’s token and stops cleanly', async () => {
  const image = buildStages()
  const [entrypoint, cmd, healthcheck] = ['ENTRYPOINT', 'CMD', 'HEALTHCHECK'].map(name => commandOf(name))
  const [node = '', ...args] = [...(entrypoint ?? []), ...(cmd ?? [])].map(inImage)
  const env = environment({ CORECORD_SECRET: 'a'.repeat(64) })
  server = spawn(node, args, { cwd: image, env })
  const printed: string[] = []
  for (const stream of [server.stdout, server.stderr])
    stream?.on('data', chunk => printed.push(String(chunk)))
  const port = await listeningPort(server, printed)

  const [check = '', ...checkArgs] = (healthcheck ?? []).map(arg => arg.replace(':8080', `:${port}`))
  expect(spawnSync(check, checkArgs, { encoding: 'utf8' })).toMatchObject({ status: 0 })

  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  const [, mint = ''] = /^docker compose exec corecord (.+)$/m.exec(readme) ?? []
  const token = spawnSync('sh', ['-c', mint], { cwd: image, env, encoding: 'utf8' }).stdout.trim()
  const headers = { authorization: `Bearer ${token}` }
  expect((await fetch(`http://127.0.0.1:${port}/api/records/ticket`, { headers })).status).toBe(200)

  const ended = new Promise(resolve => server?.once('exit', resolve))
  server.kill('SIGTERM')
  expect(await ended).toBe(0)
}, 400_000)

test('compose sets only what the server reads', () => {
  const compose = readFileSync(join(root, 'docker-compose.yml'), 'utf8')
  const environmentOf = compose.slice(compose.indexOf('environment:'), compose.indexOf('ports:'))
  const named = [...environmentOf.matchAll(/^ +(CORECORD_\w+):/gm)].map(([, name]) => name)
  expect(named.length).toBeGreaterThan(0)
  const known = Object.values(settings).map(({ env }) => env)
  expect(named.filter(name => !known.some(one => one === name))).toEqual([])
})

const composeFiles = ['docker-compose.yml', 'server/template/docker-compose.yml']

test.each(composeFiles)('%s quotes what YAML would take apart', file => {
  const lines = readFileSync(join(root, file), 'utf8').split('\n')
  expect(lines.filter(line => /^ *(?:- )?[\w-]+: +[^'"\s#].*: /.test(line))).toEqual([])
})

const composers = [['docker-compose'], ['docker', 'compose']]
const composer = composers.find(
  ([program = '', ...args]) => spawnSync(program, [...args, 'version']).status === 0,
)
if (composer === undefined)
  console.warn('NO docker compose ON THIS MACHINE: it does not read the compose files here.')

test.skipIf(composer === undefined).each(composeFiles)(
  'docker compose reads %s, and asks for the secret',
  file => {
    const [program = '', ...args] = composer ?? []
    const config = (
      secret: Record<string, string>,
    ): { status: number | null; stdout: string; stderr: string } =>
      spawnSync(program, [...args, '-f', join(root, file), 'config'], {
        env: environment(secret),
        encoding: 'utf8',
      })
    expect(config({ CORECORD_SECRET: 'of-the-test', APP_SECRET: 'of-the-test' })).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('SECRET: of-the-test'),
    })
    const without = config({})
    expect(without.status).not.toBe(0)
    expect(without.stderr).toContain('set it to a long random string')
  },
)

interface Instruction {
  readonly name: string
  readonly rest: string
}

function instructionsOf(text: string): Instruction[] {
  return text
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter(line => line.trim() !== '')
    .map(line => ({ name: line.split(' ')[0] ?? '', rest: line.slice(line.indexOf(' ') + 1).trim() }))
}

/** Carries out COPY in every stage and RUN in all but the last, whose RUN needs the image's users. */
function buildStages(): string {
  const folders = dockerfile
    .filter(({ name }) => name === 'FROM')
    .map(({ rest }) => join(stages, rest.split(' AS ')[1] ?? 'image'))
  let stage = -1
  for (const { name, rest } of dockerfile) {
    if (name === 'FROM') mkdirSync(folders[++stage] ?? '', { recursive: true })
    const folder = folders[stage] ?? ''
    if (name === 'COPY') {
      const [first = '', ...more] = rest.split(/\s+/)
      const from = /^--from=(.+)$/.exec(first)?.[1]
      const paths = from ? more : [first, ...more]
      const to = paths.at(-1) ?? ''
      for (const path of paths.slice(0, -1)) {
        const source = from ? join(stages, from, path.replace('/corecord/', '')) : join(root, path)
        cpSync(source, join(folder, to.endsWith('/') ? join(to, basename(path)) : to), {
          recursive: true,
          verbatimSymlinks: true,
        })
      }
    }
    if (name === 'RUN' && stage < folders.length - 1) {
      const done = spawnSync('sh', ['-c', rest], { cwd: folder, env: environment(), encoding: 'utf8' })
      if (done.status !== 0) throw new Error(`RUN ${rest}\n${done.stdout}${done.stderr}`)
    }
  }
  return folders.at(-1) ?? ''
}

function commandOf(name: string): string[] {
  const { rest = '' } = dockerfile.findLast(instruction => instruction.name === name) ?? {}
  return JSON.parse(rest.slice(rest.indexOf('[')))
}

/** The image's paths and ports, as this machine can give them. */
function inImage(arg: string): string {
  return arg === '/data' ? join(stages, 'data') : arg === '8080' ? '0' : arg === '0.0.0.0' ? '127.0.0.1' : arg
}

/** What npm and vitest told this process is not true of a container. */
function environment(more: Record<string, string> = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|INIT_CWD|VITEST|NODE_ENV|CORECORD_)/.test(name),
  )
  return { ...Object.fromEntries(kept), ...more }
}

async function listeningPort(process: ChildProcess, printed: string[]): Promise<string> {
  const ended = new Promise<never>((_, reject) => {
    process.once('exit', code => reject(new Error(`The server ended with ${code}:\n${printed.join('')}`)))
  })
  const said = new Promise<string>(resolve => {
    process.stdout?.on('data', () => {
      const port = /http:\/\/127\.0\.0\.1:(\d+)/.exec(printed.join(''))?.[1]
      if (port) resolve(port)
    })
  })
  return Promise.race([said, ended])
}
