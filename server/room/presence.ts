import { isObject } from '../../shared/is-object.ts'
import type { Principal } from '../access/principal.ts'
import { SharedMessage } from '../link/shared-message.ts'
import type { WireCounters } from '../link/wire-counters.ts'
import {
  type AwarenessState,
  EncodedStates,
  isNull,
  NULL_JSON,
  readAwarenessBody,
  writeAwarenessStates,
} from './awareness-body.ts'
import type { Paced, Pacer } from './pacer.ts'
import type { Peer } from './peer.ts'
import type { Peers } from './room-members.ts'

/**
 * Who is in a room, and where. Not stored, not guarded, not acknowledged.
 *
 * A connection owns the client ids it has announced; a link channel the one reserved for it. Of a message the
 * states of its own count; all others are dropped in silence, because y-websocket's provider sends back every
 * foreign state it is told. A first announcement can be told from such an echo: nothing has been told to the
 * connection before it. (That is why a newcomer is told the room only after its announcement, or a moment later.)
 *
 * Clocks. A stock sender's states are relayed under its own clocks, because its other tabs hear those directly. A
 * link sender's are relayed under server time in milliseconds. Receivers remember clocks, also across their own
 * reconnects, and ignore what they have seen: of a connection that comes back, its state, and it the states of the
 * others. So who comes back is asked to announce itself once more, and so are the others, by being told that their
 * own state has ended: y-protocols answers that with the state under the next clock.
 *
 * Receivers drop a state after 30 s. A stock sender renews its own every 15 s: renewals reach the stock sockets
 * with the next frame, or with one frame for all after RENEWAL_DELAY_MS. For link senders the server renews. To a
 * link no renewal is sent; its client side renews what it knows.
 */
export interface PresenceParts {
  /** The room's peers, as the room keeps them: read anew at each telling. */
  readonly peers: Peers
  readonly pacer: Pacer
  readonly counters: WireCounters
  readonly limits: PresenceLimits
  readonly now: () => number
  /** When the server started: clients that come back then bring clocks that only their receivers know. */
  readonly startedAt?: number
  /** The client id reserved for a peer: the only one it may announce. Null: any that is free. */
  readonly reservedOf?: (peer: Peer) => number | null
  /** The user to whom a client id belongs by what was written under it. */
  readonly ownerOf?: (clientId: number) => string | undefined
  /** Somebody has come, gone, or changed their state. */
  readonly onChange?: () => void
}

interface PresenceLimits {
  readonly presenceBytes: number
  readonly presenceStatesPerConnection: number
}

export interface Present {
  readonly clientId: number
  readonly userId: string
  readonly name: string
  readonly state: Readonly<Record<string, unknown>>
}

interface Entry {
  readonly clientId: number
  peer: Peer
  /** It came before all else that its connection had to say, as y-websocket sends a state of one's own. */
  isFirstWord: boolean
  /** The sender's own. */
  senderClock: number
  /** What receivers were told, or will be. */
  clock: number
  /** As the sender wrote it; what it repeats is a renewal. */
  said: string
  /** With the identity of the token in it. Null until it was first told, and while a change waits to be read. */
  json: Uint8Array | null
  state: Readonly<Record<string, unknown>>
  toldAt: number
  /** The sender's clock when it was asked to announce itself once more: what is above it is the answer. */
  askedAtClock: number | null
}

interface Ended {
  readonly userId: string
  readonly clock: number
  readonly at: number
}

/** What is read of a message in a room where nobody is yet: some come back from rooms where many were. */
const STATES_MIN = 3_000

/** How long a newcomer may take to announce itself before it is told who is there. */
const FIRST_WORD_MS = 50

/** Receivers drop a state after 30 s, and senders renew after at most 18. */
const RENEWAL_DELAY_MS = 5_000
const LINK_RENEWAL_MS = 20_000

/** Echoes of an ended state come within a round trip; a sleeping laptop comes back to its own clocks later. */
const ENDED_KEPT_MS = 60_000
const ENDED_KEPT_MAX = 2_000

/** However many come back, the others are asked to announce themselves once in this time. */
const ASK_ALL_MS = 5_000

