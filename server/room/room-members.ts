// Who is in one room. Idle rooms are many: what only a busy one needs is made when it is needed.

import type { SharedMessage } from '../link/shared-message.ts'
import type { Member } from './member.ts'
import type { Peer } from './peer.ts'

/** The peers of a room that may hear of the others, as presence goes through them. */
export interface Peers extends Iterable<Peer> {
  readonly size: number
}

/** A member who waits to be told that what came in so far is saved, and how much that is. */
export interface Ack {
  readonly member: Member
  readonly count: number
}

const NO_ACKS: readonly Ack[] = []

const NOBODY: readonly Member[] = []

/** In the order they came, which is also the order in which they are told. */
export class RoomMembers implements Peers {
  /** Another list for each who comes or goes: a walk through it sees who was there when it began. */
  #all = NOBODY
  #unacked: Set<Member> | null = null

  get size(): number {
    return this.#all.length
  }

  *[Symbol.iterator](): IterableIterator<Peer> {
    for (const { peer, isLeaving } of this.#all) if (!isLeaving) yield peer
  }

  get all(): readonly Member[] {
    return this.#all
  }

  of(peer: Peer): Member | undefined {
    return this.#all.find(member => member.peer === peer)
  }

  has(member: Member): boolean {
    return this.#all.includes(member)
  }

  /** The peer itself may have left. */
  hasOtherThan(peer: Peer | null): boolean {
    return this.#all.some(member => member.peer !== peer)
  }

  add(member: Member): void {
    // A literal with a spread would make room for seventeen.
    this.#all = this.#all.concat(member)
  }

  delete(member: Member): boolean {
    if (!this.has(member)) return false
    this.#unacked?.delete(member)
    this.#all = this.#all.length === 1 ? NOBODY : this.#all.filter(other => other !== member)
    return true
  }

  /** Whether a connection has this id; of those that share theirs, as polls do, one may not count. */
  holds(clientId: number, { exceptSharing = false } = {}): boolean {
    return this.#all.some(
      ({ clientId: held, peer }) => held === clientId && !(exceptSharing && peer.sharesClientId === true),
    )
  }

  get hasStock(): boolean {
    return this.#all.some(({ peer }) => peer.kind === 'stock')
  }

  /** To everybody but the author; or only to those who read more than y-websocket's own messages. */
  send(message: SharedMessage, to: { readonly except: Peer | null } | 'links'): void {
    for (const { peer, isLeaving } of this.#all)
      if (!isLeaving && (to === 'links' ? peer.wantsAcks : peer !== to.except)) peer.sendShared(message)
  }

  waitsForAck(member: Member): void {
    if (!member.peer.wantsAcks) return
    this.#unacked ??= new Set()
    this.#unacked.add(member)
  }

  isUnacked(member: Member): boolean {
    return this.#unacked?.has(member) === true
  }

  get someWaitForAcks(): boolean {
    return this.#unacked !== null
  }

  /** Of what has come in up to now; whoever sends more waits anew. */
  takeAcks(): readonly Ack[] {
    if (this.#unacked === null) return NO_ACKS
    const acks = [...this.#unacked].map(member => ({ member, count: member.received }))
    this.#unacked = null
    return acks
  }
}
