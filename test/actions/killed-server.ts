import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { freePort } from '../free-port.ts'

// Inside the package, so that the child finds its modules.
const built = resolve(`dist/server-child-${process.pid}`)

export const buildChild = async (): Promise<void> => {
  mkdirSync(built, { recursive: true })
  await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      ssr: fileURLToPath(new URL('./server-child.ts', import.meta.url)),
      outDir: built,
      emptyOutDir: true,
      target: 'node20',
    },
  })
}

export const removeChild = (): void => rmSync(built, { recursive: true, force: true })

/** A server in a process of its own, that can be killed and comes back at the same address. */
export class KilledServer {
  readonly #folder: string
  readonly #answersKept: readonly string[]
  #process: ChildProcess | null = null
  #port = 0
  address = ''

  constructor(folder: string, answersKept: number | null = null) {
    this.#folder = folder
    this.#answersKept = answersKept === null ? [] : [String(answersKept)]
  }

  async start(): Promise<void> {
    const file = readdirSync(built).find(name => name.startsWith('server-child')) ?? ''
    this.#port ||= await freePort()
    const args = [join(built, file), this.#folder, String(this.#port), ...this.#answersKept]
    const child = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.#process = child
    this.address = await new Promise((resolve, reject) => {
      createInterface(child.stdout).once('line', resolve)
      child.once('exit', code => reject(new Error(`the child ended with ${code} before it was ready`)))
    })
  }

  kill(): Promise<number | null> {
    return this.#end('SIGKILL')
  }

  /** The exit code; 0: everything was said and written, and nothing was logged as an error. */
  stop(): Promise<number | null> {
    return this.#end('SIGTERM')
  }

  #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    const child = this.#process
    this.#process = null
    if (child === null) return Promise.resolve(null)
    return new Promise(resolve => {
      child.once('exit', code => resolve(code))
      child.kill(signal)
    })
  }
}
