// The one socket to the server, whatever is open: it comes up, stays up and comes back by itself.
//
//     down ──attempt──▶ connecting ──welcome──▶ open
//      ▲                    │                     │
//      └──── lost, waits ◀──┴─────────────────────┘
//
// The wait is cut short when the network comes back or somebody looks at the page. A socket counts as failed when it
// ends before the welcome, and once more for every ten seconds that it keeps one waiting; after some of those in a row
// polling carries what is open until one is welcomed. A heartbeat tells the clock, finds dead sockets, and notices what
// was lost on the way.

import type { Clock } from '../../shared/record/clock.ts'
import { parseCloseReason } from '../../shared/wire/error-codes.ts'
import { type ClientControl, LINK_VERSION, type ServerControl } from '../../shared/wire/link-control.ts'
import { linkDigest } from '../../shared/wire/link-digest.ts'
import type { JsonObject } from '../../shared/wire/shape.ts'
import { MESSAGE_SYNC } from '../../shared/wire/sync-message.ts'
import type { SocketLike, Surroundings } from '../surroundings.ts'
import type { Carrier, Channel, ChannelEnds } from './carrier.ts'
import { type ControlIn, FramedSocket } from './framed-socket.ts'
import { Heartbeat } from './heartbeat.ts'
import { LinkChannels } from './link-channels.ts'
import { LinkListeners } from './link-listeners.ts'
import { Patience } from './patience.ts'
import { patientFetch } from './patient-fetch.ts'
import { Poller } from './poller.ts'
import { ReconnectDelay } from './reconnect-delay.ts'
import { RequestProblem } from './request-problem.ts'
import { TokenRenewal } from './token-renewal.ts'
import type { CrossingFrame } from './traffic.ts'
import type { TokenSource } from './token-source.ts'
import { reasonOf } from '../../shared/reason-of.ts'

export interface LinkOptions {
  readonly firstDelayMs: number
  readonly longestDelayMs: number
  readonly failuresBeforePolling: number
  readonly pollIntervalMs: number
}

export type LinkState =
  | { readonly kind: 'stopped' }
  | { readonly kind: 'waiting'; readonly until: number }
  | { readonly kind: 'connecting' }
  | { readonly kind: 'open' }

export interface LinkTrouble {
  readonly code: string
  readonly sentence: string
}

export interface LinkParts {
  readonly url: string
  readonly tokens: TokenSource
  readonly clock: Clock
  readonly surroundings: Pick<
    Surroundings,
    'createSocket' | 'fetch' | 'after' | 'random' | 'monotonic' | 'onWake' | 'onCutOff'
  >
  readonly options: LinkOptions
  /** State, failures or trouble changed. */
  readonly changed: () => void
  /** Every frame, for the inspector. */
  readonly traffic: (frame: CrossingFrame) => void
}

/** Somebody who answers for the versions of live lists, and hears their messages. */
export interface ListEnds {
  /** How often a list differed from the server's and was put right. */
  readonly heals: number
  versions(): Iterable<readonly [id: number, version: number]>
  heal(versions: ReadonlyMap<number, number>): void
}

/** A person is not kept waiting longer for a socket where polling would do; the socket may still come. */
const OVERDUE_MS = 10_000
/** What a server takes where it has said nothing else; and what a frame, or a request, puts around a message. */
const MESSAGE_BYTES = 8 * 1024 * 1024
const AROUND_MESSAGE_BYTES = 1024

export class Link implements Carrier {
  readonly #parts: LinkParts
  #state: LinkState = { kind: 'stopped' }
  #socket: FramedSocket | null = null
  #failures = 0
  #trouble: LinkTrouble | null = null
  /** Server time at which the server was last heard of. */
  #heardAt: number | null = null
  #messageBytes = MESSAGE_BYTES
  readonly #listeners = new LinkListeners()
  readonly #channels: LinkChannels
  readonly #delay: ReconnectDelay
  readonly #poller: Poller
  #lists: ListEnds | null = null
  #cancelTimer: (() => void) | null = null
  #stopListening: (() => void) | null = null
  readonly #heartbeat: Heartbeat
  /** For the welcome: five round trips of a slow line, when it is encrypted. */
  readonly #patience = new Patience({ shortestMs: 20_000, longestMs: 60_000 })
  readonly #renewal: TokenRenewal
  #attempt = 0
  #startedAt = 0
  #hasNewToken = false

