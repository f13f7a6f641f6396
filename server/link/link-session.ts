import { type ErrorCode, errorCodes } from '../../shared/wire/error-codes.ts'
import {
  type ClientControl,
  type Closed,
  LINK_VERSION,
  type LinkUser,
  type MalformedControl,
  type OpenAsk,
  type Opened,
  type OtherControl,
  parseClientControl,
  type ServerControl,
  writeControl,
} from '../../shared/wire/link-control.ts'
import { linkDigest } from '../../shared/wire/link-digest.ts'
import { CONTROL_CHANNEL, readLinkFrame } from '../../shared/wire/link-frame.ts'
import { type JsonObject, ShapeError } from '../../shared/wire/shape.ts'
import type { Authenticator } from '../access/authenticate.ts'
import type { Principal } from '../access/principal.ts'
import { createTokenBucket, type TokenBucket } from '../access/token-bucket.ts'
import { type Door, type JoinAsk, RoomRefusal } from '../room/peer.ts'
import type { Connection, ConnectionHandler, WireLogger } from './connection.ts'
import type { ControlHandler, Link, LinkFeed, LinkFeedWriter } from './control-handler.ts'
import { type ChannelSession, LinkChannel } from './link-channel.ts'
import type { Source } from './outbox.ts'
import { SharedMessage } from './shared-message.ts'
import { unreachable } from '../../shared/unreachable.ts'
import type { Admission } from './socket-admission.ts'
import type { WireCounters } from './wire-counters.ts'

interface LinkLimits {
  readonly channelsPerLink: number
  readonly joinsPerSecond: number
  readonly messageBytes: number
  readonly presenceBytes: number
  readonly heartbeatMs: number
  readonly helloMs: number
}

/** What all links have in common. */
export interface LinkPlace {
  readonly door: Door
  readonly authenticator: Pick<Authenticator, 'request' | 'token'>
  readonly limits: LinkLimits
  readonly counters: WireCounters
  readonly logger: WireLogger
  readonly handlers: ReadonlyMap<string, ControlHandler>
  readonly now: () => number
}

/** JSON is parsed in one go; a thousand channels are opened in 100 KB. */
const CONTROL_BYTES_MAX = 1024 * 1024

/**
 * What looks at all channels and lists of a link is asked at its heartbeat, or when a token is renewed. A flood of it
 * would keep everybody else waiting, at a few bytes each.
 */
const DEAR_PER_SECOND = 2
const DEAR_BURST = 20

/** One link after its hello. */
export class LinkSession implements ConnectionHandler, Link, ChannelSession {
  readonly connection: Connection
  principal: Principal
  private readonly id: string
  private readonly place: LinkPlace
  private readonly admission: Admission
  private readonly channels = new Map<number, LinkChannel>()
  private readonly handlers = new Set<ControlHandler>()
  private readonly joins: TokenBucket
  private dear: TokenBucket | null = null
  private asks: OpenAsk[] = []
  private joinTimer: NodeJS.Timeout | null = null
  private joined: { channel: LinkChannel; opened: Opened }[] = []
  private closedChannels: Closed[] = []

  constructor(
    id: string,
    place: LinkPlace,
    connection: Connection,
    principal: Principal,
    admission: Admission,
  ) {
    this.id = id
    this.place = place
    this.connection = connection
    this.principal = principal
    this.admission = admission
    const { joinsPerSecond } = place.limits
    this.joins = createTokenBucket({ perSecond: joinsPerSecond, burst: joinsPerSecond }, place.now)
    for (const handler of place.handlers.values()) this.handlers.add(handler)
  }

  welcome(): void {
    const { limits, now } = this.place
    this.sendControl({
      t: 'welcome',
      version: LINK_VERSION,
      session: this.id,
      user: linkUser(this.principal),
      expiresAt: this.principal.expiresAt,
      time: now(),
      heartbeatMs: limits.heartbeatMs,
      limits: {
        channels: Number.isFinite(limits.channelsPerLink) ? limits.channelsPerLink : null,
        messageBytes: limits.messageBytes,
        presenceBytes: limits.presenceBytes,
      },
    })
  }

