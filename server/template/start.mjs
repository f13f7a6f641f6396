// `npm start`: installs what is missing, builds the page, starts the server.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

process.chdir(dirname(fileURLToPath(import.meta.url)))
const { dependencies, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'))
const missing = Object.keys({ ...dependencies, ...devDependencies }).filter(
  name => !existsSync(join('node_modules', name)),
)
if (missing.length > 0) {
  console.log(`Installing ${missing.join(', ')} (npm install) …`)
  run('npm', ['install', '--no-audit', '--no-fund'], { shell: process.platform === 'win32' })
}
console.log('Building the page (vite build) …')
run(process.execPath, ['node_modules/vite/bin/vite.js', 'build', '--logLevel', 'warn'])
console.log('Starting the server …')
const server = spawn(process.execPath, ['--import', 'corecord/typescript', 'main.ts', ...process.argv.slice(2)], {
  stdio: 'inherit',
})
// The terminal's Ctrl-C reaches the server by itself; what is sent to this process alone is passed on.
process.on('SIGTERM', () => server.kill('SIGTERM'))
process.on('SIGINT', () => {})
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
server.on('exit', code => {
  process.exitCode = code ?? 1
})

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

function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', ...options })
  if (status === 0) return
  console.error(`«${command} ${args.join(' ')}» failed${error ? `: ${error.message}` : '; its words are above'}.`)
  process.exit(1)
}
