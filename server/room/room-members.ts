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
  readonly #byPeer = new Map<Peer, Member>()
  #unacked: Set<Member> | null = null

  get size(): number {
    return this.#byPeer.size
  }

  [Symbol.iterator](): IterableIterator<Peer> {
    return this.#byPeer.keys()
  }

  /** As they are now, for what may make somebody leave. */
  get all(): readonly Member[] {
    return [...this.#byPeer.values()]
  }

  of(peer: Peer): Member | undefined {
    return this.#byPeer.get(peer)
  }

  has({ peer }: Member): boolean {
    return this.#byPeer.has(peer)
  }

  add(member: Member): void {
    this.#byPeer.set(member.peer, member)
  }

  delete(member: Member): boolean {
    this.#unacked?.delete(member)
    return this.#byPeer.delete(member.peer)
  }

  /** Whether a connection has this id; of those that share theirs, as polls do, one may not count. */
  holds(clientId: number, { exceptSharing = false } = {}): boolean {
    for (const { clientId: held, peer } of this.#byPeer.values())
      if (held === clientId && !(exceptSharing && peer.sharesClientId === true)) return true
    return false
  }

  get hasStock(): boolean {
    for (const { kind } of this.#byPeer.keys()) if (kind === 'stock') return true
    return false
  }

  /** To everybody but the author; or only to those who read more than y-websocket's own messages. */
  send(message: SharedMessage, to: { readonly except: Peer | null } | 'links'): void {
    for (const peer of this.#byPeer.keys())
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
