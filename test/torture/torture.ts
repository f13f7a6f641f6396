// Does anything get lost that was called saved, or that anybody else had seen? A real server process under load is
// killed with SIGKILL at random moments. After each restart every entry that was acknowledged to its writer, or had
// reached another client, has to be there; at the end the store verifies clean, event chains included.
//
//     npm run torture -- --kills 100 [--seed 7] [--json]

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { WebSocket } from 'ws'
import * as Y from 'yjs'
import { mintToken } from '../../server/access/mint-token.ts'
import { type OpenRecord, openRecord } from '../../shared/index.ts'
import { Ticket } from '../../shared/types/ticket.ts'
import {
  readChannelMessage,
  writeSyncStep1,
  writeSyncStep2,
  writeUpdate,
} from '../../shared/wire/sync-message.ts'
import { type Running, spawnCorecord } from '../cli-process.ts'
import { freePort } from '../free-port.ts'

export interface TortureReport {
  readonly seed: number
  readonly kills: number
  /** Entries written, acknowledged, and seen by somebody else. */
  readonly written: number
  readonly acknowledged: number
  readonly seen: number
  readonly lostAcknowledged: readonly string[]
  readonly lostSeen: readonly string[]
  readonly verifyExitCode: number | null
  readonly verifyOutput: string
}

const SECRET = 'a secret of the torture, long enough for HS256'
const ROOMS = ['1', '2', '3']

export const torture = async (options: {
  kills: number
  seed: number
  /** Goes on with more kills until so many entries were acknowledged, and seen by others: a slow machine writes less. */
  atLeast?: number
  onKill?: (n: number) => void
}): Promise<TortureReport> => {
  const data = await mkdtemp(join(tmpdir(), 'corecord-torture-'))
  const random = seeded(options.seed)
  const port = await freePort()
  const serve = async (): Promise<Running> => {
    const running = spawnCorecord(
      ['serve', '--port', String(port), '--host', '127.0.0.1', '--data', data, '--limits', 'none'],
      { CORECORD_SECRET: SECRET },
    )
    await running.printed(/corecord serves/)
    return running
  }
  const token = (user: string): Promise<string> =>
    mintToken(
      SECRET,
      { sub: user, name: user, roles: ['dispatcher', 'technician'], lifetimeSeconds: 86_400 },
      Date.now,
    )
  const ledger = new Ledger()
  const clients: Client[] = []
  let server = await serve()
  try {
    for (const room of ROOMS) {
      for (const user of ['ana', 'ben'])
        clients.push(
          new Client(
            `ws://127.0.0.1:${port}/sync/ticket:${room}?corecord=1&token=${await token(user)}`,
            room,
            user,
            ledger,
          ),
        )
      clients.push(
        new Client(
          `ws://127.0.0.1:${port}/sync/ticket:${room}?token=${await token('eva')}`,
          room,
          'eva',
          ledger,
        ),
      )
    }
    const isEnough = (): boolean => {
      const { acknowledged, seen } = ledger.report()
      return Math.min(acknowledged, seen) >= (options.atLeast ?? 0)
    }
    for (let kill = 1; kill <= options.kills || !isEnough(); kill++) {
      for (const client of clients) client.start()
      const until = performance.now() + 60 + random() * 500
      while (performance.now() < until) {
        for (const client of clients)
          if (client.isOpen && client.user !== 'eva' && random() < 0.7) client.edit(random)
        await tick()
      }
      server.child.kill('SIGKILL')
      await server.ended
      for (const client of clients) client.stop()
      server = await serve()
      for (const room of ROOMS)
        ledger.check(
          room,
          await stateOf(`ws://127.0.0.1:${port}/sync/ticket:${room}?token=${await token('eva')}`),
        )
      options.onKill?.(kill)
    }
    server.child.kill('SIGTERM')
    await server.ended
    const verified = await spawnCorecord(['verify', '--events', '--data', data]).ended
    return {
      seed: options.seed,
      kills: options.kills,
      ...ledger.report(),
      verifyExitCode: verified.code,
      verifyOutput: verified.out + verified.err,
    }
  } finally {
    for (const client of clients) client.stop()
    server.child.kill('SIGKILL')
    await server.ended
    await rm(data, { recursive: true, force: true })
  }
}

/** What was promised about each entry, and what came of it. */
class Ledger {
  readonly #written = new Set<string>()
  readonly #acknowledged = new Set<string>()
  readonly #seen = new Set<string>()
  readonly #lostAcknowledged = new Set<string>()
  readonly #lostSeen = new Set<string>()

  written(id: string): void {
    this.#written.add(id)
  }

  acknowledged(id: string): void {
    this.#acknowledged.add(id)
  }

  seen(id: string): void {
    this.#seen.add(id)
  }