/** After a restart, whoever comes back is asked to announce itself once more. */
const RESTART_MS = 60_000

export class RoomPresence implements Paced {
  private readonly parts: PresenceParts
  private readonly entries = new Map<number, Entry>()
  private readonly owned = new Map<Peer, Set<number>>()
  private readonly ended = new Map<number, Ended>()
  private readonly changed = new Set<Entry>()
  private readonly renewed = new Set<Entry>()
  private gone: AwarenessState[] = []
  /** Who has joined and was told nothing yet, and since when. */
  private readonly newcomers = new Map<Peer, number>()
  private everything: SharedMessage | null = null
  private toldAt = 0
  /** Somebody came back who remembers the clocks of the others. */
  private hasComeBack = false
  private askedAllAt = Number.NEGATIVE_INFINITY

  constructor(parts: PresenceParts) {
    this.parts = parts
  }

  /** Nobody is shown and nobody's end need be remembered: the room can let this object go. */
  get isIdle(): boolean {
    this.forgetEnded(this.parts.now())
    return (
      this.entries.size === 0 && this.ended.size === 0 && this.gone.length === 0 && this.newcomers.size === 0
    )
  }

  /** A peer has come into the room. Whoever came before this object was made was told nothing, and need not join. */
  join(peer: Peer): void {
    if (this.entries.size === 0 && this.ended.size === 0) return
    const now = this.parts.now()
    this.newcomers.set(peer, now)
    this.parts.pacer.at(this, now + FIRST_WORD_MS)
  }

  /**
   * The body of an awareness message; `isFirstWord`: the connection has said nothing else yet, but asked what there is.
   * False: it was malformed.
   */
  receive(peer: Peer, body: Uint8Array, isFirstWord = false): boolean {
    // Its own, and an echo of all that it was told: of who is here, and of who went lately.
    const told = this.entries.size + this.ended.size + this.gone.length
    const states = readAwarenessBody(body, STATES_MIN + 2 * told)
    if (states === null) return false
    const isFirst = this.newcomers.has(peer)
    for (const state of states) {
      const isAlone = states.length === 1
      const entry = this.ownEntry(peer, state, isFirst && isAlone, isFirstWord && isAlone)
      if (entry !== null) this.take(entry, state)
    }
    if (isFirst) {
      this.newcomers.set(peer, Number.NEGATIVE_INFINITY)
      this.parts.pacer.at(this, this.parts.now())
    }
    return true
  }

  /** Everything there is, now: the peer has asked, or has missed some. */
  tellAll(peer: Peer): void {
    this.newcomers.delete(peer)
    if (this.entries.size === 0) return
    const own = this.owned.get(peer)
    if (own === undefined) {
      this.everything ??= new SharedMessage(writeAwarenessStates(this.told(null)))
      peer.sendShared(this.everything)
    } else {
      const others = this.told(own)
      if (others.length > 0) peer.send(writeAwarenessStates(others))
    }
  }

  /** The peer has gone, and its states end. */
  leave(peer: Peer): void {
    this.newcomers.delete(peer)
    for (const clientId of [...(this.owned.get(peer) ?? [])]) {
      const entry = this.entries.get(clientId)
      if (entry !== undefined) this.end(entry, entry.clock)
    }
    this.owned.delete(peer)
  }

  /** The token was renewed, and may bring another name. */
  principalChanged(peer: Peer): void {
    for (const clientId of this.owned.get(peer) ?? []) {
      const entry = this.entries.get(clientId)
      if (entry === undefined) continue
      entry.json = null
      if (peer.kind === 'stock') this.askAgain(entry)
      else this.change(entry)
    }
  }

  /** Who is here, for rows of lists and for the inspector. */
  present(): Present[] {
    return [...this.entries.values()].map(entry => {
      this.read(entry)
      const { id, name } = entry.peer.principal
      return { clientId: entry.clientId, userId: id, name, state: entry.state }
    })
  }

  /** Who writes under this client id, by their own word. */
  userOf(clientId: number): string | null {
    const entry = this.entries.get(clientId)
    return entry === undefined || this.isTold(entry) ? null : entry.peer.principal.id
  }

