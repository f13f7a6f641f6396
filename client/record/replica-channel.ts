// A replica and its room: y-websocket's own provider over a channel of the link, and what the provider does not know
// of: which message carries which edit, acknowledgement and refusal, epochs, and a doc whose updates wait.

import { Awareness, removeAwarenessStates } from 'y-protocols/awareness'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import {
  readChannelMessage,
  type Refused,
  type Standing,
  writeSyncStep1,
  writeSyncStep2,
  writeUpdate,
} from '../../shared/wire/sync-message.ts'
import type { Carrier, Channel, ChannelEnd, HeldClocks } from '../link/carrier.ts'
import { ChannelSocket, clientsIn, type Outgoing } from '../link/channel-socket.ts'
import { report } from '../told.ts'
import type { Edit, EditLedger } from './edit-ledger.ts'

export interface ReplicaChannelParts {
  readonly doc: Y.Doc
  readonly room: string
  readonly ledger: EditLedger
  readonly carrier: Carrier
  /** Of what the doc holds; '' while the server has not been met. */
  epoch(): string
  /** It is begun under the name of one that was purged, and nothing of it is saved yet. */
  isAgain(): boolean
  /** The server has answered; of what is unsaved nothing has left yet. */
  opened(): void
  /** The server has been met: this is the epoch it holds. */
  met(epoch: string): void
  saved(edits: readonly Edit[]): void
  refused(refused: Refused, edits: readonly Edit[]): void
  /** What carries these is larger than a server takes, and was not sent. */
  tooLarge(edits: readonly Edit[]): void
  outdated(): void
  ended(end: ChannelEnd): void
  /** What is held is what the server has, up to this commit. */
  tookIn(commit: number): void
  /** What is held was what the server has until the server was last heard of; now nobody knows. */
  wasTrue(commit: number, at: number | null): void
  statusChanged(): void
}

export interface ConnectWith {
  /** Nothing that was written leaves before `release`. */
  readonly hold?: boolean
  /** The epoch of the generation before, of which the server is to tell what it held. */
  readonly askWith?: string
}

export class ReplicaChannel {
  readonly awareness: Awareness
  readonly #parts: ReplicaChannelParts
  #provider: WebsocketProvider | null = null
  #socket: ChannelSocket | null = null
  #channel: Channel | null = null
  #standing: Standing | null = null
  #heldBefore: HeldClocks = []
  #held: Uint8Array[] | null = null
  /** What `held` waits for, unless somebody releases it. */
  #look: Promise<void> | null = null
  /** The edit whose update the provider is about to send. */
  #carrying: number | null = null
  #isQuiet = false
  /** The commit number that this channel has brought the record to. */
  #commit = 0
  #isSynced = false
  #heldOff: ChannelEnd | null = null

  constructor(parts: ReplicaChannelParts) {
    this.#parts = parts
    this.awareness = new Awareness(parts.doc)
    // Its timer drops states after 30 s of silence and renews its own; on a link both are the link's affair.
    clearInterval(this.awareness._checkInterval)
    this.awareness.setLocalState(null)
  }

  get standing(): Standing | null {
    return this.#standing
  }

  /** The server's state has been taken in since the channel was opened. */
  get isSynced(): boolean {
    return this.#isSynced
  }

  /** Why the server does not open it just now, in which it is asked again and again. */
  get heldOff(): ChannelEnd | null {
    return this.#heldOff
  }

  /** What the server held of this person's client ids in the epoch that was asked with, as it told. */
  get heldBefore(): HeldClocks {
    return this.#heldBefore
  }

