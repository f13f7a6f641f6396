// The one socket to the server, whatever is open: it comes up, stays up and comes back by itself.
//
//     down ──attempt──▶ connecting ──welcome──▶ open
//      ▲                    │                     │
//      └──── lost, waits ◀──┴─────────────────────┘
//
// The wait grows from the first delay to the longest, each time shortened by chance so that a thousand tablets do
// not come back in one second, and is cut short when the network comes back or somebody looks at the page. A
// socket counts as failed when it ends before the welcome. A heartbeat tells the clock and finds dead sockets.

import type { Clock } from '../../shared/record/clock.ts'
import { errorCodes, isErrorCode, parseCloseReason } from '../../shared/wire/error-codes.ts'
import {
  type ClientControl,
  type Closed,
  LINK_VERSION,
  type Opened,
  type OpenAsk,
  parseServerControl,
  type ServerControl,
  writeControl,
} from '../../shared/wire/link-control.ts'
import { linkDigest } from '../../shared/wire/link-digest.ts'
import { CONTROL_CHANNEL, readLinkFrame, writeLinkFrame } from '../../shared/wire/link-frame.ts'
import type { JsonObject } from '../../shared/wire/shape.ts'
import type { SocketLike, Surroundings } from '../surroundings.ts'
import type { Carrier, Channel, ChannelEnds } from './carrier.ts'
import { type PolledChannel, Poller } from './poller.ts'
import { ANSWER_WITHIN_MS, Heartbeat } from './heartbeat.ts'
import { TokenRenewal } from './token-renewal.ts'
import type { Frame } from './traffic.ts'
import type { TokenSource } from './token-source.ts'

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
    'createSocket' | 'fetch' | 'after' | 'random' | 'monotonic' | 'onWake'
  >
  readonly options: LinkOptions
  /** State, failures or trouble changed. */
  readonly changed: () => void
  /** Every frame, for the inspector. */
  readonly traffic: (frame: Omit<Frame, 'at'>) => void
}

/** Somebody who answers for the versions of live lists, and hears their messages. */
export interface ListEnds {
  versions(): Iterable<readonly [id: number, version: number]>
  heal(versions: ReadonlyMap<number, number>): void
}

interface OpenChannel {
  readonly room: string
  readonly ends: ChannelEnds
  number: number
  isOpen: boolean
  polled: PolledChannel | null
  cancelRetry: (() => void) | null
}

const RETRY_CHANNEL_MS = 2_000

export class Link implements Carrier {
  readonly #parts: LinkParts
  #state: LinkState = { kind: 'stopped' }
  #socket: SocketLike | null = null
  #failures = 0
  #delays = 0
  #trouble: LinkTrouble | null = null
  #heals = 0
  readonly #channels = new Map<number, OpenChannel>()
  readonly #waiting = new Set<OpenChannel>()
  #nextNumber = 1
  #toOpen: OpenChannel[] = []
  #toClose: number[] = []
  #isFlushing = false
  readonly #handlers = new Map<string, (body: JsonObject) => void>()
  readonly #openListeners = new Set<() => void>()
  readonly #lostListeners = new Set<() => void>()
  readonly #roundListeners = new Set<() => void>()
  readonly #poller: Poller
  #lists: ListEnds | null = null
  #cancelTimer: (() => void) | null = null
  #stopWaking: (() => void) | null = null
  readonly #heartbeat: Heartbeat
  readonly #renewal: TokenRenewal
  #attempt = 0
  #hasNewToken = false

