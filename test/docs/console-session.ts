// Runs what a page shows in its `console` blocks, as written and in their order, and holds what is printed against
// what the page shows. `…` stands for anything within a line, a line of `…` for any lines.
//
//     console            each `$` command runs to its end, in one shell for the page
//     console serve      the command keeps running; what is shown has to come
//     console clone      as `console`, in what stands for a clone of the repository
//     console start      for a test of its own, that knows where and with which options it may run
//     console postgres   as `console`, at a PostgreSQL of the page's own; left out where the machine has none, and the
//                        package `pg` is then a stand-in
//
// The ports that pages name are taken for free ones, so that a server of the machine's own is left alone. A page that
// installs packages does so in an empty folder with an empty home, from a registry of this tree's own.

import { type ChildProcess, spawn } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { freePort } from '../free-port.ts'
import type { OwnRegistry } from '../ground/own-registry.ts'
import { endGroup } from './end-group.ts'
import { type CodeBlock, codeBlocks, type MarkdownPage, root } from './markdown-pages.ts'
import { findPostgres, type Postgres, startPostgres } from './postgres.ts'

interface Step {
  readonly command: string
  readonly shown: string
}

const WAIT_MS = 240_000

/** The ports that pages name. */
const PORTS = /\b(80\d\d|30\d\d|90\d\d|5173|5432)\b/g
export const RUN = /^console( serve| postgres| clone)?$/
const INSTALLS_COMMAND = /^\$ npm install\b.* corecord\b/m

export class ConsoleSession {
  readonly folder = mkdtempSync(join(tmpdir(), 'corecord-page-'))
  readonly #running: ChildProcess[] = []
  readonly #ports = new Map<string, string>()
  #shell: Shell | null = null
  #postgres: Postgres | null = null
  readonly #registry: OwnRegistry

  constructor(registry: OwnRegistry) {
    this.#registry = registry
  }

