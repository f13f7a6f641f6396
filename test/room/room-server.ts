import type { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import { defaultLimits, type Limits } from '../../server/access/limits.ts'
import type { Headroom } from '../../server/room/headroom.ts'
import type { Rooms } from '../../server/room/rooms.ts'
import type { RoomMetrics } from '../../server/room/room-services.ts'
import type { Publisher, Turn } from '../../server/room/turn.ts'
import type { GroupCommit } from '../../server/store/group-commit.ts'
import { MemoryStore } from '../store/memory-store.ts'
import type { Store } from '../../server/store/store.ts'
import { type OpenRecord, openRecord, type RecordType } from '../../shared/index.ts'
import { startWireServer, until, type WireServer } from '../wire/wire-server.ts'
import { endProvider, stockProvider } from '../wire/stock-provider.ts'
import { RoomGround } from './room-ground.ts'

/** Rooms behind real sockets, over a store of the test's choice. A token is `id` or `id:name`. */
export class RoomServer {
  readonly store: Store
  readonly types: ReadonlyMap<string, RecordType>
  readonly turns: Turn[] = []
  readonly refusals: string[] = []
  readonly errors: unknown[] = []
  alarms = 0
  /** Runs once a turn is on disk, before anybody is told. */
  whenCommitted = (): void => {}
  rooms!: Rooms
  committer!: GroupCommit
  wire!: WireServer
  readonly #limits: Limits
  readonly #untyped: boolean
  readonly #idleBytesMax: number
  readonly #headroom: Headroom | undefined
  readonly #providers: WebsocketProvider[] = []

  constructor(
    types: readonly RecordType[],
    options: {
      store?: Store
      limits?: Partial<Limits>
      untyped?: boolean
      idleBytesMax?: number
      headroom?: Headroom
    } = {},
  ) {
    this.types = new Map(types.map(type => [type.name, type]))
    this.store = options.store ?? new MemoryStore()
    this.#limits = { ...defaultLimits, ...options.limits }
    this.#untyped = options.untyped ?? false
    this.#idleBytesMax = options.idleBytesMax ?? 1e6
    this.#headroom = options.headroom
  }

  async start(): Promise<void> {
    const ground = await RoomGround.open(this.store)
    this.committer = ground.committer
    const metrics: RoomMetrics = {
      accepted() {},
      refused: code => this.refusals.push(code),
      alarm: () => this.alarms++,
      saved() {},
      relayed() {},
    }
    const publisher: Publisher = {
      compose: turn => {
        this.turns.push(turn)
        return { row: { id: turn.id, json: JSON.stringify(turn.row) }, events: [] }
      },
      committed: () => this.whenCommitted(),
    }
    const logger = { warn() {}, error: (fields: object) => void this.errors.push(fields) }
    const limits = this.#limits
    this.rooms = ground.rooms({
      types: this.types,
      untyped: this.#untyped,
      idleBytesMax: this.#idleBytesMax,
      limits,
      publisher,
      metrics,
      logger,
      ...(this.#headroom === undefined ? {} : { headroom: this.#headroom }),
    })
    this.wire = await startWireServer(ground.endpoints(this.rooms, { limits, logger }), {
      limits,
      counters: ground.counters,
    })
  }

  connect(room: string, user: string, doc = new Y.Doc()): WebsocketProvider {
    const provider = stockProvider(this.wire.url, room, user, doc)
    this.#providers.push(provider)
    return provider
  }

  async open<T extends RecordType>(
    type: T,
    id: string,
    user: string,
  ): Promise<{ record: OpenRecord<T>; provider: WebsocketProvider; doc: Y.Doc }> {
    const doc = new Y.Doc()
    const provider = this.connect(`${type.name}:${id}`, user, doc)
    await until(() => provider.synced, `${type.name}:${id} synced`)
    return { record: openRecord(type, doc, { author: user.split(':')[0] ?? user }), provider, doc }
  }

  async settled(): Promise<void> {
    await new Promise(resolve => setImmediate(resolve))
    await this.committer.flush()
  }

  async close(): Promise<void> {
    for (const provider of this.#providers.splice(0)) endProvider(provider)
    await this.wire.close()
    await this.committer.close(500)
    this.rooms.close()
    await this.store.close()
  }
}
