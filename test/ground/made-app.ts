import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { endGroup } from '../docs/end-group.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/**
 * What `corecord init` of the packed package makes of an empty folder. Everything else that the app installs is this
 * tree's own, so that no test waits for a registry; that the versions agree is a test too.
 */
export class MadeApp {
  readonly folder: string
  readonly printed: string
  readonly #place: string
  readonly #running: ChildProcess[] = []

  constructor(name = 'my-app') {
    this.#place = mkdtempSync(join(tmpdir(), 'corecord-made-'))
    run(root, process.execPath, ['server/build.mjs'])
    const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination', this.#place]
    const [{ filename }] = JSON.parse(run(root, 'npm', pack))
    const modules = join(this.#place, 'node_modules')
    mkdirSync(join(modules, 'corecord'), { recursive: true })
    run(this.#place, 'tar', ['-xzf', filename, '-C', join(modules, 'corecord'), '--strip-components=1'])
    for (const name of readdirSync(join(root, 'node_modules'))) {
      if ((!name.startsWith('.') || name === '.bin') && name !== 'corecord')
        symlinkSync(join(root, 'node_modules', name), join(modules, name))
    }
    // What npm notes of a package that it has from a registry.
    const resolved = {
      'node_modules/corecord': { resolved: `https://registry.example.com/corecord/-/${filename}` },
    }
    writeFileSync(join(modules, '.package-lock.json'), JSON.stringify({ packages: resolved }))
    const command = join(modules, 'corecord/dist/server/main.js')
    this.printed = run(this.#place, process.execPath, [command, 'init', name])
    this.folder = join(this.#place, name)
    symlinkSync(modules, join(this.folder, 'node_modules'))
  }

  /** A command of the app's, to its end. */
  run(command: string, args: readonly string[]): string {
    return run(this.folder, command, args)
  }

  /** `npm start`, until it says where it serves. */
  async start(): Promise<{ readonly url: string; readonly printed: string }> {
    const child = spawn('npm', ['start', '--', '--port', '0'], {
      cwd: this.folder,
      env: ownEnvironment(),
      // npm starts a process that starts a process: they are stopped together.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#running.push(child)
    let printed = ''
    return new Promise((resolve, reject) => {
      const heard = (chunk: Buffer): void => {
        printed += chunk.toString()
        const url = /Open (http:\S+)\s/.exec(printed)?.[1]
        if (url !== undefined) resolve({ url, printed })
      }
      child.stdout.on('data', heard)
      child.stderr.on('data', heard)
      child.once('exit', code => reject(new Error(`npm start ended with ${code}:\n${printed}`)))
    })
  }

  async close(): Promise<void> {
    for (const child of this.#running.splice(0)) await endGroup(child)
    rmSync(this.#place, { recursive: true, force: true })
  }
}

/** What npm and vitest told this process is not true of the app. */
function ownEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(npm_|INIT_CWD|NODE_ENV|VITEST|CORECORD_|NODE_OPTIONS)/.test(name),
    ),
  )
}

function run(cwd: string, command: string, args: readonly string[]): string {
  const done = spawnSync(command, args, { cwd, env: ownEnvironment(), encoding: 'utf8' })
  if (done.status === 0) return done.stdout
  throw new Error(
    `${command} ${args.join(' ')} ended with ${done.status ?? done.signal}:\n${done.stdout}${done.stderr}`,
  )
}
