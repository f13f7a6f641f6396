// A PostgreSQL server of one's own for a page that needs one, where this machine has the program: in a folder of its
// own, on 127.0.0.1, with the user, the password and the database `shop`. Gone when it is closed.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const READY_MS = 120_000

export interface Postgres {
  /** With `psql` and the like. */
  readonly programs: string
  close(): Promise<void>
}

/** Where its programs are, or null. */
export function findPostgres(): string | null {
  const debian = '/usr/lib/postgresql'
  const installed = existsSync(debian)
    ? readdirSync(debian)
        .sort((a, b) => Number(b) - Number(a))
        .map(version => join(debian, version, 'bin'))
    : []
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...installed]
  const needed = ['initdb', 'postgres', 'psql', 'createdb']
  return folders.find(folder => needed.every(program => existsSync(join(folder, program)))) ?? null
}

export async function startPostgres(programs: string, port: string): Promise<Postgres> {
  const folder = mkdtempSync(join(tmpdir(), 'corecord-postgres-'))
  const passwordFile = join(folder, 'password')
  const data = join(folder, 'data')
  writeFileSync(passwordFile, 'shop\n')
  // PostgreSQL refuses to run as root.
  const as = userInfo().uid === 0 ? await ids('nobody') : null
  if (as !== null) for (const path of [folder, passwordFile]) chownSync(path, as.uid, as.gid)
  const env = { PATH: process.env.PATH, LC_ALL: 'C', PGPASSWORD: 'shop' }
  const options = { ...as, env, cwd: folder }
  let server: ChildProcess | null = null
  const close = async (): Promise<void> => {
    if (server !== null) await end(server)
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const how = ['--username=shop', `--pwfile=${passwordFile}`, '--auth=scram-sha-256', '--encoding=UTF8']
    await run(join(programs, 'initdb'), [`--pgdata=${data}`, ...how, '--locale=C', '--no-sync'], options)
    const where = ['-D', data, '-h', '127.0.0.1', '-p', port, '-k', '']
    server = spawn(join(programs, 'postgres'), [...where, '-c', 'fsync=off'], {
      ...options,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    await ready(server)
    await run(join(programs, 'createdb'), ['-h', '127.0.0.1', '-p', port, '-U', 'shop', 'shop'], options)
  } catch (error) {
    await close()
    throw error
  }
  return { programs, close }
}

async function ids(user: string): Promise<{ uid: number; gid: number }> {
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map(async of => Number((await run('id', [of, user])).stdout)),
  )
  if (uid === undefined || gid === undefined) throw new Error(`there is no user «${user}»`)
  return { uid, gid }
}

function ready(server: ChildProcess): Promise<void> {
  let said = ''
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`PostgreSQL does not get ready:\n${said}`)), READY_MS)
    server.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      if (!said.includes('ready to accept connections')) return
      clearTimeout(timer)
      resolve()
    })
    server.once('error', reject)
    server.once('close', () => {
      clearTimeout(timer)
      reject(new Error(`PostgreSQL ended:\n${said}`))
    })
  })
}

/** At once, without waiting for clients; what it was told is written. */
async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return
  const ended = new Promise(done => server.once('close', done))
  server.kill('SIGINT')
  await ended
}