  /** The id under which this connection says that it writes; null where it says nothing. */
  ownIdOf(peer: Peer): number | null {
    const [first] = this.owned.get(peer) ?? []
    return first ?? null
  }

  /** The peers have gone, which nobody in the room is left to be told of; whoever looks on from outside is. */
  close(): void {
    this.parts.pacer.forget(this)
    this.newcomers.clear()
    if (this.gone.length > 0) this.parts.onChange?.()
  }

  /** The pacer calls it when this room is due. */
  tell(now: number): void {
    this.renewLinkStates(now)
    this.forgetEnded(now)
    this.askAll(now)
    this.tellChanges(now)
    this.tellNewcomers(now)
    this.scheduleNext(now)
  }

  /** The entry that this connection may write the state to, made if the client id is free for it. */
  private ownEntry(
    peer: Peer,
    { clientId, clock, json }: AwarenessState,
    isAnnouncement: boolean,
    isFirstWord: boolean,
  ): Entry | null {
    const entry = this.entries.get(clientId)
    if (entry?.peer === peer) return entry
    if (isNull(json)) return null
    const reserved = this.parts.reservedOf?.(peer) ?? undefined
    if (reserved !== undefined && reserved !== clientId) return null
    const userId = peer.principal.id
    if ((this.parts.ownerOf?.(clientId) ?? userId) !== userId) return null
    if (entry !== undefined) {
      if (!isAnnouncement && !isFirstWord && reserved !== clientId) return null
      // The same tab on a new socket, while the server has not noticed that the old one is dead; or another window
      // was quicker to tell of it, who may be somebody else.
      const isSamePerson = entry.peer.principal.id === userId
      const isGiven = this.parts.reservedOf?.(entry.peer) === clientId
      const isOwn = isFirstWord && !entry.isFirstWord && !isGiven
      if (!isSamePerson && !isOwn && !this.isTold(entry)) return null
      entry.isFirstWord = isFirstWord || (isSamePerson && entry.isFirstWord)
      this.disown(entry)
      if (!isSamePerson) entry.said = ''
      this.own(peer, entry)
      entry.senderClock = Math.min(entry.senderClock, clock - 1)
      if (peer.kind === 'stock' && clock <= entry.clock) this.askAgain(entry, clock)
      this.comesBack()
      return entry
    }
    const ended = this.ended.get(clientId)
    if (ended !== undefined && ended.userId !== userId) return null
    if (ended !== undefined && reserved === undefined && !isAnnouncement && clock <= ended.clock) return null
    if ((this.owned.get(peer)?.size ?? 0) >= this.parts.limits.presenceStatesPerConnection) return null
    const claimed = this.claim(peer, clientId, clock, ended)
    claimed.isFirstWord = isFirstWord
    return claimed
  }

  private claim(peer: Peer, clientId: number, clock: number, ended: Ended | undefined): Entry {
    const entry: Entry = {
      clientId,
      peer,
      isFirstWord: false,
      senderClock: clock - 1,
      clock: peer.kind === 'link' ? (ended?.clock ?? 0) : clock - 1,
      said: '',
      json: null,
      state: {},
      toldAt: 0,
      askedAtClock: null,
    }
    this.entries.set(clientId, entry)
    this.ended.delete(clientId)
    this.own(peer, entry)
    const { startedAt = Number.NEGATIVE_INFINITY, now } = this.parts
    // Receivers take no clock that they have seen, nor 0, with which a state begins that the application never set.
    const isIgnored = clock <= (ended?.clock ?? 0) || now() < startedAt + RESTART_MS
    if (peer.kind === 'stock' && isIgnored) this.askAgain(entry, clock)
    if (ended !== undefined) this.comesBack()
    return entry
  }

  private own(peer: Peer, entry: Entry): void {
    entry.peer = peer
    const own = this.owned.get(peer)
    if (own === undefined) this.owned.set(peer, new Set([entry.clientId]))
    else own.add(entry.clientId)
  }

  /**
   * By a connection that has a state of its own: windows of one browser tell each other, and y-websocket's provider
   * tells its server what it hears there. Of one that has none it is only known once the other comes, and begins by it.
   */
  private isTold({ peer, clientId }: Entry): boolean {
    return this.ownIdOf(peer) !== clientId
  }