  check(room: string, there: ReadonlySet<string>): void {
    const isOfRoom = (id: string): boolean => id.startsWith(`${room}-`)
    for (const id of this.#acknowledged) if (isOfRoom(id) && !there.has(id)) this.#lostAcknowledged.add(id)
    for (const id of this.#seen) if (isOfRoom(id) && !there.has(id)) this.#lostSeen.add(id)
  }

  report(): Pick<TortureReport, 'written' | 'acknowledged' | 'seen' | 'lostAcknowledged' | 'lostSeen'> {
    return {
      written: this.#written.size,
      acknowledged: this.#acknowledged.size,
      seen: this.#seen.size,
      lostAcknowledged: [...this.#lostAcknowledged],
      lostSeen: [...this.#lostSeen],
    }
  }
}

/** A device that keeps its doc over every crash of the server, and sends again what it does not know to be saved. */
class Client {
  readonly user: string
  readonly #url: string
  readonly #room: string
  readonly #ledger: Ledger
  readonly #doc = new Y.Doc()
  readonly #record: OpenRecord<typeof Ticket>
  #socket: WebSocket | null = null
  /** Entries by the number of the message that carried them, on this connection. */
  #inMessage: string[][] = []
  #unsent: string[] = []
  #count = 0

  constructor(url: string, room: string, user: string, ledger: Ledger) {
    this.#url = url
    this.#room = room
    this.user = user
    this.#ledger = ledger
    this.#record = openRecord(Ticket, this.#doc, { author: user })
    this.#doc.on(
      'update',
      (update: Uint8Array, _origin: unknown, _doc: Y.Doc, transaction: Y.Transaction) => {
        if (transaction.local) this.#send(writeUpdate(update))
      },
    )
    this.#record.subscribe('checks', () => this.#look())
  }

  get isOpen(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN && this.#inMessage.length > 0
  }

  start(): void {
    const socket = new WebSocket(this.#url)
    this.#socket = socket
    this.#inMessage = []
    socket.on('error', () => {})
    socket.on('open', () => socket.send(writeSyncStep1(Y.encodeStateVector(this.#doc))))
    // A binary message arrives as one buffer.
    socket.on('message', data => this.#receive(new Uint8Array(data as Buffer)))
  }

  stop(): void {
    this.#socket?.terminate()
    this.#socket = null
  }

  edit(random: () => number): void {
    const id = `${this.#room}-${this.user}-${++this.#count}-${this.#doc.clientID}`
    if (this.#record.view.created === null) this.#record.set({ title: 'Boiler leaks' })
    this.#ledger.written(id)
    // From here on every message carries it.
    this.#unsent.push(id)
    this.#record.log('checks').add({ kind: random() < 0.5 ? 'in' : 'out' }, { id })
    if (random() < 0.3) this.#record.set({ title: `edit ${this.#count}` })
  }

  #send(message: Uint8Array): void {
    if (this.#socket?.readyState !== WebSocket.OPEN || this.#inMessage.length === 0) return
    this.#inMessage.push([...this.#unsent])
    this.#socket.send(message)
  }

  #receive(bytes: Uint8Array): void {
    const message = readChannelMessage(bytes)
    switch (message.kind) {
      case 'syncStep1':
        // Counted from 1: the entry at 0 stands for nothing.
        if (this.#inMessage.length === 0) this.#inMessage.push([])
        this.#inMessage.push([...this.#unsent])
        this.#socket?.send(writeSyncStep2(Y.encodeStateAsUpdate(this.#doc, message.stateVector)))
        break
      case 'syncStep2':
      case 'update':
        Y.applyUpdate(this.#doc, message.update)
        break
      case 'saved':
        for (const ids of this.#inMessage.slice(0, message.count + 1)) {
          for (const id of ids) this.#ledger.acknowledged(id)
          this.#unsent = this.#unsent.filter(id => !ids.includes(id))
        }
        for (let i = 1; i <= Math.min(message.count, this.#inMessage.length - 1); i++) this.#inMessage[i] = []
        break
      case 'refused':
        throw new Error(`an honest edit was refused: ${message.code} ${message.sentence}`)
      default:
    }
  }

  #look(): void {
    for (const { id, by } of this.#record.view.checks) if (by !== this.user) this.#ledger.seen(id)
  }
}

const stateOf = (url: string): Promise<Set<string>> =>
  new Promise((resolve, reject) => {
    const doc = new Y.Doc()
    const socket = new WebSocket(url)
    socket.on('error', reject)
    socket.on('open', () => socket.send(writeSyncStep1(Y.encodeStateVector(doc))))
    socket.on('message', data => {
      const message = readChannelMessage(new Uint8Array(data as Buffer))
      if (message.kind !== 'syncStep2') return
      Y.applyUpdate(doc, message.update)
      socket.terminate()
      resolve(new Set(openRecord(Ticket, doc, { author: 'eva' }).view.checks.map(({ id }) => id)))
    })
  })

const tick = (): Promise<void> => new Promise(resolve => setTimeout(resolve, 2))

const seeded = (seed: number): (() => number) => {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    return (state >>> 8) / 16777216
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '25' },
      seed: { type: 'string', default: String(Date.now() % 1e6) },
      json: { type: 'boolean', default: false },
    },
  })
  const report = await torture({
    kills: Number(values.kills),
    seed: Number(values.seed),
    onKill: n => {
      if (!values.json && process.stderr.isTTY) process.stderr.write(`\r${n} of ${values.kills} kills`)
    },
  })
  const { lostAcknowledged, lostSeen, verifyExitCode } = report
  const isClean = lostAcknowledged.length + lostSeen.length === 0 && verifyExitCode === 0
  if (values.json) console.log(JSON.stringify(report))
  else {
    console.log(
      `\nseed ${report.seed}: ${report.kills} kills, ${report.written} entries written, ${report.acknowledged} acknowledged, ${report.seen} seen by others`,
    )
    console.log(
      `lost: ${lostAcknowledged.length} acknowledged, ${lostSeen.length} seen; verify ${verifyExitCode === 0 ? 'clean' : `says: ${report.verifyOutput}`}`,
    )
  }
  process.exitCode = isClean ? 0 : 1
}