  /** `corecord`, as an installation for oneself puts it on the path. */
  #linkCommand(): void {
    const bin = join(this.folder, '.npm/bin')
    mkdirSync(bin, { recursive: true })
    const program = join(bin, 'corecord')
    writeFileSync(
      program,
      `#!/bin/sh\nexec "${process.execPath}" "${join(root, 'dist/server/main.js')}" "$@"\n`,
    )
    chmodSync(program, 0o755)
  }

  /** What is in it is linked: `init` makes an app beside a clone, and of its built files. */
  async #enterClone(): Promise<void> {
    mkdirSync(join(this.folder, 'corecord'))
    for (const name of readdirSync(root)) symlinkSync(join(root, name), join(this.folder, 'corecord', name))
    await this.#inShell('cd corecord')
  }

  /** Every block of the page, as a reader goes through it. */
  async walk(page: MarkdownPage): Promise<number> {
    let commands = 0
    const blocks = codeBlocks(page).filter(({ info }) => RUN.test(info))
    if (!blocks.some(({ code }) => INSTALLS_COMMAND.test(code))) this.#linkCommand()
    if (blocks.some(({ info }) => info === 'console clone')) await this.#enterClone()
    if (codeBlocks(page).some(({ info }) => info === 'console postgres')) await this.#openDatabase(page)
    for (const block of codeBlocks(page)) {
      const file = /file=(\S+)/.exec(block.info)?.[1]
      if (file !== undefined) await this.#write(join(this.folder, file), block.code)
      if (!RUN.test(block.info)) continue
      if (block.info === 'console postgres' && this.#postgres === null) continue
      for (const step of stepsOf(block)) {
        await this.#run(step, block.info === 'console serve')
        commands++
      }
    }
    return commands
  }

  /** A command more, after the page's own; what it prints. */
  async type(command: string): Promise<string> {
    return this.#inShell(await this.#withFreePorts(command))
  }

  async close(): Promise<void> {
    this.#shell?.close()
    for (const child of this.#running.splice(0)) await endGroup(child)
    await this.#postgres?.close()
    rmSync(this.folder, { recursive: true, force: true })
  }

  async #write(file: string, code: string): Promise<void> {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, await this.#withFreePorts(code))
  }

  async #openDatabase({ path }: MarkdownPage): Promise<void> {
    const why = await this.#startPostgres()
    if (why === null) console.log(`${path}: at a PostgreSQL of its own (${this.#postgres?.programs}).`)
    else
      console.warn(`${path}: NOT AT A REAL PostgreSQL, a stand-in for the package pg takes its place. ${why}`)
  }

  /** Null: it runs. Or why it does not. */
  async #startPostgres(): Promise<string | null> {
    const programs = findPostgres()
    if (programs === null) return 'This machine has none (Debian: apt-get install postgresql).'
    try {
      this.#postgres = await startPostgres(programs, await this.#withFreePorts('5432'))
      return null
    } catch (error) {
      return `It does not start: ${error instanceof Error ? error.message : String(error)}`
    }
  }

  async #run({ command, shown }: Step, isServing: boolean): Promise<void> {
    const ours = await this.#withFreePorts(command)
    const pattern = patternOf(await this.#withFreePorts(shown))
    if (isServing) {
      await this.#serve(ours, pattern, shown)
      return
    }
    const printed = await this.#inShell(ours)
    if (this.#postgres === null) this.#placeStandIn()
    if (!pattern.test(printed)) {
      throw new Error(`$ ${command}\nshall print\n${shown}\nand prints\n${printed}`)
    }
  }

  async #inShell(command: string): Promise<string> {
    this.#shell ??= new Shell(this.folder, this.#environment())
    return this.#shell.run(command)
  }

  /** For the package pg that the page has installed. */
  #placeStandIn(): void {
    const installed = join(this.folder, 'node_modules/pg')
    if (!existsSync(installed)) return
    rmSync(installed, { recursive: true })
    symlinkSync(join(root, 'test/docs/pg-stand-in'), installed)
  }

  async #serve(command: string, pattern: RegExp, shown: string): Promise<void> {
    // Another terminal, in which the same variables are set.
    const variables = (await this.#shell?.run('export -p; echo "cd \'$PWD\'"')) ?? ''
    const child = spawn('bash', ['-c', `${variables}\nexec 2>&1; ${command}`], {
      cwd: this.folder,
      env: { ...this.#environment(), PORT: await this.#withFreePorts('3000') },
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    this.#running.push(child)
    let printed = ''
    await new Promise<void>((resolve, reject) => {
      const fail = (why: string): void =>
        reject(new Error(`$ ${command}\nshall print\n${shown}\n${why}, and prints\n${printed}`))
      const timer = setTimeout(() => fail('goes on'), WAIT_MS)
      child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
        printed += chunk
        if (!pattern.test(printed)) return
        clearTimeout(timer)
        resolve()
      })
      child.once('close', code => {
        clearTimeout(timer)
        fail(`ends with ${code}`)
      })
    })
  }

  #environment(): NodeJS.ProcessEnv {
    const kept = Object.entries(process.env).filter(
      // What a terminal does not have whose output a page shows: the runner's own settings, and a CI's colours.
      ([name]) => !/^(npm_|INIT_CWD|NODE_ENV|VITEST|CORECORD_|NODE_OPTIONS|FORCE_COLOR|CI$)/.test(name),
    )
    const prefix = join(this.folder, '.npm')
    const programs = [join(prefix, 'bin'), this.#postgres?.programs, process.env.PATH]
    return {
      ...Object.fromEntries(kept),
      ...this.#registry.environment,
      npm_config_prefix: prefix,
      PATH: programs.filter(one => one !== undefined).join(':'),
      HOME: this.folder,
      COLUMNS: '200',
      NO_COLOR: '1',
    }
  }

  async #withFreePorts(text: string): Promise<string> {
    for (const [, port = ''] of text.matchAll(PORTS)) {
      if (!this.#ports.has(port)) this.#ports.set(port, String(await freePort()))
    }
    return text.replaceAll(PORTS, port => this.#ports.get(port) ?? port)
  }
}

/** One bash for a page: variables and the folder stay from command to command. */
class Shell {
  readonly #process: ChildProcess
  #printed = ''
  #heard: () => void = () => {}

  constructor(folder: string, env: NodeJS.ProcessEnv) {
    this.#process = spawn('bash', ['--norc', '--noprofile'], {
      cwd: folder,
      env,
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    this.#process.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      this.#printed += chunk
      this.#heard()
    })
    this.#process.on('close', () => this.#heard())
    this.#process.stdin?.write('exec 2>&1\n')
  }

  run(command: string): Promise<string> {
    const mark = `=== ${crypto.randomUUID()} ===`
    this.#printed = ''
    this.#process.stdin?.write(`${command}\necho; echo '${mark}'\n`)
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${command} does not end:\n${this.#printed}`)), WAIT_MS)
      this.#heard = () => {
        const end = this.#printed.indexOf(mark)
        if (end < 0 && this.#process.exitCode === null) return
        clearTimeout(timer)
        if (end < 0) reject(new Error(`${command} ended the shell:\n${this.#printed}`))
        // Blanks at the end of a line, as psql pads its columns, are nothing a page could show.
        else
          resolve(
            this.#printed
              .slice(0, end)
              .replace(/[ \t]+$/gm, '')
              .replace(/\n+$/, '\n'),
          )
      }
    })
  }

  close(): void {
    this.#process.kill()
  }
}

export function stepsOf({ code }: CodeBlock): Step[] {
  const steps: { command: string; shown: string }[] = []
  let isOpen = false
  for (const line of code.split('\n').slice(0, -1)) {
    const last = steps.at(-1)
    if (line.startsWith('$ ')) steps.push({ command: line.slice(2), shown: '' })
    else if (isOpen && last !== undefined) last.command += `\n${line.replace(/^> /, '')}`
    else if (last !== undefined) last.shown += `${line}\n`
    isOpen = (line.startsWith('$ ') || isOpen) && line.endsWith('\\')
  }
  return steps
}

/** Nothing shown: it prints nothing. */
export function patternOf(shown: string): RegExp {
  if (shown.trim() === '') return /^\s*$/
  const lines = shown
    .trimEnd()
    .split('\n')
    .map(line => (line.trim() === '…' ? '(?:.*\\n)*?.*' : line.split('…').map(literal).join('.*')))
  return new RegExp(`^${lines.join('\\n')}`, 'm')
}

function literal(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