  connect({ hold = false, askWith = '' }: ConnectWith = {}): void {
    if (this.#provider !== null) return
    if (hold) this.#held = []
    const { doc, room, carrier, epoch, isAgain } = this.#parts
    this.#provider = this.#makeProvider()
    this.#channel = carrier.openChannel(room, {
      ask: () => ({ clientId: doc.clientID, epoch: epoch() || askWith || null, again: isAgain() }),
      opened: (standing, held) => {
        this.#heldOff = null
        if (held !== null) this.#heldBefore = held
        this.#parts.opened()
        this.#stands(standing)
      },
      message: bytes => this.#receive(bytes),
      commit: () => this.#commit,
      present: states => this.#onlyPresent(states),
      heal: () => this.#askForMissing(),
      lost: () => this.#lost(),
      ended: end => {
        this.#lost()
        // The same, while it says the same.
        if (this.#heldOff?.code !== end.code) this.#heldOff = end.willRetry ? end : null
        this.#parts.ended(end)
      },
    })
  }

  disconnect(): void {
    this.#lost()
    this.#heldOff = null
    this.#channel?.close()
    this.#channel = null
    this.#provider?.destroy()
    this.#provider = null
    this.#socket = null
  }

  close(): void {
    this.disconnect()
    this.awareness.destroy()
  }

