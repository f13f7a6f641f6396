// Caddy or nginx with the configuration that docs/operating/proxy.md shows, on a port of its own. Only names, ports and
// paths are others than on the page, and each of those has to be there to be exchanged.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { freePort } from '../free-port.ts'
import { codeBlocks, readPage } from '../docs/markdown-pages.ts'

const page = codeBlocks(readPage('docs/operating/proxy.md'))

export type ProxyName = 'nginx' | 'caddy'

export interface RunningProxy {
  /** `https://localhost:…` */
  readonly url: string
  /** A file with the certificate that it vouches with. */
  readonly authority: string
  /** All that it wrote about requests, where it writes any. */
  readonly log: () => string
  close(): Promise<void>
}

/** The program, with what else it takes to try it: other addresses of this machine, and a certificate. */
export function findProxy(name: ProxyName): string | null {
  if (process.platform !== 'linux' || find('openssl') === null) return null
  return find(name)
}

function find(program: string): string | null {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
  const found = folders.find(folder => existsSync(join(folder, program)))
  return found === undefined ? null : join(found, program)
}

export async function startProxy(name: ProxyName, program: string, upstream: string): Promise<RunningProxy> {
  const folder = mkdtempSync(join(tmpdir(), `corecord-${name}-`))
  // nginx started by root works as somebody else.
  chmodSync(folder, 0o755)
  const port = await freePort()
  const place: Place = { folder, port, upstream }
  const { args, authority } = name === 'nginx' ? prepareNginx(place) : await prepareCaddy(place)
  let said = ''
  const child = spawn(program, args, {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => (said += String(chunk)))
  const close = async (): Promise<void> => {
    await end(child)
    rmSync(folder, { recursive: true, force: true })
  }
  while (!(await answers(port)) || !existsSync(authority)) {
    if (child.exitCode !== null) {
      await close()
      throw new Error(`${name} ended with ${child.exitCode}:\n${said}`)
    }
    await new Promise(done => setTimeout(done, 50))
  }
  const log = join(folder, 'corecord.log')
  return {
    url: `https://localhost:${port}`,
    authority,
    log: () => (existsSync(log) ? readFileSync(log, 'utf8') : ''),
    close,
  }
}

interface Place {
  readonly folder: string
  readonly port: number
  readonly upstream: string
}

interface Prepared {
  readonly args: readonly string[]
  readonly authority: string
}

function prepareNginx({ folder, port, upstream }: Place): Prepared {
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')]
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  const whom = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  execFileSync('openssl', ['req', ...kind, ...whom, '-keyout', key, '-out', certificate], { stdio: 'ignore' })
  const shown = exchanged('corecord.conf', {
    'listen 443 ssl': `listen 127.0.0.1:${port} ssl`,
    'server_name desk.example.com': 'server_name localhost',
    '/etc/letsencrypt/live/desk.example.com/fullchain.pem': certificate,
    '/etc/letsencrypt/live/desk.example.com/privkey.pem': key,
    '/var/log/nginx/corecord.log': join(folder, 'corecord.log'),
    '/var/log/nginx/corecord.error.log': join(folder, 'corecord.error.log'),
    'http://127.0.0.1:8080': `http://127.0.0.1:${upstream}`,
  })
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    what => `${what}_temp_path ${join(folder, what)};`,
  )
  const config = join(folder, 'nginx.conf')
  const outside = `daemon off;\nworker_processes 1;\npid ${join(folder, 'nginx.pid')};\nerror_log stderr;\n`
  writeFileSync(config, `${outside}events {}\nhttp {\n${temporary.join('\n')}\n${shown}}\n`)
  return { args: ['-c', config, '-p', folder, '-e', 'stderr'], authority: certificate }
}

async function prepareCaddy({ folder, port, upstream }: Place): Promise<Prepared> {
  const shown = exchanged('Caddyfile', {
    'desk.example.com': 'localhost',
    '127.0.0.1:8080': `127.0.0.1:${upstream}`,
  })
  const outside = [
    'admin off',
    'local_certs',
    'skip_install_trust',
    'auto_https disable_redirects',
    'default_bind 127.0.0.1',
    `https_port ${port}`,
    `http_port ${await freePort()}`,
    `storage file_system ${folder}`,
  ]
  const config = join(folder, 'Caddyfile')
  writeFileSync(config, `{\n${outside.join('\n')}\n}\n${shown}`)
  const authority = join(folder, 'pki/authorities/local/root.crt')
  return { args: ['run', '--config', config, '--adapter', 'caddyfile'], authority }
}

function exchanged(file: string, words: Readonly<Record<string, string>>): string {
  const block = page.find(({ info }) => info.endsWith(`file=${file}`))
  if (block === undefined) throw new Error(`the page shows no ${file}`)
  return Object.entries(words).reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`${file} on the page has no «${from}»`)
    return text.replaceAll(from, to)
  }, block.code)
}

function answers(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const probe = connect(port, '127.0.0.1')
    probe.once('connect', () => resolve(true)).once('error', () => resolve(false))
    probe.once('connect', () => probe.destroy())
  })
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise(done => child.once('close', done))
  child.kill('SIGTERM')
  await ended
}
