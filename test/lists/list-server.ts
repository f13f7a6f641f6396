import * as Y from 'yjs'
import { defaultLimits, type Limits } from '../../server/access/limits.ts'
import type { ListTime } from '../../server/list/live-lists.ts'
import { UnreadAnswers } from '../../server/http/unread-answers.ts'
import { createLists, type Lists } from '../../server/list/open-lists.ts'
import { combinePublishers } from '../../server/room/combine-publishers.ts'
import type { Peer } from '../../server/room/peer.ts'
import type { Rooms } from '../../server/room/rooms.ts'
import type { GroupCommit } from '../../server/store/group-commit.ts'
import { MemoryStore } from '../store/memory-store.ts'
import type { Store } from '../../server/store/store.ts'
import { openRecord, type RecordType } from '../../shared/index.ts'
import { writeUpdate } from '../../shared/wire/sync-message.ts'
import { LinkClient } from '../wire/link-client.ts'
import { RoomGround } from '../room/room-ground.ts'
import { startWireServer, until, type WireServer } from '../wire/wire-server.ts'
import { ShownList } from './shown-list.ts'

/** Rooms and lists behind real sockets. A token is `id`, `id:name` or `id:name:role+role`. */
export class ListServer {
  readonly store: Store
  readonly types: readonly RecordType[]
  readonly errors: unknown[] = []
  readonly limits: Limits
  lists!: Lists
  rooms!: Rooms
  committer!: GroupCommit
  wire!: WireServer
  now: () => number = Date.now
  readonly #time: { listTime?: ListTime }
  readonly #clients: LinkClient[] = []

  constructor(
    types: readonly RecordType[],
    options: { store?: Store; limits?: Partial<Limits>; listTime?: ListTime } = {},
  ) {
    this.types = types
    this.store = options.store ?? new MemoryStore()
    this.limits = { ...defaultLimits, ...options.limits }
    this.#time = options.listTime === undefined ? {} : { listTime: options.listTime }
  }

  async start(): Promise<this> {
    const ground = await RoomGround.open(this.store)
    this.committer = ground.committer
    const logger = { info() {}, warn() {}, error: (fields: unknown) => void this.errors.push(fields) }
    const { store, types, limits } = this
    this.lists = createLists({
      store,
      recordTypes: types,
      limits,
      logger,
      now: () => this.now(),
      unread: new UnreadAnswers({ bytesMax: Number.POSITIVE_INFINITY, onCut() {} }),
      ...this.#time,
    })
    this.rooms = ground.rooms({
      types: new Map(types.map(type => [type.name, type])),
      limits,
      publisher: combinePublishers(this.lists.publisher),
      logger,
      now: () => this.now(),
      presenceChanged: room => this.lists.presenceChanged(room),
    })
    this.lists.start(this.rooms)
    this.wire = await startWireServer(
      ground.endpoints(this.rooms, { limits, logger }, [this.lists.handler]),
      { limits, counters: ground.counters },
    )
    return this
  }

  async link(token = 'ana'): Promise<LinkClient> {
    const client = new LinkClient(this.wire.url)
    this.#clients.push(client)
    return client.greeted(token)
  }

  /** A list as a client holds it. */
  async list(client: LinkClient, id: number, query: object): Promise<ShownList> {
    const shown = new ShownList(client, id)
    client.tell({ t: 'sub', id, query: query as never })
    await until(() => shown.isAnswered, `list ${id}`)
    return shown
  }

  /** One person's edit, by way of room and guard, committed when it resolves. */
  async edit<T extends RecordType>(
    type: T,
    id: string,
    user: string,
    write: (record: ReturnType<typeof openRecord<T>>) => void,
    roles: readonly string[] = [],
  ): Promise<void> {
    const closed: string[] = []
    const peer: Peer = {
      principal: { id: user, name: user, roles, claims: {}, expiresAt: null },
      kind: 'stock',
      wantsAcks: false,
      send() {},
      sendShared() {},
      close: (code, sentence) => closed.push(`${code}: ${sentence}`),
    }
    const room = await this.rooms.open(`${type.name}:${id}`)
    const membership = await this.rooms.join(room.name, peer, {})
    const doc = new Y.Doc()
    Y.applyUpdate(doc, room.encode(new Uint8Array([0])))
    const before = Y.encodeStateVector(doc)
    write(openRecord(type, doc, { author: user }))
    membership.receive(writeUpdate(Y.encodeStateAsUpdate(doc, before)))
    const commit = room.commit
    await until(() => room.commit > commit || closed.length > 0, `edit of ${room.name}`)
    membership.leave()
    if (closed.length > 0) throw new Error(closed.join())
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.socket.terminate()
    await this.wire.close()
    this.lists.close()
    await this.committer.close(500)
    this.rooms.close()
    await this.store.close()
  }
}
