import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { WebSocket } from 'ws'
import type { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import { mintToken } from '../../server/access/mint-token.ts'
import { type CorecordServer, createServer, type ServerOptions } from '../../server/server.ts'
import { LevelStore } from '../../server/store/level-store.ts'
import type { Store } from '../../server/store/store.ts'
import { type OpenRecord, openRecord, type RecordType } from '../../shared/index.ts'
import { entryIdsOf, Inbox, type InboxItem } from '../../shared/types/inbox.ts'
import { demoRecords } from '../../shared/types/demo-records.ts'
import { Ticket } from '../../shared/types/ticket.ts'
import { until } from '../wire/wire-server.ts'
import { endProvider, stockProvider } from '../wire/stock-provider.ts'

const secret = 'a secret of more than thirty-two characters'

export interface Who {
  readonly id: string
  readonly name?: string
  readonly roles: readonly string[]
  readonly claims?: Readonly<Record<string, unknown>>
}

export const dispatcher: Who = { id: 'dora', name: 'Dora', roles: ['dispatcher'] }

/** A server with the five systems, on LevelDB and real sockets, that can be ended and started again. */
export class InboxHouse {
  readonly folder: string
  readonly log: string[] = []
  server!: CorecordServer
  readonly #devices = new Set<Device<RecordType>>()
  readonly #options: Partial<ServerOptions>
  readonly #storeIn: (folder: string) => Store

  constructor(folder: string, options: Partial<ServerOptions>, storeIn: (folder: string) => Store) {
    this.folder = folder
    this.#options = options
    this.#storeIn = storeIn
  }

  static async open(
    options: Partial<ServerOptions> = {},
    storeIn = (folder: string): Store => new LevelStore({ folder }),
  ): Promise<InboxHouse> {
    const house = new InboxHouse(await mkdtemp(join(tmpdir(), 'corecord-inbox-')), options, storeIn)
    await house.start()
    return house
  }

  async start(): Promise<void> {
    this.server = createServer({
      records: demoRecords,
      secret,
      dataFolder: this.folder,
      store: this.#storeIn(this.folder),
      port: 0,
      logger: pino({ level: 'warn' }, { write: (line: string) => void this.log.push(line) }),
      ...this.#options,
    })
    await this.server.start()
  }

  /** Everybody hears of it as of a line that broke, and comes back when the server does. */
  async stop(): Promise<void> {
    await this.server.close()
  }

  async close(): Promise<void> {
    for (const device of this.#devices) device.close()
    await this.stop()
    await rm(this.folder, { recursive: true, force: true })
  }

  token({ id, name, roles, claims = {} }: Who): Promise<string> {
    const wish = { sub: id, name: name ?? id, roles, claims, lifetimeSeconds: 30 * 86_400 }
    return mintToken(secret, wish, this.#options.now ?? Date.now)
  }

  /** A device of this person that has one record open. */
  async open<T extends RecordType>(type: T, id: string, who: Who): Promise<Device<T>> {
    const device = new Device(this, type, id, who, await this.token(who))
    // Only its verbs of every type are used of it here.
    this.#devices.add(device as unknown as Device<RecordType>)
    await device.connect()
    return device
  }

  /** With which code a socket to this room is closed at once. */
  async closeCode(room: string, who: Who): Promise<number> {
    const url = `${this.server.url.replace('http', 'ws')}/sync/${room}?token=${await this.token(who)}`
    const socket = new WebSocket(url)
    return new Promise((resolve, reject) => {
      socket.once('close', resolve)
      socket.once('error', reject)
    })
  }

  async inbox(who: Who): Promise<InboxDevice> {
    return new InboxDevice(await this.open(Inbox, who.id, who))
  }

  /** They come in once, and are known from then on. */
  async meet(...people: readonly Who[]): Promise<void> {
    for (const who of people) {
      const answer = await this.get('/api/inbox/history', who)
      if (answer.status !== 200) throw new Error(`${who.id} was not let in: ${answer.status}`)
    }
  }

  async get(path: string, who: Who): Promise<Response> {
    return fetch(new URL(path, this.server.url), {
      headers: { authorization: `Bearer ${await this.token(who)}` },
    })
  }

  async post(path: string, body: object, who: Who): Promise<Response> {
    return fetch(new URL(path, this.server.url), {
      method: 'POST',
      headers: { authorization: `Bearer ${await this.token(who)}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  }

  async createTicket(id: string, title: string, who: Who = dispatcher): Promise<Device<typeof Ticket>> {
    const device = await this.open(Ticket, id, who)
    device.record.set({ title })
    await this.settled()
    return device
  }

  /** Everything that has reached the server is committed, and stands in the inboxes. */
  async settled(): Promise<void> {
    for (const device of this.#devices) await device.sent()
    await this.server.committer.flush()
    await new Promise(resolve => setImmediate(resolve))
    await this.server.inbox.idle()
  }
}

export class Device<T extends RecordType> {
  readonly #house: InboxHouse
  readonly #name: string
  readonly #token: string
  readonly doc = new Y.Doc()
  readonly record: OpenRecord<T>
  #provider: WebsocketProvider | null = null

  constructor(house: InboxHouse, type: T, id: string, who: Who, token: string) {
    this.#house = house
    this.#name = `${type.name}:${id}`
    this.#token = token
    this.record = openRecord(type, this.doc, { author: who.id })
  }

  async connect(): Promise<void> {
    const provider = stockProvider(this.#house.server.url, this.#name, this.#token, this.doc)
    this.#provider = provider
    await until(() => provider.synced, `${this.#name} synced`)
  }

  disconnect(): void {
    if (this.#provider !== null) endProvider(this.#provider)
    this.#provider = null
  }

  /** What this device has is what the server has. */
  async sent(): Promise<void> {
    if (this.#provider === null) return
    const { rooms } = this.#house.server
    const mine = Y.encodeStateVector(this.doc)
    await until(() => {
      const room = rooms.get(this.#name)
      if (room === undefined) return mine.length === 1
      const theirs = Y.decodeStateVector(Y.encodeStateVectorFromUpdate(room.encode(new Uint8Array([0]))))
      return [...Y.decodeStateVector(mine)].every(([client, clock]) => (theirs.get(client) ?? 0) >= clock)
    }, `${this.#name} sent`)
  }

  close(): void {
    this.disconnect()
    this.doc.destroy()
  }
}

export class InboxDevice {
  readonly device: Device<typeof Inbox>

  constructor(device: Device<typeof Inbox>) {
    this.device = device
  }

  get items(): readonly InboxItem[] {
    return this.device.record.view.items
  }

  get unread(): number {
    return this.device.record.view.unread
  }

  get sentences(): readonly string[] {
    return this.items.map(({ sentence }) => sentence)
  }

  read(id: string): void {
    const { record } = this.device
    for (const entry of entryIdsOf(this.items, id)) record.union('read').add(entry)
  }

  clear(id: string): void {
    const { record } = this.device
    for (const entry of entryIdsOf(this.items, id)) record.union('cleared').add(entry)
  }

  async shows(holds: (inbox: InboxDevice) => boolean, what: string): Promise<void> {
    await until(
      () => holds(this),
      `${what}; it shows ${JSON.stringify(this.sentences)}, ${this.unread} unread`,
    )
  }
}
