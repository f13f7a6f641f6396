import type { Principal } from '../access/principal.ts'
import type { Door, JoinAsk } from '../room/peer.ts'
import { PollPeer } from './poll-peer.ts'

/**
 * Clients without a socket who are shown to others: a peer stays in the room between their requests, for as long as
 * three polls of theirs take, and what they said stays with it.
 */
export interface PollPresenceParts {
  readonly door: () => Door
  readonly now: () => number
}

interface Kept {
  readonly peer: PollPeer
  readonly userId: string
  until: number
}

const KEPT_MS = 16_000
const SWEEP_MS = 1_000

/** What one person can be shown in at once; beyond, the one shown longest ago makes room. */
const PER_USER_MAX = 200

export class PollPresence {
  readonly #parts: PollPresenceParts
  readonly #kept = new Map<string, Kept>()
  readonly #counts = new Map<string, number>()
  #sweeping: NodeJS.Timeout | null = null

  constructor(parts: PollPresenceParts) {
    this.#parts = parts
  }

  /** The peer that stands for this tab in the room, if it has been shown there; it stays a while longer. */
  find(principal: Principal, room: string, clientId: number | null): PollPeer | null {
    const key = keyOf(principal, room, clientId)
    const kept = this.#kept.get(key)
    if (kept === undefined) return null
    if (kept.peer.hasEnded) {
      this.#forget(key, kept)
      return null
    }
    kept.until = this.#parts.now() + KEPT_MS
    kept.peer.renew(principal)
    return kept.peer.hasEnded ? null : kept.peer
  }

  async show(
    principal: Principal,
    room: string,
    clientId: number,
    wish: Pick<JoinAsk, 'again'>,
  ): Promise<PollPeer> {
    const known = this.find(principal, room, clientId)
    if (known !== null) return known
    const peer = new PollPeer(principal)
    peer.joined(await this.#parts.door().join(room, peer, { ...wish, clientId }))
    const key = keyOf(principal, room, clientId)
    const raced = this.#kept.get(key)
    if (raced !== undefined && !raced.peer.hasEnded) {
      peer.leave()
      return raced.peer
    }
    this.#makeRoom(principal.id)
    this.#kept.set(key, { peer, userId: principal.id, until: this.#parts.now() + KEPT_MS })
    this.#counts.set(principal.id, (this.#counts.get(principal.id) ?? 0) + 1)
    this.#sweeping ??= setInterval(() => this.sweep(), SWEEP_MS).unref()
    return peer
  }

  /** Who has not come back ends. */
  sweep(): void {
    const now = this.#parts.now()
    for (const [key, kept] of this.#kept) {
      // Later than that is nobody's: the clock was set back since.
      kept.until = Math.min(kept.until, now + KEPT_MS)
      if (kept.until <= now || kept.peer.hasEnded) this.#forget(key, kept)
    }
    if (this.#kept.size > 0 || this.#sweeping === null) return
    clearInterval(this.#sweeping)
    this.#sweeping = null
  }

  close(): void {
    for (const [key, kept] of this.#kept) this.#forget(key, kept)
    this.sweep()
  }

  #makeRoom(userId: string): void {
    if ((this.#counts.get(userId) ?? 0) < PER_USER_MAX) return
    for (const [key, kept] of this.#kept) {
      if (kept.userId !== userId) continue
      this.#forget(key, kept)
      return
    }
  }

  #forget(key: string, { peer, userId }: Kept): void {
    this.#kept.delete(key)
    const count = (this.#counts.get(userId) ?? 1) - 1
    if (count === 0) this.#counts.delete(userId)
    else this.#counts.set(userId, count)
    peer.leave()
  }
}

const keyOf = (principal: Principal, room: string, clientId: number | null): string =>
  // Ids of records and of people may have blanks in them.
  JSON.stringify([clientId, room, principal.id])