  message(bytes: Uint8Array): void {
    const frame = readLinkFrame(bytes)
    if (frame === null) this.connection.close('MALFORMED')
    // A channel that was closed meanwhile is nobody's fault.
    else if (frame.channel !== CONTROL_CHANNEL) this.channels.get(frame.channel)?.receive(frame.payload)
    else if (frame.payload.length > CONTROL_BYTES_MAX) this.connection.close('TOO_LARGE')
    else this.control(parseClientControl(frame.payload))
  }

  closed(): void {
    if (this.joinTimer !== null) clearTimeout(this.joinTimer)
    this.joinTimer = null
    this.asks = []
    for (const channel of this.channels.values()) channel.leave()
    this.channels.clear()
    for (const handler of this.handlers) handler.closed?.(this)
  }

  send(message: JsonObject & { readonly t: string }): void {
    this.connection.outbox.send(controlMessage(message), CONTROL_SOURCE)
  }

  sendError(about: string, code: ErrorCode, sentence: string = errorCodes[code].sentence): void {
    this.sendControl({ t: 'error', about, code, sentence })
  }

  feed({ drained }: LinkFeed): LinkFeedWriter {
    const source: Source = { channel: CONTROL_CHANNEL, drained }
    const { outbox } = this.connection
    return {
      send: message => outbox.sendShared(message, source),
      close: () => outbox.forget(source),
    }
  }

  /** A fault of ours, in one record: loud, and the end of this channel alone. */
  failed(channel: LinkChannel, error: unknown): void {
    this.place.logger.error({ err: error }, 'a message could not be handled')
    channel.close('INTERNAL')
  }

  /** A channel has ended; the client is told with whatever else ended in this turn. */
  channelClosed({ channel }: LinkChannel, code: ErrorCode, sentence: string): void {
    this.channels.delete(channel)
    this.closedChannels.push({ channel, code, sentence })
    this.settleSoon()
  }

  private control(message: ClientControl | OtherControl | MalformedControl): void {
    switch (message.t) {
      case 'open':
        for (const ask of message.channels) this.ask(ask)
        this.openNext()
        break
      case 'close':
        this.closeChannels(message.channels)
        break
      case 'token':
        if (this.takesDear('token')) void this.renew(message.token)
        break
      case 'ping':
        this.pong(message.n)
        break
      case 'check':
        if (!this.takesDear('check')) break
        this.place.counters.digestsDiffering++
        this.sendControl({ t: 'commits', channels: [...this.commits()], lists: [...this.versions()] })
        break
      case 'hello':
        this.sendError('hello', 'BAD_REQUEST', 'Say hello once.')
        break
      case 'other':
        this.handle(message)
        break
      case 'malformed':
        this.connection.close('MALFORMED', message.problem)
        break
      default:
        unreachable(message)
    }
  }

  /** What is too much is refused at once, and waits nowhere. */
  private ask(ask: OpenAsk): void {
    if (this.channels.size + this.asks.length < this.place.limits.channelsPerLink) this.asks.push(ask)
    else this.open(ask)
  }

  private openNext(): void {
    while (this.asks.length > 0) {
      const waitMs = this.joins.waitMs()
      if (waitMs > 0) {
        this.joinTimer ??= setTimeout(() => {
          this.joinTimer = null
          this.openNext()
        }, waitMs)
        return
      }
      this.joins.take()
      const ask = this.asks.shift()
      if (ask !== undefined) this.open(ask)
    }
  }