  constructor(parts: LinkParts) {
    this.#parts = parts
    const { url, tokens, clock, surroundings, options } = parts
    this.#heartbeat = new Heartbeat({
      clock,
      surroundings,
      ping: n => this.#sendControl({ t: 'ping', n }),
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
      changed: () => parts.changed(),
      rounded: () => {
        for (const tell of [...this.#roundListeners]) tell()
      },
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
    return this.#heals
  }

  start(): void {
    if (this.#state.kind !== 'stopped') return
    this.#stopWaking = this.#parts.surroundings.onWake(() => this.wake())
    this.#connect()
  }

  /** May be started again. */
  stop(): void {
    if (this.#state.kind === 'stopped') return
    this.#stopWaking?.()
    this.#stopWaking = null
    this.#stopPolling()
    this.#drop(1000)
    this.#cancelTimer?.()
    this.#cancelTimer = null
    this.#failures = 0
    this.#delays = 0
    this.#become({ kind: 'stopped' })
  }

  /** Says and asks everything there is, over whatever carries it; settled when a poll has, at once on a socket. */
  async refresh(): Promise<void> {
    this.wake()
    if (this.#state.kind === 'open')
      for (const { isOpen, ends } of this.#channels.values()) if (isOpen) ends.heal()
    await this.#poller.now()
  }

  /** No more waiting: the network is back, or a person asks. */
  wake(): void {
    if (this.#state.kind === 'waiting') this.#connect()
    else if (this.#state.kind === 'open') this.#heartbeat.beat()
  }

  openChannel(room: string, ends: ChannelEnds): Channel {
    const channel: OpenChannel = { room, ends, number: 0, isOpen: false, polled: null, cancelRetry: null }
    this.#waiting.add(channel)
    if (this.#state.kind === 'open') this.#open(channel)
    else if (this.#poller.isRunning) channel.polled = this.#poller.add(room, ends)
    return {
      get isOpen() {
        return channel.isOpen || channel.polled?.isOpen === true
      },
      send: message => {
        if (channel.polled === null) this.#send(channel.number, message)
        else channel.polled.queue.push(message)
      },
      close: () => this.#close(channel),
    }
  }

  /** Control messages beyond the link's own: lists, inbox, events. False when there is no socket to send by. */
  sendControl(message: ClientControl | (JsonObject & { readonly t: string })): boolean {
    if (this.#state.kind !== 'open') return false
    this.#sendControl(message)
    return true
  }

  onControl(name: string, handler: (body: JsonObject) => void): () => void {
    this.#handlers.set(name, handler)
    return () => {
      if (this.#handlers.get(name) === handler) this.#handlers.delete(name)
    }
  }

  /** Told at every welcome, before the channels are opened. */
  onOpen(tell: () => void): () => void {
    this.#openListeners.add(tell)
    if (this.#state.kind === 'open') tell()
    return () => this.#openListeners.delete(tell)
  }

  /** Told whenever an open socket is gone. */
  onLost(tell: () => void): () => void {
    this.#lostListeners.add(tell)
    return () => this.#lostListeners.delete(tell)
  }

  /** What a socket would bring by itself, where there is none; or files, which no socket carries. */
  async request(path: string, init: RequestInit = {}): Promise<Response> {
    const { tokens, surroundings, url } = this.#parts
    const { token } = await tokens.get()
    const response = await surroundings.fetch(`${url}${path}`, {
      ...init,
      headers: { ...(init.headers as Record<string, string>), authorization: `Bearer ${token}` },
    })
    if (response.status === 401) tokens.forget()
    return response
  }

  /** Told after every round of polling. */
  onRound(tell: () => void): () => void {
    this.#roundListeners.add(tell)
    return () => this.#roundListeners.delete(tell)
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
        let socket: SocketLike
        try {
          socket = surroundings.createSocket(`${url.replace(/^http/, 'ws')}/link`, [])
        } catch (error) {
          this.#failed(asTrouble(error))
          return
        }
        this.#attach(socket)
        this.#cancelTimer = surroundings.after(ANSWER_WITHIN_MS, () => this.#drop(1006))
      },
      (error: unknown) => {
        if (attempt === this.#attempt && this.#state.kind === 'connecting') this.#failed(asTrouble(error))
      },
    )
  }

  #attach(socket: SocketLike): void {
    this.#socket = socket
    socket.binaryType = 'arraybuffer'
    socket.onopen = () => {
      const identity = this.#parts.tokens.current
      this.#write(
        CONTROL_CHANNEL,
        writeControl({ t: 'hello', version: LINK_VERSION, token: identity?.token ?? null }),
        'hello',
      )
    }
    socket.onmessage = ({ data }) => {
      const bytes = asBytes(data)
      if (bytes !== null && this.#socket === socket) this.#receive(bytes)
    }
    // The close event that follows says all there is to say.
    socket.onerror = () => {}
    socket.onclose = ({ code, reason }) => {
      if (this.#socket === socket) this.#lost(code, reason)
    }
  }

  #receive(bytes: Uint8Array): void {
    const frame = readLinkFrame(bytes)
    if (frame === null) return
    if (frame.channel === CONTROL_CHANNEL) {
      this.#control(parseServerControl(frame.payload), bytes.length)
      return
    }
    this.#parts.traffic({ direction: 'in', channel: frame.channel, bytes: bytes.length, control: null })
    this.#channels.get(frame.channel)?.ends.message(frame.payload)
  }

  #control(message: ReturnType<typeof parseServerControl>, bytes: number): void {
    this.#parts.traffic({
      direction: 'in',
      channel: 0,
      bytes,
      control: message.t === 'other' ? message.name : message.t,
    })
    switch (message.t) {
      case 'welcome':
        this.#welcomed(message)
        return
      case 'opened':
        for (const opened of message.channels) this.#opened(opened)
        return
      case 'closed':
        for (const closed of message.channels) this.#channelClosed(closed)
        return
      case 'renewed':
        this.#renewal.expires(message.expiresAt)
        return
      case 'error':
        if (message.about === 'token') this.#renewal.again()
        this.#handlers.get('error')?.({
          about: message.about,
          code: message.code,
          sentence: message.sentence,
        })
        return
      case 'pong':
        this.#ponged(message)
        return
      case 'commits':
        this.#compare(message.channels, message.lists)
        return
      case 'other':
        this.#handlers.get(message.name)?.(message.body)
        return
      case 'malformed':
        return
    }
  }

  #welcomed(welcome: Extract<ServerControl, { t: 'welcome' }>): void {
    this.#cancelTimer?.()
    this.#cancelTimer = null
    this.#failures = 0
    this.#delays = 0
    this.#trouble = null
    this.#hasNewToken = false
    this.#parts.clock.contact(welcome.time)
    this.#nextNumber = 1
    this.#stopPolling()
    this.#become({ kind: 'open' })
    this.#renewal.expires(welcome.expiresAt)
    for (const tell of [...this.#openListeners]) tell()
    for (const channel of this.#waiting) this.#open(channel)
    this.#heartbeat.start(welcome.heartbeatMs)
  }

  #open(channel: OpenChannel): void {
    this.#waiting.delete(channel)
    channel.number = this.#nextNumber++
    this.#channels.set(channel.number, channel)
    this.#toOpen.push(channel)
    this.#flushSoon()
  }

  #opened({ channel: number, epoch, commit, readOnly, clientId, held }: Opened): void {
    const channel = this.#channels.get(number)
    if (channel === undefined) return
    channel.isOpen = true
    channel.ends.opened({ epoch, commit, readOnly, clientId }, held)
  }

  #channelClosed({ channel: number, code, sentence }: Closed): void {
    const channel = this.#channels.get(number)
    if (channel === undefined) return
    this.#channels.delete(number)
    channel.isOpen = false
    channel.number = 0
    const willRetry = isErrorCode(code) && errorCodes[code].retry && code !== 'CLOCK_AHEAD'
    if (willRetry) {
      channel.cancelRetry = this.#parts.surroundings.after(RETRY_CHANNEL_MS, () => {
        channel.cancelRetry = null
        if (this.#state.kind === 'open') this.#open(channel)
        else this.#waiting.add(channel)
      })
    }
    channel.ends.ended({ code, sentence, willRetry })
  }

  #close(channel: OpenChannel): void {
    this.#waiting.delete(channel)
    if (channel.polled !== null) this.#poller.remove(channel.polled)
    channel.polled = null
    channel.cancelRetry?.()
    channel.cancelRetry = null
    if (channel.number === 0) return
    this.#channels.delete(channel.number)
    this.#toOpen = this.#toOpen.filter(one => one !== channel)
    this.#toClose.push(channel.number)
    channel.number = 0
    channel.isOpen = false
    this.#flushSoon()
  }

  /** Openings and closings of one turn go in one message. */
  #flushSoon(): void {
    if (this.#isFlushing) return
    this.#isFlushing = true
    queueMicrotask(() => {
      this.#isFlushing = false
      const opens = this.#toOpen
      const closes = this.#toClose
      this.#toOpen = []
      this.#toClose = []
      if (this.#state.kind !== 'open') return
      if (closes.length > 0) this.#sendControl({ t: 'close', channels: closes })
      if (opens.length > 0) this.#sendControl({ t: 'open', channels: opens.map(openAsk) })
    })
  }

  #send(channel: number, message: Uint8Array): void {
    if (channel !== 0 && this.#state.kind === 'open') this.#write(channel, message, null)
  }

  #sendControl(message: ClientControl | (JsonObject & { readonly t: string })): void {
    this.#write(CONTROL_CHANNEL, writeControl(message), message.t)
  }

  #write(channel: number, payload: Uint8Array, control: string | null): void {
    const frame = writeLinkFrame(channel, payload)
    this.#parts.traffic({ direction: 'out', channel, bytes: frame.length, control })
    this.#socket?.send(frame)
  }

  #ponged({ n, time, digest }: Extract<ServerControl, { t: 'pong' }>): void {
    if (!this.#heartbeat.answered(n, time)) return
    const records = linkDigest(this.#commits())
    const lists = linkDigest(this.#lists?.versions() ?? [])
    if (records !== digest.records || lists !== digest.lists) this.#sendControl({ t: 'check' })
    this.#parts.changed()
  }

  *#commits(): Generator<readonly [number, number]> {
    for (const [number, channel] of this.#channels) if (channel.isOpen) yield [number, channel.ends.commit()]
  }

  #compare(
    commits: readonly (readonly [number, number])[],
    versions: readonly (readonly [number, number])[],
  ): void {
    for (const [number, commit] of commits) {
      const channel = this.#channels.get(number)
      if (channel === undefined || !channel.isOpen || channel.ends.commit() === commit) continue
      this.#heals++
      channel.ends.heal()
    }
    this.#lists?.heal(new Map(versions))
  }

  /** Ends the socket from this side, without waiting for its close event, which on a dead network comes late. */
  #drop(code: number): void {
    const socket = this.#socket
    if (socket !== null) {
      socket.onopen = null
      socket.onmessage = null
      socket.onclose = null
      socket.close()
    }
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
    const channels = [...this.#channels.values()]
    this.#channels.clear()
    this.#toOpen = []
    this.#toClose = []
    for (const channel of channels) {
      channel.number = 0
      channel.isOpen = false
      this.#waiting.add(channel)
    }
    if (wasOpen) for (const tell of [...this.#lostListeners]) tell()
    if (code === 1000 && reason === '') {
      for (const channel of channels) channel.ends.lost()
      return
    }
    const meaning = parseCloseReason(code, reason)
    const isToken = code === 4401
    if (wasOpen || isToken) this.#failures = 0
    if (isToken && !this.#hasNewToken) {
      // Perhaps it has only expired while the network was away: one new token is tried at once.
      this.#hasNewToken = true
      this.#parts.tokens.forget()
      this.#connect()
    } else this.#failed(meaning, !wasOpen && !isToken)
    for (const channel of channels) channel.ends.lost()
  }

  #failed(trouble: LinkTrouble | null, counts = true): void {
    if (counts) this.#failures++
    this.#trouble = trouble
    const { options, surroundings } = this.#parts
    const longest = Math.min(options.longestDelayMs, options.firstDelayMs * 2 ** this.#delays)
    this.#delays = Math.min(this.#delays + 1, 30)
    const delayMs = longest * (0.5 + surroundings.random() / 2)
    this.#become({ kind: 'waiting', until: this.#parts.clock.now() + delayMs })
    this.#cancelTimer = surroundings.after(delayMs, () => this.#connect())
    if (this.#failures >= options.failuresBeforePolling) this.#startPolling()
  }

  #startPolling(): void {
    if (this.#poller.isRunning) return
    for (const channel of this.#waiting) channel.polled = this.#poller.add(channel.room, channel.ends)
    this.#poller.start()
  }

  #stopPolling(): void {
    if (!this.#poller.isRunning) return
    for (const channel of this.#waiting) channel.polled = null
    this.#poller.stop()
  }

  #become(state: LinkState): void {
    this.#state = state
    this.#parts.changed()
  }
}

const openAsk = ({ number, room, ends }: OpenChannel): OpenAsk => {
  const { clientId, epoch } = ends.ask()
  return { channel: number, room, clientId, ...(epoch === null ? {} : { epoch }) }
}

const asTrouble = (error: unknown): LinkTrouble => ({
  code: 'TOKEN_MISSING',
  sentence: `No token could be had: ${error instanceof Error ? error.message : String(error)}`,
})

const asBytes = (data: unknown): Uint8Array | null =>
  data instanceof Uint8Array ? data : data instanceof ArrayBuffer ? new Uint8Array(data) : null
