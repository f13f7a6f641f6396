import { type ErrorCode, errorCodes } from '../../shared/wire/error-codes.ts'
import { writeAwareness, writePermissionDenied } from '../../shared/wire/sync-message.ts'
import type { Principal } from '../access/principal.ts'
import { type Door, type Membership, type Peer, RoomRefusal } from '../room/peer.ts'
import type { Connection, ConnectionHandler } from './connection.ts'
import type { Source } from './outbox.ts'
import { asMessage, SharedMessage } from './shared-message.ts'
import type { Endpoint, Opening } from './sockets.ts'

/**
 * `/sync/<room>`: the y-websocket protocol as its stock client speaks it. One socket, one room, and every binary
 * frame one channel message. `?corecord=1` asks for our own message kinds as well.
 */
export interface StockEndpointParts {
  readonly door: Door
  /** Also at the root, as y-websocket's own server has it: `ws://host/<room>`. */
  readonly atRoot?: boolean
}

const PATH = '/sync/'

/** Paths that no room at the root may shadow. */
const RESERVED = /^\/(api|link|ws|healthz|readyz|metrics|sync)(\/|$)/

export const createStockEndpoint = ({ door, atRoot = false }: StockEndpointParts): Endpoint => ({
  kind: 'stock',
  hasChannels: false,
  serves: path => path.startsWith(PATH) || (atRoot && path.length > 1 && !RESERVED.test(path)),
  refuse(connection, code, sentence) {
    tellStock(connection, code, sentence)
  },
  async open({ connection, request, path, principal }: Opening) {
    if (principal === null) throw new Error('a stock socket is authenticated by its request')
    const room = roomOf(path.startsWith(PATH) ? path.slice(PATH.length) : path.slice(1))
    if (room === null) {
      connection.close('BAD_ROOM_NAME')
      return null
    }
    const peer = new StockPeer(connection, principal, asksForAcks(request.url ?? ''))
    try {
      const membership = await door.join(room, peer, {})
      peer.joined(membership)
      membership.greet()
      return peer
    } catch (error) {
      if (!(error instanceof RoomRefusal)) throw error
      tellStock(connection, error.code, error.message)
      connection.close(error.code, error.message)
      return null
    }
  },
})

const roomOf = (encoded: string): string | null => {
  try {
    return decodeURIComponent(encoded) || null
  } catch {
    return null
  }
}

const asksForAcks = (url: string): boolean => /[?&]corecord=1(&|$)/.test(url)

/** Before 3.1, y-websocket shows its user no close reason, but this. */
const tellStock = (connection: Connection, code: ErrorCode, sentence: string): void => {
  const { close } = errorCodes[code]
  if (close !== 4401 && close !== 4403) return
  const message = new SharedMessage(writePermissionDenied(`${code}: ${sentence}`))
  connection.outbox.send(message, NO_SOURCE)
}

const NO_SOURCE: Source = { channel: null, drained() {} }

/**
 * The stock client reconnects when it has heard nothing for 30 s, and nothing is what a lone reader is told; so
 * every heartbeat says «no presence changed».
 */
const NOTHING_CHANGED = new SharedMessage(writeAwareness(Uint8Array.of(0)))

class StockPeer implements Peer, ConnectionHandler, Source {
  readonly kind = 'stock'
  readonly channel = null
  readonly principal: Principal
  readonly wantsAcks: boolean
  readonly connection: Connection
  private membership: Membership | null = null

  constructor(connection: Connection, principal: Principal, wantsAcks: boolean) {
    this.connection = connection
    this.principal = principal
    this.wantsAcks = wantsAcks
  }

  /** The connection may have ended meanwhile: then `closed` is called by who hands it over. */
  joined(membership: Membership): void {
    this.membership = membership
  }

  send(message: Uint8Array | SharedMessage): void {
    this.connection.outbox.send(asMessage(message), this)
  }

  sendShared(message: SharedMessage): void {
    this.connection.outbox.sendShared(message, this)
  }

  close(code: ErrorCode, sentence?: string): void {
    this.connection.close(code, sentence)
  }

  message(bytes: Uint8Array): void {
    this.membership?.receive(bytes)
  }

  beat(): void {
    this.connection.outbox.sendShared(NOTHING_CHANGED, this)
  }

  closed(): void {
    this.membership?.leave()
    this.membership = null
  }

  drained(): void {
    this.membership?.drained()
  }
}