  private open({ channel: number, room, clientId, epoch, again }: OpenAsk): void {
    const channel = new LinkChannel(this, number)
    if (number === CONTROL_CHANNEL || this.channels.has(number)) {
      this.connection.close('BAD_REQUEST', 'Give each channel a number of its own.')
      return
    }
    this.channels.set(number, channel)
    if (this.channels.size + this.asks.length > this.place.limits.channelsPerLink) {
      channel.close('TOO_MANY_CHANNELS')
      return
    }
    const ask: JoinAsk = {
      ...(clientId === undefined ? {} : { clientId }),
      ...(epoch === undefined ? {} : { epoch }),
      ...(again === undefined ? {} : { again }),
    }
    this.place.door.join(room, channel, ask).then(
      membership => {
        const opened = channel.joined(membership)
        if (opened === null) return
        this.joined.push({ channel, opened })
        this.settleSoon()
      },
      error => {
        if (error instanceof RoomRefusal) channel.close(error.code, error.message)
        else {
          this.place.logger.error({ err: error, room }, 'a record could not be opened')
          channel.close('INTERNAL')
        }
      },
    )
  }

  /** Rooms that are loaded answer one after the other; the client is told of all of them in one frame. */
  private settleSoon(): void {
    if (this.joined.length + this.closedChannels.length === 1) queueMicrotask(() => this.settle())
  }

  private settle(): void {
    const { joined, closedChannels } = this
    this.joined = []
    this.closedChannels = []
    if (this.connection.ended) return
    if (joined.length > 0) this.sendControl({ t: 'opened', channels: joined.map(({ opened }) => opened) })
    if (closedChannels.length > 0) this.sendControl({ t: 'closed', channels: closedChannels })
    for (const { channel } of joined) channel.opened()
  }

  private closeChannels(numbers: readonly number[]): void {
    const closing = new Set(numbers)
    this.asks = this.asks.filter(ask => !closing.has(ask.channel))
    for (const number of closing) {
      const channel = this.channels.get(number)
      this.channels.delete(number)
      channel?.leave()
    }
  }

  private takesDear(about: string): boolean {
    this.dear ??= createTokenBucket({ perSecond: DEAR_PER_SECOND, burst: DEAR_BURST }, this.place.now)
    const takes = this.dear.take()
    if (!takes) this.sendError(about, 'TOO_FAST')
    return takes
  }

  private async renew(token: string): Promise<void> {
    const authentication = await this.place.authenticator.token(token)
    if (this.connection.ended) return
    if (!authentication.ok) {
      this.sendError('token', authentication.code, authentication.reason)
      return
    }
    const { principal } = authentication
    if (principal.id !== this.principal.id) {
      this.sendError('token', 'TOKEN_OF_ANOTHER')
      return
    }
    this.principal = principal
    this.admission.renewed(principal)
    this.sendControl({ t: 'renewed', user: linkUser(principal), expiresAt: principal.expiresAt })
    for (const channel of this.channels.values()) channel.principalChanged()
    for (const handler of this.handlers) handler.principalChanged?.(this)
  }

  private pong(n: number): void {
    const digest = { records: linkDigest(this.commits()), lists: linkDigest(this.versions()) }
    this.sendControl({ t: 'pong', n, time: this.place.now(), digest })
  }

  private *commits(): Iterable<readonly [number, number]> {
    for (const { channel, commit } of this.channels.values()) if (commit !== null) yield [channel, commit]
  }

  private *versions(): Iterable<readonly [number, number]> {
    for (const handler of this.handlers) if (handler.versions) yield* handler.versions(this)
  }

  private handle({ name, body }: OtherControl): void {
    const handler = this.place.handlers.get(name)
    if (handler === undefined) {
      this.sendError(name, 'BAD_REQUEST', `This server knows no message «${name}».`)
      return
    }
    try {
      handler.receive(this, name, body)
    } catch (error) {
      if (!(error instanceof ShapeError)) throw error
      this.sendError(name, 'BAD_REQUEST', error.message)
    }
  }

  private sendControl(message: ServerControl): void {
    this.connection.outbox.send(new SharedMessage(writeControl(message)), CONTROL_SOURCE)
  }
}

const CONTROL_SOURCE: Source = { channel: CONTROL_CHANNEL, drained() {} }

/** A control message that may go to many links. */
export const controlMessage = (message: JsonObject & { readonly t: string }): SharedMessage =>
  new SharedMessage(writeControl(message))

const linkUser = ({ id, name, roles }: Principal): LinkUser => ({ id, name, roles })
