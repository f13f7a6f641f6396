import { randomBytes, randomInt } from 'node:crypto'
import type { ControlHandler } from '../../server/link/control-handler.ts'
import { createLinkEndpoint } from '../../server/link/link-endpoint.ts'
import type { Endpoint } from '../../server/link/sockets.ts'
import { createStockEndpoint } from '../../server/link/stock-endpoint.ts'
import { createWireCounters } from '../../server/link/wire-counters.ts'
import { Pacer } from '../../server/room/pacer.ts'
import { Rooms, type RoomsParts } from '../../server/room/rooms.ts'
import { GroupCommit, realTime } from '../../server/store/group-commit.ts'
import type { Store } from '../../server/store/store.ts'
import { TurnEnd } from '../../server/turn-end.ts'
import { fakeAuthenticator } from '../wire/wire-server.ts'

type OwnParts = Pick<RoomsParts, 'types' | 'limits' | 'publisher' | 'logger'> & Partial<RoomsParts>

/** What rooms stand on, as in a server, over a store that is opened here. */
export class RoomGround {
  readonly store: Store
  readonly nodeId: number
  readonly committer: GroupCommit
  readonly counters = createWireCounters()
  readonly #turnEnd = new TurnEnd()

  private constructor(store: Store, nodeId: number) {
    this.store = store
    this.nodeId = nodeId
    this.committer = new GroupCommit(store, {
      time: { ...realTime, soon: run => this.#turnEnd.commitSoon(run) },
    })
  }

  static async open(store: Store): Promise<RoomGround> {
    const { nodeId } = await store.open()
    return new RoomGround(store, nodeId)
  }

  /** Started. */
  rooms(own: OwnParts): Rooms {
    const rooms = new Rooms({
      store: this.store,
      committer: this.committer,
      untyped: false,
      idleBytesMax: 1e6,
      idleMs: 60_000,
      metrics: { accepted() {}, refused() {}, alarm() {}, saved() {}, relayed() {} },
      presence: { pacer: new Pacer(), counters: this.counters, limits: own.limits, now: Date.now },
      nodeId: this.nodeId,
      now: Date.now,
      newClientId: () => randomInt(1, 2 ** 32),
      newEpoch: () => randomBytes(9).toString('base64url'),
      soon: run => this.#turnEnd.soon(run),
      presenceChanged() {},
      ...own,
    })
    rooms.start()
    return rooms
  }

  /** For stock clients, and for links. */
  endpoints(
    door: Rooms,
    { limits, logger }: Pick<OwnParts, 'limits' | 'logger'>,
    handlers: readonly ControlHandler[] = [],
  ): Endpoint[] {
    const { counters } = this
    return [
      createStockEndpoint({ door }),
      createLinkEndpoint({ door, limits, authenticator: fakeAuthenticator, counters, logger, handlers }),
    ]
  }
}
