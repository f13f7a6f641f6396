import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { CommandIo } from '../server/cli/command-io.ts'
import { runCommandLine } from '../server/cli/program.ts'

/** The package's folder, also where this file runs compiled. */
const rootAbove = (folder: string): string =>
  existsSync(join(folder, 'package.json')) ? folder : rootAbove(join(folder, '..'))
export const root = rootAbove(import.meta.dirname)
const program = join(root, 'dist/server/main.js')

/** Brings `dist` up to date; nothing is done where it is. */
export function buildProgram(): void {
  const built = spawnSync(process.execPath, ['server/build.mjs'], { cwd: root, encoding: 'utf8' })
  if (built.status !== 0) throw new Error(`The build failed: ${built.stdout}${built.stderr}`)
}

export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

export interface Running {
  readonly child: ChildProcess
  /** Resolves with the first match in what it prints. */
  printed(pattern: RegExp): Promise<string>
  readonly ended: Promise<Ended>
}

/** The program as people run it: a process of its own. */
export function spawnCorecord(args: readonly string[], env: Record<string, string> = {}): Running {
  const child = spawn(process.execPath, [program, ...args], {
    // Nothing of this machine's own settings may decide a test.
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [out, err] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    out += chunk
  })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    err += chunk
  })
  const ended = new Promise<Ended>(resolve => {
    child.on('close', code => resolve({ code, out, err }))
  })
  return {
    child,
    ended,
    printed: pattern =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = pattern.exec(out)
          if (found !== null) resolve(found[1] ?? found[0])
        }
        child.stdout.on('data', look)
        child.on('close', () => reject(new Error(`it ended before it printed ${pattern}: ${out}${err}`)))
        look()
      }),
  }
}

/** The same program within this process, which is fifty times faster. */
export async function runCorecord(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const texts = { out: '', err: '' }
  stdout.on('data', (chunk: Buffer) => {
    texts.out += chunk.toString()
  })
  stderr.on('data', (chunk: Buffer) => {
    texts.err += chunk.toString()
  })
  const io: CommandIo = {
    env,
    stdin: new PassThrough(),
    stdout,
    stderr,
    now: Date.now,
    beginLog() {},
    onStopSignal: () => () => {},
  }
  const code = await runCommandLine(args, io)
  // What was written last may not have been read yet.
  await Promise.all([stdout, stderr].map(stream => finished(stream.end())))
  return { code, ...texts }
}
