// `npm start`: from a fresh clone to a running server with demo data.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { ensureBuilt } from './build.mjs'
import { ensureInstalled, fail, root } from './install.mjs'

ensureInstalled()
if (!existsSync(join(root, 'server/main.ts'))) {
  fail('There is no server to start yet: server/main.ts, the command line, is missing from this tree.')
}
ensureBuilt()

const options = process.argv.slice(2)
const address = `http://localhost:${portOf(options)}`
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

/** @param {string[]} options */
function portOf(options) {
  const at = options.findIndex(
    option => option === '--port' || option === '-p' || option.startsWith('--port='),
  )
  if (at < 0) return process.env.CORECORD_PORT ?? '8080'
  return options[at]?.split('=')[1] ?? options[at + 1] ?? '8080'
}