  private disown({ peer, clientId }: Entry): void {
    const own = this.owned.get(peer)
    own?.delete(clientId)
    if (own?.size === 0) this.owned.delete(peer)
  }

  private take(entry: Entry, { clock, json }: AwarenessState): void {
    const isStock = entry.peer.kind === 'stock'
    if (isNull(json)) {
      if (!isStock || clock >= entry.senderClock) this.end(entry, isStock ? clock : entry.clock)
      return
    }
    if (isStock && clock <= entry.senderClock) return
    if (json.length > this.parts.limits.presenceBytes) {
      this.parts.counters.presenceTooLarge++
      if (entry.said === '') this.remove(entry)
      return
    }
    this.parts.counters.presenceStates++
    entry.senderClock = clock
    const isAnswer = entry.askedAtClock !== null && clock > entry.askedAtClock
    if (isAnswer) entry.askedAtClock = null
    const said = Buffer.from(json.buffer, json.byteOffset, json.byteLength).toString('utf8')
    const isRenewal = said === entry.said && !isAnswer
    if (isRenewal && !isStock) return
    if (isStock) entry.clock = clock
    if (isRenewal) {
      if (!this.changed.has(entry)) this.renewed.add(entry)
      this.parts.pacer.at(this, this.parts.now() + RENEWAL_DELAY_MS)
      return
    }
    if (said !== entry.said) entry.json = null
    entry.said = said
    this.change(entry)
  }

  private change(entry: Entry): void {
    if (entry.peer.kind === 'link') entry.clock = Math.max(this.parts.now(), entry.clock + 1)
    this.renewed.delete(entry)
    this.changed.add(entry)
    this.soon()
  }

  /** Receivers are told; echoes that are under way must not bring it back. */
  private end(entry: Entry, clock: number): void {
    this.remove(entry)
    if (entry.said === '') return
    const { clientId } = entry
    this.ended.delete(clientId)
    this.ended.set(clientId, { userId: entry.peer.principal.id, clock, at: this.parts.now() })
    this.gone.push({ clientId, clock, json: NULL_JSON })
    this.soon()
  }

  private remove(entry: Entry): void {
    this.entries.delete(entry.clientId)
    this.disown(entry)
    this.changed.delete(entry)
    this.renewed.delete(entry)
    this.everything = null
  }

  /** y-protocols: who is told that its own state has ended sends it again, under the next clock. */
  private askAgain(entry: Entry, clock: number = entry.senderClock): void {
    entry.askedAtClock = clock
    entry.peer.send(writeAwarenessStates([{ clientId: entry.clientId, clock, json: NULL_JSON }]))
  }

  private comesBack(): void {
    this.hasComeBack = true
    this.parts.pacer.at(this, this.askedAllAt + ASK_ALL_MS)
  }

  private askAll(now: number): void {
    if (!this.hasComeBack || now < this.askedAllAt + ASK_ALL_MS) return
    this.hasComeBack = false
    this.askedAllAt = now
    for (const entry of this.entries.values()) {
      if (entry.peer.kind === 'link') this.change(entry)
      else if (entry.askedAtClock === null) this.askAgain(entry)
    }
  }

  private soon(): void {
    this.parts.pacer.soon(this, this.toldAt, this.parts.peers.size)
  }

  private tellChanges(now: number): void {
    if (this.changed.size === 0 && this.gone.length === 0 && this.renewed.size === 0) return
    const { gone } = this
    this.gone = []
    const changed = [...this.changed].filter(entry => this.read(entry))
    const renewed = [...this.renewed].filter(entry => this.read(entry))
    this.changed.clear()
    this.renewed.clear()
    this.everything = null
    this.toldAt = now
    for (const entry of changed) entry.toldAt = now
    for (const entry of renewed) entry.toldAt = now
    const toLinks = new Telling(gone, changed)
    const toStock = renewed.length === 0 ? toLinks : new Telling(gone, [...changed, ...renewed])
    for (const peer of this.parts.peers) {
      if (this.newcomers.has(peer)) continue
      if (peer.kind === 'stock') toStock.to(peer)
      else toLinks.to(peer)
    }
    this.parts.counters.presenceFrames += toStock === toLinks ? 1 : 2
    if (changed.length + gone.length > 0) this.parts.onChange?.()
  }

