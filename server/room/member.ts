import type { Membership, MembershipInfo, Peer } from './peer.ts'
import type { Sender } from './judging.ts'

/** What a member asks of its room. */
export interface MembersRoom {
  info(member: Member): MembershipInfo
  receive(member: Member, message: Uint8Array): void
  greet(member: Member): void
  leave(member: Member): void
  drained(member: Member): void
  principalChanged(member: Member): void
}

/** One peer in one room, and what the room remembers of it. */
export class Member implements Membership {
  readonly #room: MembersRoom
  readonly peer: Peer
  readonly clientId: number | null
  readonly askedEpoch: string | null
  sender: Sender
  /** Messages with an update in them, counted from 1: what acks and refusals name. */
  received = 0
  /** Updates of theirs are in the turn. */
  isWriting = false
  /** They may not read any more: they hear of what they wrote, and of nothing else, before they are let go. */
  isLeaving = false
  hasAsked = false
  /** They have said something besides asking what there is. */
  hasSpoken = false
  /** All there is was told before they asked for it. */
  isGreeted = false
  pendingRun = 0
  offences = 0

  constructor(
    room: MembersRoom,
    peer: Peer,
    sender: Sender,
    clientId: number | null,
    askedEpoch: string | null,
  ) {
    this.#room = room
    this.peer = peer
    this.sender = sender
    this.clientId = clientId
    this.askedEpoch = askedEpoch
  }

  get info(): MembershipInfo {
    return this.#room.info(this)
  }

  receive(message: Uint8Array): void {
    this.#room.receive(this, message)
  }

  greet(): void {
    this.#room.greet(this)
  }

  leave(): void {
    this.#room.leave(this)
  }

  drained(): void {
    this.#room.drained(this)
  }

  principalChanged(): void {
    this.#room.principalChanged(this)
  }
}