  /** Nothing that was written leaves before this is settled; where it waits already, whoever made it wait releases it. */
  holdFor(look: Promise<void>): void {
    if (this.#held !== null && this.#look === null) return
    this.#held ??= []
    this.#look = look
    void look.then(() => {
      if (this.#look === look) this.release()
    })
  }

  /** What waited may leave. */
  release(): void {
    this.#look = null
    const held = this.#held
    this.#held = null
    for (const message of held ?? []) this.#channel?.send(message)
  }

  /** The next update that the provider sends is of this edit; null: of none. */
  carry(seq: number | null): void {
    this.#carrying = seq
  }

  /** What comes into the doc meanwhile is not sent on: whoever wrote it sends it. */
  quietly(work: () => void): void {
    this.#isQuiet = true
    try {
      work()
    } finally {
      this.#isQuiet = false
    }
  }

  /** What another tab wrote. Without a channel there is nothing to do: the step 2 of the next one carries it. */
  sendFor(seq: number, update: Uint8Array): void {
    if (this.#standing === null) return
    this.#leave(writeUpdate(update), this.#parts.ledger.sent(seq))
  }

  /** All that is held, anew: what came into the doc quietly has been said by nobody. Before the greeting it is not due. */
  sayAll(): void {
    if (this.#standing === null) return
    this.#send(writeSyncStep2(Y.encodeStateAsUpdate(this.#parts.doc)), 'step 2')
  }

  /** It is synced again once the server has told what it holds now. */
  askAgain(): void {
    if (this.#provider !== null) this.#provider.synced = false
    this.#askForMissing()
  }

  #makeProvider(): WebsocketProvider {
    const outlet = {
      clientId: () => this.awareness.clientID,
      send: (message: Uint8Array, kind: Outgoing) => this.#send(message, kind),
    }
    const made = (socket: ChannelSocket): void => {
      this.#socket = socket
    }
    class RecordSocket extends ChannelSocket {
      constructor() {
        super(outlet)
        made(this)
      }
    }
    const provider = new WebsocketProvider('link:', this.#parts.room, this.#parts.doc, {
      connect: false,
      disableBc: true,
      awareness: this.awareness,
      // The provider constructs it, listens to it, sends and closes; nothing more of WebSocket is used.
      WebSocketPolyfill: RecordSocket as unknown as typeof WebSocket,
      shouldReconnect: () => false,
    })
    // The link knows whether its socket lives; a timer for each record would say nothing more.
    clearInterval(provider._checkInterval as number)
    offExit(provider._exitHandler)
    provider.on('sync', (isSynced: boolean) => {
      this.#isSynced = isSynced
      if (isSynced) this.#parts.tookIn(this.#commit)
      this.#parts.statusChanged()
    })
    return provider
  }

  #send(message: Uint8Array, kind: Outgoing): void {
    if (kind === 'update' && this.#isQuiet) return
    const { ledger, carrier } = this.#parts
    if (kind === 'step 2') this.#leave(message, ledger.sent('all'))
    else if (kind === 'update') this.#leave(message, ledger.sent(this.#carrying))
    else if (message.length <= carrier.messageBytesMax) this.#channel?.send(message)
    else report(new TypeError('what is shared as presence is larger than a message may be, and is not shown'))
  }

  /** Now, or when it is released. */
  #leave(message: Uint8Array, number: number): void {
    const { ledger, carrier, tooLarge } = this.#parts
    if (message.length > carrier.messageBytesMax) {
      const edits = ledger.carriedBy(number)
      ledger.refused(number)
      // Not while the doc is still telling of it.
      queueMicrotask(() => tooLarge(edits))
    } else if (this.#held === null) this.#channel?.send(message)
    else this.#held.push(message)
  }

  #receive(bytes: Uint8Array): void {
    const { ledger, saved, refused, tookIn } = this.#parts
    const message = readChannelMessage(bytes)
    switch (message.kind) {
      case 'standing':
        this.#stands(message)
        return
      case 'saved':
        this.#commit = Math.max(this.#commit, message.commit)
        saved(ledger.saved(message.count))
        return
      case 'pending':
        ledger.pending(message.number)
        return
      case 'refused': {
        const edits = ledger.carriedBy(message.number)
        ledger.refused(message.number)
        // It is told before what was refused is stamped anew.
        if (message.code === 'CLOCK_AHEAD') this.#parts.carrier.askTime()
        refused(message, edits)
        return
      }
      case 'syncStep2':
      case 'update':
        this.#socket?.receive(bytes)
        this.#commit = Math.max(this.#commit, message.commit ?? 0)
        tookIn(this.#commit)
        return
      case 'unknown':
      case 'malformed':
        return
      default:
        this.#socket?.receive(bytes)
    }
  }

  #stands(standing: Standing): void {
    const { epoch, met, outdated, ledger, statusChanged } = this.#parts
    const isFirst = this.#standing === null
    this.#standing = standing
    if (epoch() !== '' && epoch() !== standing.epoch) {
      outdated()
      return
    }
    if (isFirst) {
      this.#commit = standing.commit
      if (standing.clientId !== null) this.#takeClientId(standing.clientId)
      if (epoch() === '') met(standing.epoch)
      ledger.channelOpened()
      this.#provider?.connect()
      this.#socket?.open()
    }
    statusChanged()
  }

  /**
   * Presence goes by the id that the server has reserved; so does a doc that has written nothing. One that has
   * goes on under its own: another is reserved also where the server has not noticed yet that a socket died.
   */
  #takeClientId(clientId: number): void {
    const { doc } = this.#parts
    if (clientId === this.awareness.clientID) return
    const presence = this.awareness.getLocalState()
    this.awareness.setLocalState(null)
    if (Y.getState(doc.store, doc.clientID) === 0) doc.clientID = clientId
    this.awareness.clientID = clientId
    this.awareness.setLocalState(presence)
  }

  #askForMissing(): void {
    this.#channel?.send(writeSyncStep1(Y.encodeStateVector(this.#parts.doc)))
  }

  #onlyPresent(states: Uint8Array): void {
    const there = clientsIn(states)
    const gone = [...this.awareness.getStates().keys()].filter(
      client => client !== this.awareness.clientID && !there.has(client),
    )
    if (gone.length > 0) removeAwarenessStates(this.awareness, gone, this.#provider)
  }

  #lost(): void {
    if (this.#isSynced) this.#parts.wasTrue(this.#commit, this.#parts.carrier.heardAt)
    this.#standing = null
    this.#isSynced = false
    this.#parts.ledger.channelOpened()
    const socket = this.#socket
    this.#socket = null
    socket?.end()
    if (this.#held !== null) this.#held = []
    this.#parts.statusChanged()
  }
}

/** In Node the provider listens to the end of the process, which a thousand records must not all do. */
const offExit = (listener: () => void): void => {
  const host: { process?: { off?: (event: string, listener: () => void) => void } } = globalThis
  host.process?.off?.('exit', listener)
}