  constructor(parts: LinkParts) {
    this.#parts = parts
    const { url, tokens, clock, surroundings, options } = parts
    this.#delay = new ReconnectDelay({ ...options, random: () => surroundings.random() })
    this.#heartbeat = new Heartbeat({
      clock,
      surroundings,
      ping: n => this.#sendControl({ t: 'ping', n }),
      unsentBytes: () => this.#socket?.unsentBytes ?? 0,
      dead: () => this.#drop(1006),
    })
    this.#renewal = new TokenRenewal({
      tokens,
      clock,
      surroundings,
      isOpen: () => this.#state.kind === 'open',
      send: token => this.#sendControl({ t: 'token', token }),
    })
    this.#poller = new Poller({
      url,
      tokens,
      clock,
      surroundings,
      intervalMs: options.pollIntervalMs,
      messageBytesMax: () => this.messageBytesMax,
      messageRefused: bytes => {
        this.#messageBytes = AROUND_MESSAGE_BYTES + bytes - 1
      },
      changed: () => parts.changed(),
      rounded: isFirst => {
        this.#heardAt = clock.now()
        this.#listeners.rounded()
        // The server is there: perhaps sockets are, too.
        if (isFirst) this.wake()
      },
      lost: () => this.#listeners.lost(),
    })
    this.#channels = new LinkChannels({
      surroundings,
      poller: this.#poller,
      isOpen: () => this.#state.kind === 'open',
      send: (channel, message) => {
        this.#socket?.send(channel, message)
        if (message[0] === MESSAGE_SYNC) this.#heartbeat.expectAnswer()
      },
      sendControl: message => this.#sendControl(message),
    })
  }

  /** What carries the records now. */
  get carrier(): 'socket' | 'polling' | null {
    return this.#state.kind === 'open' ? 'socket' : this.#poller.isWorking ? 'polling' : null
  }

  get state(): LinkState {
    return this.#state
  }

  /** Sockets in a row that ended before the welcome. */
  get failures(): number {
    return this.#failures
  }

  /** Why the server would not have us, when it said so; null again once it does. */
  get trouble(): LinkTrouble | null {
    return this.#poller.isWorking ? null : (this.#trouble ?? this.#poller.trouble)
  }

  /** How often what was shown differed from the server's and was put right. */
  get heals(): number {
    return this.#channels.heals + (this.#lists?.heals ?? 0)
  }

  /** Server time (ms) at which the server was last heard of; what was current then may not be any more. */
  get heardAt(): number | null {
    return this.#heardAt
  }

  get messageBytesMax(): number {
    return this.#messageBytes - AROUND_MESSAGE_BYTES
  }

  start(): void {
    if (this.#state.kind !== 'stopped') return
    const { surroundings } = this.#parts
    const stops = [
      surroundings.onWake(() => this.wake()),
      surroundings.onCutOff(() => {
        if (this.#state.kind === 'open') this.#heartbeat.beatSoon()
      }),
    ]
    this.#stopListening = () => {
      for (const stop of stops) stop()
    }
    this.#connect()
  }

  /** May be started again. */
  stop(): void {
    if (this.#state.kind === 'stopped') return
    this.#stopListening?.()
    this.#stopListening = null
    const wasPolling = this.#poller.isWorking
    this.#channels.stopPolling()
    if (wasPolling) this.#listeners.lost()
    this.#drop(1000)
    this.#cancelTimer?.()
    this.#cancelTimer = null
    this.#failures = 0
    this.#delay.reset()
    this.#become({ kind: 'stopped' })
  }

  /** Says and asks everything there is, over whatever carries it; settled when a poll has, at once on a socket. */
  async refresh(): Promise<void> {
    this.wake()
    if (this.#state.kind === 'open') this.#channels.askAll()
    await this.#poller.now()
  }

  /** No more waiting: the network is back, or a person asks. */
  wake(): void {
    if (this.#state.kind === 'waiting') this.#connect()
    else if (this.#state.kind === 'open') this.#heartbeat.beat()
  }

  askTime(): void {
    if (this.#state.kind === 'open') this.#heartbeat.beat()
  }

  openChannel(room: string, ends: ChannelEnds): Channel {
    return this.#channels.add(room, ends)
  }

  /** Whose channel it is on the socket that there is. */
  roomOf(channel: number): string | null {
    return this.#channels.roomOf(channel)
  }

  /** Control messages beyond the link's own: lists, inbox, events. False when there is no socket to send by. */
  sendControl(message: ClientControl | (JsonObject & { readonly t: string })): boolean {
    if (this.#state.kind !== 'open') return false
    this.#sendControl(message)
    return true
  }

  onControl(name: string, handler: (body: JsonObject) => void): () => void {
    return this.#listeners.onControl(name, handler)
  }

  /** Told at every welcome, before the channels are opened. */
  onOpen(tell: () => void): () => void {
    if (this.#state.kind === 'open') tell()
    return this.#listeners.onOpen(tell)
  }

  /** Told whenever the server has taken a token: who this is may have other rights than before. */
  onAdmitted(tell: () => void): () => void {
    return this.#listeners.onAdmitted(tell)
  }

  /** Told whenever what carried everything is gone. */
  onLost(tell: () => void): () => void {
    return this.#listeners.onLost(tell)
  }

  /** Told after every round of polling. */
  onRound(tell: () => void): () => void {
    return this.#listeners.onRound(tell)
  }

  /** What a socket would bring by itself, where there is none; or files, which no socket carries. */
  async request(path: string, init: RequestInit = {}): Promise<Response> {
    const { tokens, surroundings, url } = this.#parts
    const { token } = await tokens.get()
    const response = await patientFetch(surroundings, `${url}${path}`, {
      ...init,
      headers: { ...(init.headers as Record<string, string>), authorization: `Bearer ${token}` },
    })
    if (response.status === 401) tokens.forget()
    return response
  }

  answerForLists(lists: ListEnds): void {
    this.#lists = lists
  }

  #connect(): void {
    const { tokens, surroundings, url } = this.#parts
    this.#cancelTimer?.()
    this.#cancelTimer = null
    const attempt = ++this.#attempt
    this.#become({ kind: 'connecting' })
    tokens.get().then(
      () => {
        if (attempt !== this.#attempt || this.#state.kind !== 'connecting') return
        try {
          this.#socket = this.#framed(surroundings.createSocket(`${url.replace(/^http/, 'ws')}/link`, []))
        } catch (error) {
          this.#failed({ code: 'UNAVAILABLE', sentence: `No socket can be opened: ${reasonOf(error)}` })
          return
        }
        this.#startedAt = surroundings.monotonic()
        this.#awaitWelcome()
      },
      (error: unknown) => {
        if (attempt === this.#attempt && this.#state.kind === 'connecting') this.#failed(asTrouble(error))
      },
    )
  }

  #awaitWelcome(): void {
    const { options, surroundings } = this.#parts
    const leftMs = this.#startedAt + this.#patience.ms - surroundings.monotonic()
    this.#cancelTimer = surroundings.after(Math.min(leftMs, OVERDUE_MS), () => {
      if (leftMs > OVERDUE_MS) {
        this.#failures++
        if (this.#failures >= options.failuresBeforePolling) this.#channels.startPolling()
        this.#awaitWelcome()
      } else {
        this.#patience.gaveUp()
        this.#drop(1006)
      }
    })
  }

  #framed(socket: SocketLike): FramedSocket {
    const framed = new FramedSocket(socket, {
      traffic: this.#parts.traffic,
      opened: () =>
        framed.sendControl({
          t: 'hello',
          version: LINK_VERSION,
          token: this.#parts.tokens.current?.token ?? null,
        }),
      control: message => {
        if (this.#socket !== framed) return
        this.#heard()
        this.#control(message)
      },
      message: (channel, message) => {
        if (this.#socket !== framed) return
        this.#heard()
        this.#channels.message(channel, message)
      },
      closed: (code, reason) => {
        if (this.#socket === framed) this.#lost(code, reason)
      },
    })
    return framed
  }

  #heard(): void {
    this.#heardAt = this.#parts.clock.now()
    this.#heartbeat.heard()
  }

  #control(message: ControlIn): void {
    switch (message.t) {
      case 'welcome':
        this.#welcomed(message)
        return
      case 'opened':
        for (const opened of message.channels) this.#channels.opened(opened)
        return
      case 'closed':
        for (const closed of message.channels) this.#channels.closed(closed)
        return
      case 'renewed':
        this.#renewal.expires(message.expiresAt)
        this.#listeners.admitted()
        return
      case 'error':
        if (message.about === 'token') this.#renewal.again()
        this.#listeners.control('error', {
          about: message.about,
          code: message.code,
          sentence: message.sentence,
        })
        return
      case 'pong':
        this.#ponged(message)
        return
      case 'commits':
        this.#channels.compare(message.channels)
        this.#lists?.heal(new Map(message.lists))
        return
      case 'other':
        this.#listeners.control(message.name, message.body)
        return
      case 'malformed':
        return
    }
  }

  #welcomed(welcome: Extract<ServerControl, { t: 'welcome' }>): void {
    this.#cancelTimer?.()
    this.#cancelTimer = null
    this.#failures = 0
    this.#delay.reset()
    this.#trouble = null
    this.#hasNewToken = false
    this.#messageBytes = welcome.limits.messageBytes
    const { clock, surroundings } = this.#parts
    this.#patience.answeredWithin(surroundings.monotonic() - this.#startedAt)
    clock.contact(welcome.time)
    this.#heardAt = clock.now()
    this.#channels.stopPolling()
    this.#become({ kind: 'open' })
    this.#renewal.expires(welcome.expiresAt)
    this.#listeners.opened()
    this.#channels.openAll()
    this.#listeners.admitted()
    this.#heartbeat.start(welcome.heartbeatMs)
  }

  #sendControl(message: ClientControl | (JsonObject & { readonly t: string })): void {
    this.#socket?.sendControl(message)
  }

  #ponged({ n, time, digest }: Extract<ServerControl, { t: 'pong' }>): void {
    if (!this.#heartbeat.answered(n, time)) return
    const records = linkDigest(this.#channels.commits())
    const lists = linkDigest(this.#lists?.versions() ?? [])
    if (records !== digest.records || lists !== digest.lists) this.#sendControl({ t: 'check' })
    this.#parts.changed()
  }

  /** Ends the socket from this side, without waiting for its close event, which on a dead network comes late. */
  #drop(code: number): void {
    this.#socket?.drop()
    this.#lost(code, '')
  }

  #lost(code: number, reason: string): void {
    const wasOpen = this.#state.kind === 'open'
    this.#socket = null
    this.#attempt++
    this.#cancelTimer?.()
    this.#cancelTimer = null
    this.#renewal.stop()
    this.#heartbeat.stop()
    const lost = this.#channels.takeLost()
    if (wasOpen) this.#listeners.lost()
    if (code === 1000 && reason === '') {
      for (const ends of lost) ends.lost()
      return
    }
    const meaning = parseCloseReason(code, reason)
    const isToken = code === 4401
    if (wasOpen || isToken) this.#failures = 0
    // The application is asked anew before every attempt: a person may have signed in again since.
    if (isToken) this.#parts.tokens.forget()
    if (isToken && !this.#hasNewToken) {
      // Perhaps it has only expired while the network was away: one new token is tried at once.
      this.#hasNewToken = true
      this.#connect()
    } else this.#failed(meaning, !wasOpen && !isToken)
    for (const ends of lost) ends.lost()
  }

  #failed(trouble: LinkTrouble | null, counts = true): void {
    if (counts) this.#failures++
    this.#trouble = trouble
    const { options, surroundings } = this.#parts
    const delayMs = this.#delay.nextMs()
    this.#become({ kind: 'waiting', until: this.#parts.clock.now() + delayMs })
    this.#cancelTimer = surroundings.after(delayMs, () => this.#connect())
    if (this.#failures >= options.failuresBeforePolling) this.#channels.startPolling()
  }

  #become(state: LinkState): void {
    this.#state = state
    this.#parts.changed()
  }
}

const asTrouble = (error: unknown): LinkTrouble =>
  error instanceof RequestProblem
    ? { code: error.code, sentence: error.message }
    : { code: 'TOKEN_MISSING', sentence: `No token could be had: ${reasonOf(error)}` }
