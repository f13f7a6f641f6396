import type { ErrorCode } from '../../shared/wire/error-codes.ts'
import { errorCodes } from '../../shared/wire/error-codes.ts'
import type { Principal } from '../access/principal.ts'
import type { SharedMessage } from '../link/shared-message.ts'

/**
 * What a room knows of one connection to it: a stock socket, or one channel of a link. It is given to
 * `Door.join`, and is told everything through these verbs; all of them may be called at any time and never throw,
 * also after the connection has gone.
 *
 * What is sent within one turn of the event loop leaves in one write. A connection that does not read gets no
 * more than its backlog limit: then its shared messages, the waiting and the next ones, are dropped, until it has
 * read what is on its way and `Membership.drained` brings it up to date. Messages of its own are never dropped;
 * a connection that lets too many of them wait is closed with 4529.
 */
export interface Peer {
  readonly principal: Principal
  readonly kind: 'stock' | 'link'
  /** Message kinds from 100 up may be sent. */
  readonly wantsAcks: boolean
  /**
   * It comes and goes with single requests, so another connection of the same tab may be here at the same time: one
   * that is dead and not known to be, or one that has just been opened.
   */
  readonly sharesClientId?: boolean
  /** Whoever is behind it waits for the answer: of a refusal they need not be told elsewhere. */
  readonly isAnswered?: true
  /**
   * One channel message, for this connection alone. The bytes are the connection's from now on. What is answered to
   * many, one by one (the state of a warm record), may be kept as a SharedMessage, and is compressed once.
   */
  send(message: Uint8Array | SharedMessage): void
  /** One channel message that goes to many, framed and compressed once for all of them. */
  sendShared(message: SharedMessage): void
  /** Ends this connection to the room; `Membership.leave` is called by the time it returns. */
  close(code: ErrorCode, sentence?: string): void
}

export interface JoinAsk {
  /** The client id that the peer had before and would like to keep; a link channel. */
  readonly clientId?: number
  /** The epoch of what the peer holds; a link channel that opens a record it knows. */
  readonly epoch?: string
  /** To begin a purged record again, which nobody does without saying so: whoever does not is refused. */
  readonly again?: boolean
}

/** How the record stands for this peer, now: the getters are read at every heartbeat. */
export interface MembershipInfo {
  readonly epoch: string
  /** The commit number that everything sent to the peer so far brings it to. */
  readonly commit: number
  readonly readOnly: boolean
  /** The client id reserved for the peer, if any. */
  readonly clientId: number | null
  /**
   * Where the peer holds an earlier epoch: the clock up to which the server held each of the user's client ids in
   * it. What lies beyond is unsent.
   */
  readonly held: readonly (readonly [clientId: number, clock: number])[] | null
}

/** One peer in one room. The peer's endpoint calls it; messages arrive in the order they were sent. */
export interface Membership {
  readonly info: MembershipInfo
  /** One channel message. The bytes are the room's from now on. */
  receive(message: Uint8Array): void
  /** For who is likely to have nothing: what they would ask for first is told before they ask, if it is little. */
  greet(): void
  /** The connection has ended. May be called twice. */
  leave(): void
  /**
   * Shared messages to this peer were dropped because it did not read, and now it reads again: it is brought up to
   * date.
   */
  drained(): void
  /** The token was renewed; `Peer.principal` is the new one. */
  principalChanged(): void
}

/** The way into the rooms. Rejects with RoomRefusal where the peer may not come in. */
export interface Door {
  join(room: string, peer: Peer, ask: JoinAsk): Promise<Membership>
}

/** Why a room was not opened. Anything else that `join` throws is our own failure. */
export class RoomRefusal extends Error {
  override readonly name = 'RoomRefusal'
  readonly code: ErrorCode

  constructor(code: ErrorCode, sentence: string = errorCodes[code].sentence) {
    super(sentence)
    this.code = code
  }

  /** Of the server as it is now, and not of the room: what was to be done with it is done later. */
  get isPassing(): boolean {
    return this.code === 'DRAINING' || this.code === 'TOO_MANY_ROOMS'
  }
}

export const BEGUN_AGAIN =
  'Open the record again: the one that you had was deleted for good, and another was begun under its name.'
