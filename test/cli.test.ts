import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createServer, request } from 'node:http'
import { type AddressInfo, connect as connectTcp, createServer as createTcpServer } from 'node:net'
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Level } from 'level'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { limitNames } from '../server/access/limits.ts'
import { readConfig, type Setting, settingNames, settings, unknownVariables } from '../server/config.ts'
import { readServingNote } from '../server/operate/serving-note.ts'
import { LevelStore } from '../server/store/level-store.ts'
import { openRecord, Ticket } from '../shared/index.ts'
import { assertOk } from '../server/cli/remote-operations.ts'
import { readableLine } from '../server/cli/readable-log.ts'
import { buildProgram, root, runCorecord, type Running, spawnCorecord } from './cli-process.ts'
import { secret, startServer, type TestServer, tokenFor } from './operations-server.ts'
import { until } from './wire/wire-server.ts'
import { endProvider, stockProvider } from './wire/stock-provider.ts'

const folders: string[] = []
const running: Running[] = []

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'corecord-cli-'))
  folders.push(folder)
  return folder
}

async function serve(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Running & { url: string }> {
  const started = spawnCorecord(['serve', '--port', '0', '--app', 'none', ...args], env)
  running.push(started)
  return { ...started, url: await started.printed(/"url":"(http:[^"]+)"/) }
}

async function stop(server: Running): Promise<number | null> {
  server.child.kill('SIGTERM')
  return (await server.ended).code
}

afterEach(async () => {
  for (const each of running.splice(0)) {
    each.child.kill('SIGKILL')
    await each.ended
  }
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
})

describe('the settings', () => {
  it('are taken from the flag, then from the variable, then from the default', () => {
    const portOf = (flags: Record<string, unknown>, env: Record<string, string>) => {
      const result = readConfig(flags, env)
      return result.ok ? result.config.port : result.problems
    }
    expect(portOf({ port: '1' }, { CORECORD_PORT: '2' })).toBe(1)
    expect(portOf({}, { CORECORD_PORT: '2' })).toBe(2)
    expect(portOf({}, { CORECORD_PORT: '' })).toBe(8080)
    // As Kubernetes gives it to whatever runs beside a service named corecord.
    expect(portOf({}, { CORECORD_PORT: 'tcp://10.0.0.1:8080' })).toBe(8080)
    expect(portOf({ port: 'tcp://10.0.0.1:8080' }, {})).toHaveLength(1)
    expect(portOf({}, {})).toBe(8080)
  })

  it('that are wrong are all named at once, by where they were given, and no secret is repeated', () => {
    const result = readConfig(
      { port: '99999', corsOrigin: 'https://a.example/' },
      { CORECORD_LIMITS: 'nothing=1', CORECORD_SMTP: 'http://me:hush@mail' },
    )
    const problems = result.ok ? [] : result.problems
    expect(problems).toHaveLength(4)
    expect(problems.join('\n')).toMatch(/--port .*\n--cors-origin .*\nCORECORD_LIMITS .*\nCORECORD_SMTP /)
    expect(problems.join('\n')).not.toContain('hush')
  })

  it('are no setting at all where a flag is empty, as of a shell variable that is not set', () => {
    const result = readConfig({ host: '', data: '', issuer: '' }, { CORECORD_AUDIENCE: '' })
    expect(result.ok ? [] : result.problems.map(problem => problem.split(' ')[0])).toEqual([
      '--host',
      '--data',
      '--issuer',
    ])
  })

  it('of which a variable has a letter amiss are told of', () => {
    const kubernetes = { CORECORD_SERVICE_HOST: '10.0.0.1', CORECORD_PORT_8080_TCP: 'tcp://10.0.0.1:8080' }
    const ours = { CORECORD_DATA: './data', CORECORD_TOKEN: 'ey', PATH: '/bin' }
    expect(unknownVariables({ ...kubernetes, ...ours, CORECORD_DAAT: './data' })).toEqual(['CORECORD_DAAT'])
  })

  it('each have one flag, one variable and a word of help', () => {
    const flags = settingNames.map(name => settings[name].flag)
    const variables = settingNames.map(name => settings[name].env)
    expect(new Set(flags).size).toBe(flags.length)
    expect(new Set(variables).size).toBe(variables.length)
    for (const name of settingNames) {
      const { env, about }: Setting<unknown> = settings[name]
      expect(env).toMatch(/^CORECORD_[A-Z_]+$/)
      expect(about.length).toBeGreaterThan(10)
    }
  })

  it('may lift or set every limit', () => {
    for (const name of limitNames) {
      const result = readConfig({ limits: `none,${name}=7` }, {})
      expect(result.ok && result.config.limits[name], name).toBe(7)
    }
  })
})

describe('the command line', () => {
  it('shows what there is, with examples and exit codes', async () => {
    const { code, out } = await runCorecord(['--help'])
    expect(code).toBe(0)
    for (const command of [
      'revoke',
      'serve',
      'token',
      'inspect',
      'export',
      'import',
      'backup',
      'restore',
      'compact',
      'verify',
      'doctor',
    ]) {
      expect(out).toMatch(new RegExp(`^  ${command} `, 'm'))
      expect((await runCorecord([command, '--help'])).code).toBe(0)
    }
    expect(out).toContain('Exit codes:')
    expect((await runCorecord(['serve', '--help'])).out).toContain('CORECORD_TRUST_PROXY')
    expect((await runCorecord(['--version'])).out).toMatch(/^\d+\.\d+\.\d+/)
  })

  it.each([
    [['fly']],
    [['fly', '--help']],
    [['webhook', 'fly', '--help']],
    [['serve', '--wings']],
    [['serve', '--anonymous', '--port', 'x']],
    [['serve', '--anonymous', '--records', 'no-such-file.js']],
    [['serve', '--secret', 'a', '--secret-file', 'b']],
    [['serve', '--secret-file', '/dev/null']],
    [['serve', '--public-key', '/dev/null']],
    [['serve', '--anonymous', '--app', 'no-such-folder']],
    [['serve', '--anonymous', '--vapid-public-key', 'abc', '--vapid-private-key', 'def']],
    [['serve', '--anonymous', '--vapid-subject', 'ops@example.com']],
    [['serve']],
    [['token', 'ana']],
    [['token', 'ana', '--secret-file', '/dev/null']],
    [['token', 'ana', '--secret-file', 'no-such-file']],
    [['token', 'ana', '--secret', secret, '--expires', 'soon']],
    [['token', 'ana', '--secret', secret, '--claim', 'nothing']],
    [['init', 'package.json']],
    [['init', 'no-such-folder', '--corecord', './no-such-file.tgz']],
    [['inspect']],
    [['verify', '--data', 'no-such-folder']],
    [['verify', '--url', 'http://localhost:1']],
    [['restore', 'no-such-file.tar']],
    [['doctor', 'desk.example.com']],
  ])('ends %j with 2 and a sentence', async args => {
    const { code, out, err } = await runCorecord(args)
    expect(code).toBe(2)
    expect(out + err).toMatch(/\S/)
    expect(out + err).not.toMatch(/^\s+at /m)
  })

  it('mints tokens that the server takes', async () => {
    const args = [
      'token',
      'ana',
      '--name',
      'Ana Anić',
      '--role',
      'dispatcher',
      '--role',
      'manager',
      '--claim',
      'staff=42',
      '--json',
    ]
    const { code, out } = await runCorecord(args, { CORECORD_SECRET: secret })
    expect(code).toBe(0)
    const { token } = JSON.parse(out) as { token: string }
    const { server, close } = await startServer()
    try {
      expect(await server.access.authenticator.token(token)).toMatchObject({
        ok: true,
        principal: { id: 'ana', name: 'Ana Anić', roles: ['dispatcher', 'manager'], claims: { staff: 42 } },
      })
    } finally {
      await close()
    }
  })
})

/** A program that gives the server no logger. */
const ownProgram = `
import { createServer } from ${JSON.stringify(pathToFileURL(join(root, 'dist/server/index.js')))}
const { CORECORD_DATA, CORECORD_SECRET } = process.env
const server = createServer({ records: [], dataFolder: CORECORD_DATA, port: 0, secret: CORECORD_SECRET })
await server.start()
process.once('SIGTERM', () => void server.close())
`

describe('corecord as a process', () => {
  beforeAll(buildProgram, 300_000)

  async function writeTicket(url: string): Promise<void> {
    const doc = new Y.Doc()
    const provider = stockProvider(url, 'ticket:4711', await tokenFor('ana', { roles: ['dispatcher'] }), doc)
    await until(() => provider.synced, 'the ticket is synced')
    openRecord(Ticket, doc, { author: 'ana' }).set({ title: 'The door is stuck' })
    const accepted = async () => /edits_accepted_total 1/.test(await (await fetch(`${url}/metrics`)).text())
    while (!(await accepted())) await new Promise(resolve => setImmediate(resolve))
    endProvider(provider)
  }

  it('serves until it is told to stop, and ends with 0', async () => {
    const server = await serve(['--data', await newFolder()], { CORECORD_SECRET: secret })
    expect(await (await fetch(`${server.url}/healthz`)).json()).toMatchObject({ status: 'ok' })
    expect(await stop(server)).toBe(0)
    const log = (await server.ended).out
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as { msg: string })
    expect(log.at(-1)).toMatchObject({ msg: 'stopped', isClean: true })
  })

  it.runIf(process.platform === 'linux')(
    'serves, and writes to the disk, before it compiles: V8’s own threads alone give way',
    async () => {
      const env = { CORECORD_SECRET: secret, UV_THREADPOOL_SIZE: '7' }
      const server = await serve(['--data', await newFolder()], env)
      await writeTicket(server.url)
      const tasks = `/proc/${server.child.pid}/task`
      const priorityOf = async (thread: string): Promise<number> => {
        const stat = await readFile(`${tasks}/${thread}/stat`, 'utf8')
        return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16])
      }
      const priorities = await Promise.all((await readdir(tasks)).map(priorityOf))
      const served = await priorityOf(`${server.child.pid}`)
      expect(priorities.filter(priority => priority === served).length).toBeGreaterThanOrEqual(1 + 7)
      expect(priorities.filter(priority => priority === 19).length).toBeGreaterThanOrEqual(2)
    },
  )

  it('stops as it should also where it is told so again meanwhile', async () => {
    const data = await newFolder()
    const server = await serve(['--data', data, '--drain-seconds', '60'], { CORECORD_SECRET: secret })
    const token = await tokenFor('ana', { roles: ['dispatcher'] })
    // A request that is under way keeps it from its end until then.
    const body = JSON.stringify({ title: 'The door is stuck' })
    const asked = request(new URL('/api/records/ticket', server.url), {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'content-length': body.length,
      },
    })
    const ended = new Promise<void>(resolve => {
      asked
        .on('response', answer => answer.resume())
        .on('error', () => {})
        .on('close', resolve)
    })
    asked.write(body.slice(0, 5))
    // It was taken before the next was answered.
    await fetch(`${server.url}/healthz`)
    for (const signal of ['SIGTERM', 'SIGTERM', 'SIGHUP', 'SIGHUP'] as const) {
      server.child.kill(signal)
      await server.printed(/"msg":"stopping"/)
    }
    asked.end(body.slice(5))
    await ended
    const { code, out } = await server.ended
    expect([code, out]).toEqual([0, expect.stringMatching(/"isClean":true,"msg":"stopped"/)])
  })

  it('serves on when nobody reads its log any more, and stops as it should', async () => {
    const data = await newFolder()
    const args = ['--data', data, '--log-level', 'debug']
    const server = await serve(args, { CORECORD_SECRET: secret })
    server.child.stdout?.destroy()
    server.child.stderr?.destroy()
    // A line of the log each.
    for (let i = 0; i < 3; i++) expect((await fetch(`${server.url}/readyz`)).status).toBe(200)
    await writeTicket(server.url)
    expect(await stop(server)).toBe(0)
    expect(await readServingNote(data)).toBeNull()
  })

  // A device on which every write finds the disk full.
  it.skipIf(!existsSync('/dev/full')).each([
    ['of the command', [join(root, 'dist/server/main.js'), 'serve', '--port', '0', '--app', 'none']],
    ['of a program of one’s own', ['--input-type=module', '--eval', ownProgram]],
  ])('the server %s serves on when there is no room for its log', async (_whose, args) => {
    const data = await newFolder()
    const env = {
      PATH: process.env.PATH ?? '',
      CORECORD_DATA: data,
      CORECORD_SECRET: 'short, which is warned of',
    }
    const shell = ['-c', 'exec "$0" "$@" > /dev/full', process.execPath, ...args]
    const child = spawn('sh', shell, { env, stdio: 'ignore' })
    const ended = new Promise(resolve => child.on('close', resolve))
    try {
      await expect.poll(() => readServingNote(data), { timeout: 60_000 }).not.toBeNull()
      const note = await readServingNote(data)
      for (let i = 0; i < 3; i++) expect((await fetch(`${note?.url}/readyz`)).status).toBe(200)
      child.kill('SIGTERM')
      expect(await ended).toBe(0)
    } finally {
      child.kill('SIGKILL')
      await ended
    }
  })

  it('refuses a data folder that another process has open, with 3, and a port in use, with 1', async () => {
    const data = await newFolder()
    const server = await serve(['--data', data], { CORECORD_SECRET: secret })
    const again = spawnCorecord(['serve', '--anonymous', '--port', '0', '--data', data])
    const locked = await again.ended
    expect(locked.code).toBe(3)
    // Among lines of JSON it is one.
    expect(JSON.parse(locked.err)).toMatchObject({
      level: 60,
      exitCode: 3,
      msg: expect.stringContaining('another data folder'),
    })
    const port = new URL(server.url).port
    const other = spawnCorecord(['serve', '--anonymous', '--port', port, '--data', await newFolder()])
    expect(await other.ended).toMatchObject({
      code: 1,
      err: expect.stringContaining(`Port ${port} is in use`),
    })
    expect(await stop(server)).toBe(0)
  })

  it('waits for a command that has the data open, and serves them then, or ends when it is told to', async () => {
    const data = await newFolder()
    // As a backup or `verify` has them that came before the next start after a crash.
    const command = new LevelStore({ folder: data })
    await command.open()
    const waits = /waiting for its end/
    const [server, other] = [0, 1].map(() => {
      const started = spawnCorecord(['serve', '--anonymous', '--port', '0', '--app', 'none', '--data', data])
      running.push(started)
      return started
    })
    await other?.printed(waits)
    other?.child.kill('SIGTERM')
    expect((await other?.ended)?.code).toBe(0)
    await server?.printed(waits)
    await command.close()
    const url = await server?.printed(/"url":"(http:[^"]+)"/)
    expect((await fetch(`${url}/readyz`)).status).toBe(200)
    server?.child.kill('SIGTERM')
    expect((await server?.ended)?.code).toBe(0)
  })

  it('waits for a clock that is not set, and serves then, or ends when it is told to', async () => {
    const folder = await newFolder()
    // As of a machine that has none of its own, until the network tells it the time.
    const isSet = join(folder, 'is-set')
    const clock = join(folder, 'clock.mjs')
    await writeFile(
      clock,
      `import { existsSync } from 'node:fs'
       const { now } = Date
       const began = now()
       Date.now = () => now() - (existsSync(${JSON.stringify(isSet)}) ? 0 : began)`,
    )
    const env = { NODE_OPTIONS: `--import ${pathToFileURL(clock).href}` }
    const waits = /the clock of this machine is not set: waiting until it is/
    const [server, other] = ['data', 'other'].map(data => {
      const args = ['serve', '--demo', '10', '--port', '0', '--app', 'none', '--data', join(folder, data)]
      const started = spawnCorecord(args, env)
      running.push(started)
      return started
    })
    await other?.printed(waits)
    other?.child.kill('SIGTERM')
    expect(await other?.ended).toMatchObject({ code: 0, out: expect.not.stringContaining('serves') })
    await server?.printed(waits)
    await writeFile(isSet, '')
    const url = await server?.printed(/"url":"(http:[^"]+)"/)
    expect((await fetch(`${url}/readyz`)).status).toBe(200)
    server?.child.kill('SIGTERM')
    expect((await server?.ended)?.code).toBe(0)
  })

  it('says so where the system lets it open too few files, with 5', async () => {
    const data = await newFolder()
    // How many it takes to load the program, and who meets the limit first, differs from Node to Node.
    const command = 'ulimit -n 24 && exec "$0" "$@"'
    const serve = ['serve', '--anonymous', '--port', '0', '--app', 'none', '--data', data]
    const program = join(root, 'dist/server/main.js')
    const ended = spawnSync('sh', ['-c', command, process.execPath, program, ...serve], { encoding: 'utf8' })
    expect(ended.status).toBe(5)
    expect(ended.stdout + ended.stderr).toMatch(/too (few files be open|many open files).*ulimit -n/i)
  })

  it('says that it cannot listen on an address that this machine has not', async () => {
    const data = await newFolder()
    for (const host of ['192.0.2.1', 'nobody.invalid']) {
      const { code, err } = await spawnCorecord(['serve', '--anonymous', '--host', host, '--data', data])
        .ended
      expect(code).toBe(1)
      expect(err).toMatch(new RegExp(`^.*${host}.* Listen on 127\\.0\\.0\\.1 for this machine alone`))
      expect(err).not.toMatch(/^\s+at /m)
    }
  })

  it('says that a file cannot be written where its folder is not', async () => {
    const data = await newFolder()
    const server = await serve(['--data', data], { CORECORD_SECRET: secret })
    const file = join(data, 'no-such-folder/monday.tar')
    expect(await runCorecord(['backup', file, '--data', data])).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^\S+monday\.tar cannot be written: ENOENT.*Name a place/),
    })
    expect(await stop(server)).toBe(0)
  })

  it('makes room for a backup of what killed ones left beside it, and of nothing else', async () => {
    const folder = await newFolder()
    const data = join(folder, 'data')
    await stop(await serve(['--data', data], { CORECORD_SECRET: secret }))
    const begun = `corecord.json\0${'x'.repeat(999)}`
    const [long, now] = [new Date(Date.now() - 86_400_000), new Date()]
    const files = [
      ['sunday.tar.part', begun, long],
      ['of-one-that-runs.tar.part', begun, now],
      ['of-another-program.part', 'somebody’s download', long],
      ['saturday.tar', begun, long],
    ] as const
    for (const [name, content, at] of files) {
      await writeFile(join(folder, name), content)
      await utimes(join(folder, name), at, at)
    }
    // What cannot be looked into is somebody else's, and no reason to have no backup.
    await mkdir(join(folder, 'photos.part'))
    await utimes(join(folder, 'photos.part'), long, long)
    expect((await runCorecord(['backup', join(folder, 'monday.tar'), '--data', data])).code).toBe(0)
    const left = files.map(([name]) => name).filter(name => name !== 'sunday.tar.part')
    expect((await readdir(folder)).sort()).toEqual(['data', 'monday.tar', 'photos.part', ...left].sort())
  })

  // Where /proc is: a folder whose parent is there and says of what is made in it that it is not.
  it.runIf(process.platform === 'linux')(
    'says which folder cannot be made for the data, and ends',
    async () => {
      const file = join(await newFolder(), 'a-file')
      await writeFile(file, '')
      for (const data of ['/proc/data', file, join(file, 'data')])
        for (const args of [
          ['serve', '--anonymous', '--port', '0'],
          ['serve', '--demo', '5', '--port', '0'],
        ]) {
          const { code, err } = await spawnCorecord([...args, '--data', data]).ended
          expect([code, err]).toEqual([1, expect.stringContaining(`The folder ${data} cannot be made: E`)])
          expect(err).not.toMatch(/^\s+at /m)
        }
    },
  )

  it('does the same through a running server and without one: inspect, export, verify, compact, backup, restore', async () => {
    const data = await newFolder()
    const server = await serve(['--data', data], { CORECORD_SECRET: secret })
    await writeTicket(server.url)
    const through = await allOperations(data)
    const asAdmin = ['--url', server.url, '--token', await tokenFor('ops', { roles: ['admin'] })]
    expect((await runCorecord(['inspect', 'ticket:4711', '--json', ...asAdmin])).code).toBe(0)
    const asAna = ['--url', server.url, '--token', await tokenFor('ana', { roles: ['dispatcher'] })]
    expect(await runCorecord(['export', ...asAna])).toMatchObject({
      code: 1,
      err: expect.stringContaining('403, FORBIDDEN'),
    })
    expect(await stop(server)).toBe(0)
    const without = await allOperations(data)
    expect(without).toEqual(through)
    expect(through.exported).toContain('The door is stuck')
  })

  async function allOperations(data: string) {
    const at = ['--data', data]
    const folder = await newFolder()
    const [lines, exact, backup] = [
      join(folder, 'a.jsonl'),
      join(folder, 'a.corecord'),
      join(folder, 'a.tar'),
    ]
    const codes: (number | null)[] = []
    const run = async (...args: string[]) => {
      const ended = await runCorecord(args)
      codes.push(ended.code)
      return ended
    }
    const inspecting = await run('inspect', 'ticket:4711', '--json', ...at)
    expect(inspecting).toMatchObject({ code: 0, err: '' })
    const inspected = JSON.parse(inspecting.out) as { people: unknown }
    await run('inspect', 'ticket:nothing', ...at)
    await run('compact', '--json', ...at)
    await run('export', lines, ...at)
    await run('export', '--exact', exact, ...at)
    const { err } = await run('export', '--type', 'tickt', ...at)
    expect(err).toContain('There is no record type «tickt»')
    await run('verify', '--events', ...at)
    await run('backup', backup, ...at)
    await run('backup', backup, ...at)
    const restored = join(folder, 'restored')
    await run('restore', backup, '--data', restored)
    await run('restore', backup, '--data', restored)
    await run('import', exact, '--data', restored)
    const shown = await run('inspect', 'ticket:4711', '--data', restored)
    expect(shown.out).toContain('title = "The door is stuck"')
    expect(codes).toEqual([0, 1, 0, 0, 0, 1, 0, 0, 2, 0, 1, 0, 0])
    return { people: inspected.people, exported: await readFile(lines, 'utf8') }
  }

  // A limit on the size of a file is the nearest to a full disk that one can have without being root.
  it.skipIf(!existsSync('/usr/bin/prlimit'))(
    'says what to do where a disk has no room for what is brought to it',
    async () => {
      const data = await newFolder()
      const server = await serve(['--data', data], { CORECORD_SECRET: secret })
      await writeTicket(server.url)
      expect(await stop(server)).toBe(0)
      const [exact, backup] = [join(data, 'a.corecord'), join(data, 'a.tar')]
      await runCorecord(['export', '--exact', exact, '--data', data])
      await runCorecord(['backup', backup, '--data', data])
      const limited = (...args: string[]) =>
        spawnSync(
          '/usr/bin/prlimit',
          ['--fsize=1000', process.execPath, join(root, 'dist/server/main.js'), ...args],
          { encoding: 'utf8' },
        )
      const restored = join(data, 'restored')
      const restoring = limited('restore', backup, '--data', restored)
      expect(restoring.stderr).toMatch(
        /^The backup cannot be restored into \S+restored: .*restore again\.\n$/,
      )
      expect([restoring.status, existsSync(restored)]).toEqual([1, false])
      const importing = limited('import', exact, '--data', restored)
      expect(importing.stderr).toMatch(/^The data cannot be written to disk .* free space[^\n]*\n$/m)
      expect(importing.stderr).not.toMatch(/^\s+at |tried again by itself/m)
      expect(importing.status).toBe(1)
    },
  )

  it('says of which records an export shows bytes, because nobody named the file of their types', async () => {
    const folder = await newFolder()
    const records = join(folder, 'records.mjs')
    const shared = JSON.stringify(join(root, 'dist/shared/index.js'))
    await writeFile(
      records,
      `import { defineRecord, text } from ${shared}\n` +
        "export const Job = defineRecord('job', { fields: { title: text.line() } })",
    )
    const data = join(folder, 'data')
    const server = await serve(['--data', data, '--records', records], { CORECORD_SECRET: secret })
    const answer = await fetch(`${server.url}/api/records/job`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await tokenFor('ana')}`, 'content-type': 'application/json' },
      body: JSON.stringify({ id: '1', title: 'Paint' }),
    })
    expect(answer.status).toBe(201)
    expect(await stop(server)).toBe(0)
    const blind = await runCorecord(['export', '--data', data])
    expect(blind).toMatchObject({ code: 0, err: expect.stringMatching(/^Records of job .* --records/) })
    const named = await runCorecord(['export', '-', '--data', data, '--records', records])
    expect(named).toMatchObject({ code: 0, err: '', out: expect.stringContaining('"title":"Paint"') })
    const reindexed = await runCorecord(['reindex', '--data', data])
    expect(reindexed).toMatchObject({ code: 0, out: expect.stringContaining('records of job; --records') })
    const elsewhere = await runCorecord(['backup', join(folder, 'a.tar'), '--data', folder])
    expect(elsewhere).toMatchObject({ code: 2, err: expect.stringContaining('no data of corecord in') })
  })

  it('revokes a person through the server, at once, and for good', async () => {
    const data = await newFolder()
    const server = await serve(['--data', data], { CORECORD_SECRET: secret })
    const authorization = `Bearer ${await tokenFor('ops', { roles: ['admin'] })}`
    const asOps = async (url: string) =>
      (await fetch(`${url}/api/admin/inspect?room=ticket:none`, { headers: { authorization } })).status
    expect(await asOps(server.url)).toBe(404)
    expect((await runCorecord(['revoke', '--data', data])).code).toBe(2)
    expect((await runCorecord(['revoke', '--person', 'ops', '--data', data])).code).toBe(0)
    expect(await asOps(server.url)).toBe(401)
    expect(await stop(server)).toBe(0)
    const again = await serve(['--data', data], { CORECORD_SECRET: secret })
    expect(await asOps(again.url)).toBe(401)
    expect(await stop(again)).toBe(0)
  })

  it('names what is damaged with 1, and serves the rest', async () => {
    const data = await newFolder()
    const server = await serve(['--data', data], { CORECORD_SECRET: secret })
    await writeTicket(server.url)
    expect(await stop(server)).toBe(0)
    await damage(join(data, 'db'), 'ticket:4711')
    const verified = await runCorecord(['verify', '--json', '--data', data])
    expect(verified.code).toBe(1)
    expect(verified.out).toContain('ticket:4711')
    const again = await serve(['--data', data], { CORECORD_SECRET: secret })
    expect((await fetch(`${again.url}/readyz`)).status).toBe(200)
    expect(await stop(again)).toBe(0)
  })

  /** One flipped bit in everything that is stored of a room's content. */
  async function damage(location: string, room: string): Promise<void> {
    const db = new Level<string, Uint8Array>(location, { keyEncoding: 'utf8', valueEncoding: 'view' })
    for (const [key, value] of await db.iterator().all()) {
      if (!key.includes(room) || value.byteLength === 0) continue
      const flipped = Uint8Array.from(value)
      flipped[flipped.length - 1] = (flipped.at(-1) ?? 0) ^ 1
      await db.put(key, flipped)
    }
    await db.close()
  }

  it('stops writing without a word when its reader has seen enough', async () => {
    const data = await newFolder()
    const server = await serve(['--data', data], { CORECORD_SECRET: secret })
    await writeTicket(server.url)
    const exporting = spawnCorecord(['export', '--data', data])
    exporting.child.stdout?.destroy()
    const { code, err } = await exporting.ended
    expect([code, err]).toEqual([0, ''])
    await stop(server)
  })

  // A device on which every write finds the disk full.
  it.skipIf(!existsSync('/dev/full'))('says so where its output has no room', () => {
    const program = join(root, 'dist/server/main.js')
    const shell = ['-c', 'exec "$0" "$1" --version > /dev/full', process.execPath, program]
    const { status, stderr } = spawnSync('sh', shell, { encoding: 'utf8' })
    expect(stderr).toMatch(/^The output cannot be written.*ENOSPC[^\n]*\n$/)
    expect(status).toBe(1)
  })
})

describe('corecord doctor', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startServer({ corsOrigins: ['https://app.example'] })
  })
  afterAll(() => server.close())

  const doctor = async (url: string, ...args: string[]) => {
    const { code, out } = await runCorecord(['doctor', url, '--json', ...args])
    const report = JSON.parse(out) as {
      checks: { name: string; state: string; found: string; advice: string }[]
    }
    return { code, of: (name: string) => report.checks.find(check => check.name === name) }
  }

  it('finds nothing wrong with a server that is well', async () => {
    const { code, of } = await doctor(server.server.url, '--token', await tokenFor('ana'), '--hold', '1')
    expect(code).toBe(0)
    for (const name of [
      'reachable',
      'ready',
      'token',
      'socket',
      'clock',
      'y-websocket',
      'bodies',
      'events',
      'quiet',
    ])
      expect([name, of(name)?.state]).toEqual([name, 'good'])
    expect((await doctor(server.server.url)).code).toBe(0)
  })

  it('tells a token that has expired or is of another key', async () => {
    const expired = await tokenFor('ana', { lifetimeSeconds: -3_600 })
    expect(
      await doctor(server.server.url, '--token', expired).then(seen => [seen.code, seen.of('token')?.state]),
    ).toEqual([1, 'bad'])
    const cut = (await tokenFor('ana')).slice(0, -3)
    const foreign = await doctor(server.server.url, '--token', cut, '--hold', '60')
    expect([foreign.code, foreign.of('socket')?.advice]).toEqual([1, expect.stringContaining('another key')])
    expect(foreign.of('quiet')?.found).toContain('not looked at')
  })

  it('tells a page’s origin that is not allowed', async () => {
    const token = ['--token', await tokenFor('ana')]
    const evil = await doctor(server.server.url, '--origin', 'https://evil.example', ...token)
    expect([evil.code, evil.of('origin')?.state, evil.of('socket')?.state]).toEqual([1, 'bad', 'bad'])
    expect(evil.of('origin')?.advice).toContain('--cors-origin https://evil.example')
    expect((await doctor(server.server.url, '--origin', 'https://app.example', ...token)).code).toBe(0)
  })

  it('tells a server that is not there, with 4, and one that is something else, with 1', async () => {
    const other = createServer((_request, response) => response.end('<h1>It works!</h1>'))
    await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve))
    // A listening TCP server's address is always of this form.
    const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`
    const seen = await doctor(url)
    expect([seen.code, seen.of('corecord')?.found]).toEqual([1, expect.stringContaining('something else')])
    await new Promise(resolve => {
      other.close(resolve)
      other.closeAllConnections()
    })
    const gone = await doctor(url)
    expect([gone.code, gone.of('reachable')?.advice]).toEqual([4, expect.stringContaining('Nothing listens')])
  })

  it('tells a proxy that does not pass WebSockets', async () => {
    const proxy = createServer(async (request, response) => {
      const answer = await fetch(new URL(request.url ?? '/', server.server.url))
      response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' })
      response.end(await answer.text())
    })
    await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
    const seen = await doctor(url)
    expect([seen.code, seen.of('socket')?.advice]).toEqual([
      1,
      expect.stringContaining('proxy_set_header Upgrade'),
    ])
    proxy.close()
    proxy.closeAllConnections()
  })

  it('tells a proxy that takes small requests only, collects answers, and cuts off what is silent', async () => {
    const { hostname, port } = new URL(server.server.url)
    const proxy = createServer((asked, response) => {
      if (Number(asked.headers['content-length'] ?? 0) > 1e6) {
        asked.resume().on('end', () => response.writeHead(413, { 'content-type': 'text/html' }).end('<h1>'))
        return
      }
      const through = request({ hostname, port, path: asked.url, headers: asked.headers }, async answer => {
        const chunks = await answer.toArray().catch(() => [])
        response.writeHead(answer.statusCode ?? 502, answer.headers).end(Buffer.concat(chunks))
      })
      through.on('error', () => response.destroy()).end()
      response.on('close', () => through.destroy())
    })
    proxy.on('upgrade', (asked, near) => {
      const far = connectTcp(Number(port), hostname)
      const head = Object.entries(asked.headers).map(([name, value]) => `${name}: ${value}\r\n`)
      far.write(`GET ${asked.url} HTTP/1.1\r\n${head.join('')}\r\n`)
      far.on('data', bytes => {
        near.write(bytes)
        // It has said what there was to say.
        if (bytes.includes('"welcome"')) setTimeout(() => near.destroy(), 100)
      })
      near.on('data', bytes => far.write(bytes))
      for (const one of [near, far])
        one.on('error', () => {}).on('close', () => near.destroy() && far.destroy())
    })
    await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
    const seen = await doctor(url, '--token', await tokenFor('ana'), '--hold', '60')
    expect(seen.of('socket')?.state).toBe('good')
    expect(seen.of('bodies')?.advice).toContain('client_max_body_size')
    expect(seen.of('events')?.advice).toContain('proxy_buffering off')
    expect([seen.code, seen.of('quiet')?.advice]).toEqual([1, expect.stringContaining('heartbeatMs=')])
    const refused = new Response('<h1>', { status: 413, statusText: 'Request Entity Too Large' })
    await expect(assertOk(refused)).rejects.toThrow(
      /not the server, says no \(413\): Request Entity Too Large/,
    )
    proxy.close()
    proxy.closeAllConnections()
  })

  it('finds a server that is at home beneath a folder, and so does every other command', async () => {
    const port = Number(new URL(server.server.url).port)
    const proxy = createTcpServer(near => {
      const far = connectTcp(port, '127.0.0.1')
      near.on('data', bytes => {
        const text = bytes.toString('latin1')
        // What is not beneath the folder is somebody else's.
        if (/^[A-Z]+ \/(?!desk\/)/.test(text)) near.destroy()
        else far.write(text.replace(/^([A-Z]+) \/desk\//, '$1 /'), 'latin1')
      })
      far.pipe(near)
      for (const one of [near, far])
        one.on('error', () => {}).on('close', () => near.destroy() && far.destroy())
    })
    await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/desk`
    const token = ['--token', await tokenFor('ops', { roles: ['admin'] })]
    for (const written of [url, `${url}/`]) expect((await doctor(written, ...token)).code).toBe(0)
    const verified = await runCorecord(['verify', '--url', `${url}/`, ...token])
    expect(verified).toMatchObject({ code: 0, out: expect.stringContaining('fits together') })
    proxy.close()
  })

  it('names the part of a server that is not running', async () => {
    const off = server.server.readiness.register('email', () => 'no answer from the mail server')
    const token = await tokenFor('ops', { roles: ['admin'] })
    const seen = await doctor(server.server.url, '--token', token)
    expect([seen.code, seen.of('ready')?.found]).toEqual([1, 'email: no answer from the mail server'])
    const anybody = await doctor(server.server.url)
    expect([anybody.code, anybody.of('ready')?.found]).toEqual([
      1,
      expect.stringMatching(/^email: not running/),
    ])
    off()
  })
})

describe('the log at a terminal', () => {
  it('is a line that a person reads', () => {
    const line = (entry: object) => readableLine(JSON.stringify(entry))
    const time = '2026-05-04T12:34:56.789Z'
    expect(line({ level: 30, time, msg: 'stopped', isClean: true })).toBe('12:34:56 stopped (isClean=true)')
    expect(
      line({ level: 50, time, msg: 'a request failed', url: '/x', err: { stack: 'Error: no\n    at x' } }),
    ).toBe('12:34:56 ERROR a request failed (url=/x)\nError: no\n    at x')
    expect(readableLine('no json')).toBeNull()
  })
})

describe('record types of one’s own', () => {
  it('are loaded from a module, and nothing else in it is taken for one', async () => {
    const folder = await newFolder()
    const shared = new URL('../shared/index.ts', import.meta.url).href
    const file = join(folder, 'records.ts')
    await writeFile(
      file,
      `import { defineRecord, text } from ${JSON.stringify(shared)}
       export const Boat = defineRecord('boat', { fields: { name: text.line() } })
       export const boats = [Boat]
       export const harbour = 'Split'`,
    )
    const { loadRecordTypes } = await import('../server/cli/load-record-types.ts')
    expect((await loadRecordTypes(file)).map(type => type.name)).toEqual(['boat'])
    await writeFile(join(folder, 'none.js'), 'export const harbour = "Split"')
    await expect(loadRecordTypes(join(folder, 'none.js'))).rejects.toThrow(/exports no record type/)
    expect((await loadRecordTypes(null)).map(type => type.name)).toContain('ticket')
  })
})
