import type { ErrorCode } from '../../shared/wire/error-codes.ts'
import { errorCodes } from '../../shared/wire/error-codes.ts'
import type { Opened } from '../../shared/wire/link-control.ts'
import type { Principal } from '../access/principal.ts'
import type { Membership, Peer } from '../room/peer.ts'
import type { Outbox, Source } from './outbox.ts'
import { asMessage, type SharedMessage } from './shared-message.ts'

/** What may be sent on a channel before it is open. */
const HELD_BYTES_MAX = 1024 * 1024

/** The link that a channel is on. */
export interface ChannelSession {
  readonly principal: Principal
  readonly connection: { readonly outbox: Pick<Outbox, 'send' | 'sendShared' | 'forget'> }
  /** A fault of ours, in one record. */
  failed(channel: LinkChannel, error: unknown): void
  channelClosed(channel: LinkChannel, code: ErrorCode, sentence: string): void
}

/**
 * One open record on a link. Until the room has let it in, what the client sends is held back, and so is what the
 * room sends: the client is told first that the channel is open.
 */
export class LinkChannel implements Peer, Source {
  readonly kind = 'link'
  readonly wantsAcks = true
  readonly channel: number
  private readonly session: ChannelSession
  private state: ChannelState = { is: 'opening', fromClient: [], fromRoom: [], heldBytes: 0 }

  constructor(session: ChannelSession, channel: number) {
    this.session = session
    this.channel = channel
  }

  get principal(): Principal {
    return this.session.principal
  }

  /** The commit number that the client has been brought to; null while it is not open. */
  get commit(): number | null {
    return this.state.is === 'open' ? this.state.membership.info.commit : null
  }

  send(message: Uint8Array | SharedMessage): void {
    this.put(asMessage(message), false)
  }

  sendShared(message: SharedMessage): void {
    this.put(message, true)
  }

  close(code: ErrorCode, sentence: string = errorCodes[code].sentence): void {
    if (this.state.is === 'closed') return
    // What became of its edits the client is told before it hears that nothing more comes.
    this.end('shared')
    this.session.channelClosed(this, code, sentence)
  }

  /** The room has let it in. False if it was closed meanwhile. */
  joined(membership: Membership): Opened | null {
    if (this.state.is !== 'opening') {
      membership.leave()
      return null
    }
    this.state = { ...this.state, is: 'joined', membership }
    const { epoch, commit, readOnly, clientId, held } = membership.info
    return { channel: this.channel, epoch, commit, readOnly, clientId, held }
  }

  /** The client has been told that it is open: what was held back goes its way. */
  opened(): void {
    const { state } = this
    if (state.is !== 'joined') return
    this.state = { is: 'open', membership: state.membership }
    for (const { message, isShared } of state.fromRoom) this.put(message, isShared)
    for (const message of state.fromClient) this.receive(message)
  }

  receive(message: Uint8Array): void {
    const { state } = this
    if (state.is === 'open') {
      try {
        state.membership.receive(message)
      } catch (error) {
        this.session.failed(this, error)
      }
    } else if (state.is !== 'closed') {
      state.fromClient.push(message)
      state.heldBytes += message.length
      if (state.heldBytes > HELD_BYTES_MAX)
        this.close('TOO_FAST', 'Wait until the record is open: too much was sent before.')
    }
  }

  principalChanged(): void {
    if (this.state.is === 'open' || this.state.is === 'joined') this.state.membership.principalChanged()
  }

  /** The client or the link has closed it. */
  leave(): void {
    this.end('all')
  }

  drained(): void {
    if (this.state.is === 'open') this.state.membership.drained()
  }

  private end(forgotten: 'all' | 'shared'): void {
    const { state } = this
    this.state = { is: 'closed' }
    this.session.connection.outbox.forget(this, forgotten)
    if (state.is === 'open' || state.is === 'joined') state.membership.leave()
  }

  private put(message: SharedMessage, isShared: boolean): void {
    const { state } = this
    if (state.is === 'open') {
      const { outbox } = this.session.connection
      if (isShared) outbox.sendShared(message, this)
      else outbox.send(message, this)
    } else if (state.is !== 'closed') {
      state.fromRoom.push({ message, isShared })
    }
  }
}

interface Held {
  readonly fromClient: Uint8Array[]
  readonly fromRoom: { readonly message: SharedMessage; readonly isShared: boolean }[]
  heldBytes: number
}

type ChannelState =
  | ({ readonly is: 'opening' } & Held)
  | ({ readonly is: 'joined'; readonly membership: Membership } & Held)
  | { readonly is: 'open'; readonly membership: Membership }
  | { readonly is: 'closed' }
