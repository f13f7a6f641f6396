import { type ErrorCode, errorCodes } from '../../shared/wire/error-codes.ts'
import { type ChannelMessage, readChannelMessage } from '../../shared/wire/sync-message.ts'
import type { Principal } from '../access/principal.ts'
import { asMessage, type SharedMessage } from '../link/shared-message.ts'
import { type Membership, type Peer, RoomRefusal } from '../room/peer.ts'

/** Somebody who reads along while a request is answered. */
export interface PollListener {
  heard(message: ChannelMessage, bytes: Uint8Array): void
  ended(refusal: RoomRefusal): void
}

/**
 * A client without a socket, in one room: for one request, or, to be seen by others, from request to request. What
 * the room says in between is dropped: state vectors bring it up to date, and who is there it asks for anew.
 */
export class PollPeer implements Peer {
  principal: Principal
  readonly kind = 'link'
  readonly wantsAcks = true
  /** The same tab may still have a socket that the server does not know to be dead, or get one between two polls. */
  readonly sharesClientId = true
  listener: PollListener | null = null
  #membership: Membership | null = null
  #end: RoomRefusal | null = null

  constructor(principal: Principal) {
    this.principal = principal
  }

  get hasEnded(): boolean {
    return this.#end !== null
  }

  /** Throws the RoomRefusal by which it ended. */
  get membership(): Membership {
    if (this.#end !== null) throw this.#end
    if (this.#membership === null) throw new Error('a poll is used before it has joined')
    return this.#membership
  }

  joined(membership: Membership): void {
    this.#membership = membership
    if (this.#end !== null) membership.leave()
  }

  /** The token of each request counts from then on. */
  renew(principal: Principal): void {
    const isSame = rightsOf(principal) === rightsOf(this.principal)
    this.principal = principal
    if (!isSame) this.membership.principalChanged()
  }

  leave(): void {
    this.close('DRAINING')
  }

  send(message: Uint8Array | SharedMessage): void {
    const { bytes } = asMessage(message)
    this.listener?.heard(readChannelMessage(bytes), bytes)
  }

  sendShared(message: SharedMessage): void {
    this.send(message)
  }

  close(code: ErrorCode, sentence: string = errorCodes[code].sentence): void {
    if (this.#end !== null) return
    this.#end = new RoomRefusal(code, sentence)
    this.#membership?.leave()
    this.listener?.ended(this.#end)
  }
}

const rightsOf = ({ name, roles, claims }: Principal): string => JSON.stringify([name, roles, claims])
