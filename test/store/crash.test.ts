import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { LevelStore } from '../../server/store/level-store.ts'

// Inside the package, so that the child finds its modules.
const built = resolve(`dist/crash-child-${process.pid}`)
const prlimit = '/usr/bin/prlimit'
let folder: string

beforeAll(async () => {
  mkdirSync(built, { recursive: true })
  await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      ssr: fileURLToPath(new URL('./crash-child.ts', import.meta.url)),
      outDir: built,
      emptyOutDir: true,
      target: 'node20',
    },
  })
}, 300_000)

afterAll(() => rmSync(built, { recursive: true, force: true }))

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'corecord-crash-'))
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

class Child {
  readonly saved = new Map<string, number>()
  readonly notes: string[] = []
  #lines = 0
  readonly #process: ChildProcess
  readonly #exit: Promise<void>
  readonly #waiting: { isMet: () => boolean; resolve: () => void; reject: (error: Error) => void }[] = []

  constructor(prefix: readonly string[] = []) {
    const file = readdirSync(built).find(name => name.startsWith('crash-child')) ?? ''
    const [command = '', ...args] = [...prefix, process.execPath, join(built, file), folder]
    this.#process = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    this.#exit = new Promise(done => this.#process.once('close', () => done()))
    void this.#exit.then(() => {
      for (const { reject } of this.#waiting.splice(0)) reject(new Error('the child ended by itself'))
    })
    const { stdout } = this.#process
    if (stdout === null) throw new Error('no output')
    createInterface(stdout).on('line', line => this.#take(line))
  }

  get pid(): number {
    return this.#process.pid ?? 0
  }

  get lines(): number {
    return this.#lines
  }

  #take(line: string): void {
    this.#lines++
    const [pair = '', commit] = line.split(' ')
    if (commit === undefined) this.notes.push(line)
    else this.saved.set(pair, Number(commit))
    for (const [i, { isMet, resolve: met }] of [...this.#waiting.entries()].reverse()) {
      if (!isMet()) continue
      this.#waiting.splice(i, 1)
      met()
    }
  }

  until(isMet: () => boolean): Promise<void> {
    if (isMet()) return Promise.resolve()
    return new Promise((done, reject) => this.#waiting.push({ isMet, resolve: done, reject }))
  }

  async kill(): Promise<void> {
    this.#process.kill('SIGKILL')
    await this.#exit
  }
}

/** Everything that was said to be saved is there, whole, and nothing is half there. */
async function expectWhole(child: Child): Promise<void> {
  const store = new LevelStore({ folder })
  const { clean, cut } = await store.open()
  expect(clean).toBe(false)
  expect(cut).toEqual([])
  for (const [pair, commit] of child.saved) {
    const [a, b] = await Promise.all(['a', 'b'].map(side => store.loadRoom(`ticket:${pair}${side}`)))
    expect(a?.head.commit).toBeGreaterThanOrEqual(commit)
    expect(b?.head.commit).toBe(a?.head.commit)
    expect(b?.log).toHaveLength(a?.head.commit ?? 0)
    const row = JSON.parse((await store.readRow('ticket', `${pair}b`)) ?? 'null')
    expect(row).toMatchObject({ commit: b?.head.commit })
    expect(b?.head.eventCount).toBe(b?.head.commit)
  }
  const findings = []
  for await (const finding of store.verify()) findings.push(finding)
  expect(findings).toEqual([])
  await store.close()
}

describe('a killed process', () => {
  it('has lost nothing that it had called saved, kill after kill', async () => {
    // Mostly very soon after the start, where opening and recovery are hit too.
    for (const lines of [1, 30, 200, 1000, 60, 3000]) {
      const child = new Child()
      await child.until(() => child.lines >= lines)
      await child.kill()
      await expectWhole(child)
    }
  }, 300_000)
})

// A limit on the size of a file is the nearest to a full disk that one can have without being root.
describe.runIf(existsSync(prlimit))('a disk that is full for a while', () => {
  it('acks nothing meanwhile, then everything, and loses nothing at the kill after it', async () => {
    const child = new Child([prlimit, '--fsize=300000:unlimited'])
    await child.until(() => child.notes.includes('readOnly'))
    const before = new Map(child.saved)
    execFileSync(prlimit, ['--pid', String(child.pid), '--fsize=unlimited'])
    await child.until(() => child.notes.includes('writable'))
    await child.until(() => [...child.saved].every(([pair, commit]) => commit > (before.get(pair) ?? 0) + 5))
    await child.kill()
    await expectWhole(child)
  }, 300_000)

  it('keeps no part of a copy that was to take the place of a damaged database', async () => {
    const child = new Child()
    await child.until(() => child.lines >= 1500)
    await child.kill()
    const store = new LevelStore({ folder })
    await store.open()
    await store.close()
    const database = join(folder, 'db')
    const sizeOf = (name: string): number => statSync(join(database, name)).size
    const [table = ''] = readdirSync(database)
      .filter(name => name.endsWith('.ldb'))
      .sort((x, y) => sizeOf(y) - sizeOf(x))
    const bytes = readFileSync(join(database, table))
    writeFileSync(join(database, table), bytes.fill(0xff, 8, 16))
    writeFileSync(join(folder, 'witness-a'), '')
    const full = new Child([prlimit, '--fsize=50000:unlimited'])
    await expect(full.until(() => false)).rejects.toThrow('ended by itself')
    expect(full.lines).toBe(0)
    expect(readdirSync(folder)).not.toContain('db-copying')
    expect(readdirSync(database)).toContain(table)
  }, 300_000)
})
