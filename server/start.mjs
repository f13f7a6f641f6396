// `npm start`: from a fresh clone to a running server with demo data.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer, isIPv6 } from 'node:net'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { ensureBuilt } from './build.mjs'
import { ensureInstalled, fail, root } from './install.mjs'

const options = process.argv.slice(2)
const port = optionOf('--port', '-p') ?? process.env.CORECORD_PORT ?? '8080'
const host = optionOf('--host') ?? process.env.CORECORD_HOST ?? '127.0.0.1'
await assertPortIsFree()
ensureInstalled()
if (!existsSync(join(root, 'server/main.ts'))) {
  fail('There is no server to start yet: server/main.ts, the command line, is missing from this tree.')
}
ensureBuilt()

const address = `http://${whereToLook()}:${port}`
console.log(`Starting corecord on ${address} …`)
const server = spawn(
  process.execPath,
  ['--enable-source-maps', 'dist/server/main.js', 'serve', '--demo', ...options],
  {
    cwd: root,
    stdio: 'inherit',
  },
)

// A terminal's Ctrl-C reaches the whole group, a service manager's SIGTERM only us: passing it on lets the server
// drain, and we stay until it has.
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.on(signal, () => {
    if (signal !== 'SIGINT' || !process.stdin.isTTY) server.kill(signal)
  })
}
// npm tells a signal to its shell alone, which ends without a word to us; npm itself may be killed. Started in another
// way we may well outlive who did, as with nohup.
if (process.env.npm_lifecycle_event !== undefined) {
  const before = starters()
  const watch = setInterval(() => {
    if (starters() === before) return
    clearInterval(watch)
    server.kill('SIGTERM')
  }, 500)
  watch.unref()
}
server.on('error', error => fail(`The server could not be started: ${error.message}.`))
server.on('exit', (code, signal) => {
  process.exitCode = code ?? (signal === 'SIGINT' || signal === 'SIGTERM' ? 0 : 1)
})

await sayWhenReady()

async function sayWhenReady() {
  while (server.exitCode === null && server.signalCode === null) {
    const response = await fetch(`${address}/readyz`).catch(() => null)
    if (response?.ok) {
      console.log(`corecord is ready: open ${address}, in two windows side by side. Ctrl-C stops it.`)
      return
    }
    await setTimeout(200)
  }
}

/** Who started us; where the system tells it of npm's shell, which outlives an npm that was killed, npm besides. */
function starters() {
  const { ppid } = process
  try {
    const [, npm] = /^\d+ \(sh\) \S+ (\d+)/.exec(readFileSync(`/proc/${ppid}/stat`, 'utf8')) ?? []
    return `${ppid} ${npm}`
  } catch {
    return `${ppid}`
  }
}

/** Whoever is there would answer in our place, and nobody should wait for a build to learn of it. */
async function assertPortIsFree() {
  const probe = createServer()
  try {
    await once(probe.listen(Number(port), host), 'listening')
    probe.close()
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) return
    fail(`Port ${port} is in use. Choose another: npm start -- --port 9000`)
  }
}

/** A server on all addresses, or on this machine's own, is at localhost; at one alone it is at no other. */
function whereToLook() {
  if (['127.0.0.1', '::1', '0.0.0.0', '::', ''].includes(host)) return 'localhost'
  return isIPv6(host) ? `[${host}]` : host
}

/** @param {string[]} names */
function optionOf(...names) {
  const at = options.findIndex(option => names.includes(option) || option.startsWith(`${names[0]}=`))
  return at < 0 ? undefined : (options[at]?.split('=')[1] ?? options[at + 1])
}
