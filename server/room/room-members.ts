// Who is in one room. Idle rooms are many: what only a busy one needs is made when it is needed.

import type { SharedMessage } from '../link/shared-message.ts'
import type { Member } from './member.ts'
import type { Peer } from './peer.ts'

/** The peers of a room, as presence goes through them. */
export interface Peers extends Iterable<Peer> {
  readonly size: number
}

/** A member who waits to be told that what came in so far is saved, and how much that is. */
export interface Ack {
  readonly member: Member
  readonly count: number
}

const NO_ACKS: readonly Ack[] = []

export class RoomMembers implements Peers {
  /** In no order; each knows its place. A map would take three times as much, and most rooms have one member or two. */
  #list: Member[] = []
  #unacked: Set<Member> | null = null

  get size(): number {
    return this.#list.length
  }

  /** From the end: whoever leaves while they are told gives their place to one who has been told. */
  *[Symbol.iterator](): IterableIterator<Peer> {
    for (let i = this.#list.length - 1; i >= 0; i--) {
      const member = this.#list[i]
      if (member !== undefined) yield member.peer
    }
  }

  /** As they are now, for what may make somebody leave. */
  get all(): readonly Member[] {
    return [...this.#list]
  }

  of(peer: Peer): Member | undefined {
    return this.#list.find(member => member.peer === peer)
  }

  has(member: Member): boolean {
    return this.#list[member.place] === member
  }

  add(member: Member): void {
    member.place = this.#list.length
    // A list that grows makes room for many.
    if (member.place === 0) this.#list = [member]
    else this.#list.push(member)
  }

  delete(member: Member): boolean {
    if (!this.has(member)) return false
    this.#unacked?.delete(member)
    const last = this.#list.pop()
    if (last !== undefined && last !== member) {
      last.place = member.place
      this.#list[last.place] = last
    }
    return true
  }

  /** Whether a connection has this id; of those that share theirs, as polls do, one may not count. */
  holds(clientId: number, { exceptSharing = false } = {}): boolean {
    return this.#list.some(
      ({ clientId: held, peer }) => held === clientId && !(exceptSharing && peer.sharesClientId === true),
    )
  }

  get hasStock(): boolean {
    return this.#list.some(({ peer }) => peer.kind === 'stock')
  }

  /** To everybody but the author; or only to those who read more than y-websocket's own messages. */
  send(message: SharedMessage, to: { readonly except: Peer | null } | 'links'): void {
    for (const peer of this)
      if (to === 'links' ? peer.wantsAcks : peer !== to.except) peer.sendShared(message)
  }

  waitsForAck(member: Member): void {
    if (!member.peer.wantsAcks) return
    this.#unacked ??= new Set()
    this.#unacked.add(member)
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