  private tellNewcomers(now: number): void {
    for (const [peer, since] of this.newcomers) {
      if (since + FIRST_WORD_MS > now) continue
      this.tellAll(peer)
      // A screen that only watches cannot be recognised when it comes back.
      if (!this.owned.has(peer)) this.comesBack()
    }
  }

  private renewLinkStates(now: number): void {
    for (const entry of this.entries.values()) {
      if (entry.peer.kind !== 'link' || entry.toldAt + LINK_RENEWAL_MS > now || this.changed.has(entry))
        continue
      entry.clock = Math.max(now, entry.clock + 1)
      this.renewed.add(entry)
    }
  }

  private forgetEnded(now: number): void {
    for (const [clientId, { at }] of this.ended) {
      if (at + ENDED_KEPT_MS > now && this.ended.size <= ENDED_KEPT_MAX) break
      this.ended.delete(clientId)
    }
  }

  private scheduleNext(now: number): void {
    let next = this.hasComeBack ? this.askedAllAt + ASK_ALL_MS : Number.POSITIVE_INFINITY
    for (const since of this.newcomers.values()) next = Math.min(next, since + FIRST_WORD_MS)
    if (this.hasStockPeer()) {
      for (const { peer, toldAt } of this.entries.values())
        if (peer.kind === 'link') next = Math.min(next, toldAt + LINK_RENEWAL_MS)
    }
    if (next !== Number.POSITIVE_INFINITY) this.parts.pacer.at(this, Math.max(next, now + 1))
  }

  private hasStockPeer(): boolean {
    for (const { kind } of this.parts.peers) if (kind === 'stock') return true
    return false
  }

  private told(except: ReadonlySet<number> | null): AwarenessState[] {
    return [...this.entries.values()]
      .filter(entry => !except?.has(entry.clientId) && this.read(entry))
      .map(asTold)
  }

  /** Reads what was said last, writes the identity into it. False: it cannot be shown, and never was. */
  private read(entry: Entry): boolean {
    if (entry.json !== null) return true
    const state = parseState(entry.said)
    if (state === null) {
      this.end(entry, entry.clock)
      return false
    }
    entry.state = withIdentity(state, entry.peer.principal)
    entry.json = Buffer.from(JSON.stringify(entry.state))
    return true
  }
}

/** One telling: encoded once for all who own none of its states, and for each of the others without its own. */
class Telling {
  private readonly encoded: EncodedStates
  private readonly ownIndexes = new Map<Peer, number[]>()
  private shared: SharedMessage | null = null

  constructor(gone: readonly AwarenessState[], entries: readonly Entry[]) {
    this.encoded = new EncodedStates([...gone, ...entries.map(asTold)])
    for (const [index, { peer }] of entries.entries()) {
      const indexes = this.ownIndexes.get(peer)
      if (indexes === undefined) this.ownIndexes.set(peer, [gone.length + index])
      else indexes.push(gone.length + index)
    }
  }

  to(peer: Peer): void {
    const own = this.ownIndexes.get(peer) ?? []
    if (this.encoded.count === own.length) return
    if (own.length === 0) {
      this.shared ??= new SharedMessage(this.encoded.message())
      peer.sendShared(this.shared)
    } else {
      // Dropped like any other presence when the reader does not read.
      peer.sendShared(new SharedMessage(this.encoded.messageWithout(own)))
    }
  }
}

const asTold = ({ clientId, clock, json }: Entry): AwarenessState => ({
  clientId,
  clock,
  json: json ?? NULL_JSON,
})

const parseState = (json: string): Record<string, unknown> | null => {
  try {
    const state: unknown = JSON.parse(json)
    return isObject(state) ? state : null
  } catch {
    return null
  }
}

/** Colour and whatever else the application adds to `user` stay; who it is, the token says. */
const withIdentity = (
  state: Record<string, unknown>,
  { id, name }: Principal,
): Readonly<Record<string, unknown>> => ({
  ...state,
  user: { ...(isObject(state.user) ? state.user : {}), id, name },
})
