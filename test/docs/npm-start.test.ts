import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { freePort } from '../free-port.ts'
import { patternOf, stepsOf } from './console-session.ts'
import { endGroup } from './end-group.ts'
import { codeBlocks, readPage, root } from './markdown-pages.ts'

const folder = mkdtempSync(join(tmpdir(), 'corecord-start-'))
let child: ChildProcess | null = null

afterAll(async () => {
  if (child !== null) await endGroup(child)
  rmSync(folder, { recursive: true, force: true })
})

test('npm start prints what the README shows, and serves the lab', async () => {
  const block = codeBlocks(readPage('README.md')).find(({ info }) => info === 'console start')
  const [step] = block === undefined ? [] : stepsOf(block)
  expect(step?.command).toBe('npm start')
  const port = String(await freePort())
  const shown = patternOf((step?.shown ?? '').replaceAll('8080', port))
  let printed = ''
  const running = spawn('npm', ['start', '--', '--port', port, '--data', join(folder, 'data')], {
    cwd: root,
    env: Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !/^(npm_|VITEST|NODE_ENV)/.test(name)),
    ),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  child = running
  await new Promise<void>((resolve, reject) => {
    const heard = (chunk: Buffer): void => {
      printed += chunk.toString()
      if (printed.includes('Ctrl-C stops it.')) resolve()
    }
    running.stdout.on('data', heard)
    running.stderr.on('data', heard)
    running.once('close', code => reject(new Error(`npm start ended with ${code}:\n${printed}`)))
  })
  expect(printed).toMatch(shown)
  const lab = await fetch(`http://127.0.0.1:${port}/lab`, { headers: { accept: 'text/html' } })
  expect(lab.status).toBe(200)
  expect(await lab.text()).toContain('<div id=')

  // To npm alone, as a service manager or a container does; where the system says who started whom, as one that lost its
  // patience. What is closed last is what the server prints to.
  const closed = once(running, 'close')
  running.kill(process.platform === 'linux' ? 'SIGKILL' : 'SIGTERM')
  await closed
  await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow()
  expect(printed).toContain('"isClean":true')
}, 900_000)

test('npm start says at once that its port is taken, and names nobody else’s server as its own', async () => {
  const other = createServer((_, response) => response.end('{}')).listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  try {
    const started = spawn(process.execPath, ['server/start.mjs', '--port', String(port)], { cwd: root })
    let printed = ''
    started.stdout.on('data', chunk => (printed += chunk))
    started.stderr.on('data', chunk => (printed += chunk))
    expect(await once(started, 'close')).toEqual([1, null])
    expect(printed).toBe(`Port ${port} is in use. Choose another: npm start -- --port 9000\n`)
  } finally {
    other.close()
  }
})

test('npm start says where a server is that listens on one address alone', async () => {
  const port = await freePort()
  const options = ['--host', '127.0.0.2', '--port', String(port), '--data', join(folder, 'elsewhere')]
  const started = spawn(process.execPath, ['server/start.mjs', ...options], { cwd: root })
  const closed = once(started, 'close')
  let printed = ''
  try {
    started.stdout.on('data', chunk => (printed += chunk))
    const address = `http://127.0.0.2:${port}`
    await expect.poll(() => printed, { timeout: 600_000 }).toContain(`corecord is ready: open ${address},`)
    expect(printed).toContain(`Starting corecord on ${address} …`)
  } finally {
    started.kill()
    await closed
  }
}, 900_000)
