/**
 * What does durability cost, and how fast does a stored room come back? Everything with fsync, on LevelDB, in this
 * process alone: no sockets, no guard, no document.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { GroupCommit } from '../../server/store/group-commit.ts'
import { LevelStore } from '../../server/store/level-store.ts'
import type { Change, RoomChange } from '../../server/store/store.ts'

const isQuick = process.argv.includes('--quick')
const isJson = process.argv.includes('--json')
const runMs = isQuick ? 500 : 2500

interface Line {
  readonly question: string
  readonly value: number
  readonly unit: string
  readonly cpuMicros?: number
}

const lines: Line[] = []

function report(line: Line): void {
  lines.push(line)
  if (isJson) return
  const value = Math.round(line.value).toLocaleString('en').padStart(12)
  const cpu = line.cpuMicros === undefined ? '' : `  ${line.cpuMicros.toFixed(1)} µs CPU each`
  console.log(`${line.question.padEnd(58)}${value} ${line.unit}${cpu}`)
}

class Rooms {
  readonly #commits: number[]
  readonly #isTyped: boolean
  readonly #update = new Uint8Array(120).fill(7)

  constructor(count: number, isTyped: boolean) {
    this.#commits = new Array<number>(count).fill(0)
    this.#isTyped = isTyped
  }

  change(n: number): Change {
    const i = n % this.#commits.length
    const expect = this.#commits[i] ?? 0
    this.#commits[i] = expect + 1
    const bare: RoomChange = {
      room: `ticket:${i}`,
      type: 'ticket',
      epoch: '0f6c1c3e-92c4-4d3e-8e21-3f1c6a1b2d4e',
      expect,
      at: 1800000000000000 + n,
      by: 'ana',
      updates: [this.#update],
    }
    if (!this.#isTyped) return { rooms: [bare] }
    const json = JSON.stringify({ id: String(i), status: 'open', title: 'a leaking valve', changed: n })
    const event = JSON.stringify({ type: 'ticket', action: 'update', record: bare.room, by: 'ana', at: n })
    return { rooms: [{ ...bare, row: { id: String(i), json }, events: [event] }] }
  }
}

async function withStore(work: (store: LevelStore) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'corecord-bench-'))
  const store = new LevelStore({ folder })
  await store.open()
  try {
    await work(store)
  } finally {
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function measure(question: string, unit: string, step: (n: number) => Promise<number>): Promise<void> {
  const began = performance.now()
  const cpu = process.cpuUsage()
  let done = 0
  while (performance.now() - began < runMs) done += await step(done)
  const ms = performance.now() - began
  const { user, system } = process.cpuUsage(cpu)
  report({ question, unit, value: (done / ms) * 1000, cpuMicros: (user + system) / done })
}

async function commits(isTyped: boolean, size: number): Promise<void> {
  await withStore(async store => {
    const rooms = new Rooms(500, isTyped)
    const kind = isTyped ? 'update + row + event' : 'update'
    await measure(`commit, batches of ${size}, each ${kind}`, 'changes/s', async done => {
      await store.commit(Array.from({ length: size }, (_, i) => rooms.change(done + i)))
      return size
    })
  })
}

async function grouped(): Promise<void> {
  await withStore(async store => {
    const commit = new GroupCommit(store)
    const rooms = new Rooms(500, false)
    await measure('group commit, 100 submits a turn, two turns under way', 'changes/s', async done => {
      const submits: Promise<unknown>[] = []
      for (let i = 0; i < 100; i++) submits.push(commit.submit(rooms.change(done + i)))
      await submits[0]
      return 100
    })
    await commit.close()
  })
}

async function loads(): Promise<void> {
  await withStore(async store => {
    const count = 2000
    const rooms = new Rooms(count, false)
    for (let n = 0; n < count * 20; n += 500) {
      await store.commit(Array.from({ length: 500 }, (_, i) => rooms.change(n + i)))
    }
    const pick = (n: number): string => `ticket:${(n * 7919) % count}`
    await measure('load a room with a log of 20, one by one', 'rooms/s', async done => {
      await store.loadRoom(pick(done))
      return 1
    })
    await measure('load a room with a log of 20, 16 at a time', 'rooms/s', async done => {
      await Promise.all(Array.from({ length: 16 }, (_, i) => store.loadRoom(pick(done + i))))
      return 16
    })
    for (let i = 0; i < count; i++) await store.compactRoom(`ticket:${i}`, new Uint8Array(900), 20)
    await measure('load a folded room, one by one', 'rooms/s', async done => {
      await store.loadRoom(pick(done))
      return 1
    })
    await measure('load a folded room, 16 at a time', 'rooms/s', async done => {
      await Promise.all(Array.from({ length: 16 }, (_, i) => store.loadRoom(pick(done + i))))
      return 16
    })
  })
}

async function lists(): Promise<void> {
  await withStore(async store => {
    const count = isQuick ? 20_000 : 100_000
    const rooms = new Rooms(count, true)
    for (let n = 0; n < count; n += 1000) {
      await store.commit(Array.from({ length: 1000 }, (_, i) => rooms.change(n + i)))
    }
    const began = performance.now()
    let after: string | undefined
    do {
      const page = await store.readRows('ticket', { limit: 2000, ...(after === undefined ? {} : { after }) })
      after = page.next ?? undefined
    } while (after !== undefined)
    report({
      question: `all ${count.toLocaleString('en')} rows, read once`,
      value: performance.now() - began,
      unit: 'ms',
    })
  })
}

if (!isJson) console.log(`store: ${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}, Node ${process.version}`)
for (const isTyped of [false, true]) for (const size of [1, 10, 100]) await commits(isTyped, size)
await grouped()
await loads()
await lists()
if (isJson) console.log(JSON.stringify(lines))
