import * as Y from 'yjs'
import type { RecordAsk } from '../../shared/wire/push-pull.ts'
import {
  type ChannelMessage,
  readChannelMessage,
  writeAwareness,
  writeQueryAwareness,
} from '../../shared/wire/sync-message.ts'
import { RoomRefusal } from '../room/peer.ts'
import { entriesOf } from '../room/room-content.ts'
import type { PollListener, PollPeer } from './poll-peer.ts'

/** What one record of a request asks for, in the order in which it is done. */
export interface ParsedAsk {
  readonly ask: RecordAsk
  readonly states: readonly Uint8Array[]
  readonly updates: readonly Uint8Array[]
  /** The latest: what it is answered is all that those before it would be, and they cost an answer each. */
  readonly step1: Uint8Array | null
  readonly wantsPresence: boolean
}

/** Null: a message is malformed, or one that only a server says. */
export function parseAsk(ask: RecordAsk, stateVectorEntriesMax: number): ParsedAsk | null {
  const [states, updates] = [[] as Uint8Array[], [] as Uint8Array[]]
  let step1: Uint8Array | null = null
  let wantsPresence = false
  for (const bytes of ask.messages) {
    const message = readChannelMessage(bytes)
    switch (message.kind) {
      case 'syncStep1':
        if (!isStateVector(message.stateVector, stateVectorEntriesMax)) return null
        step1 = bytes
        break
      case 'syncStep2':
      case 'update':
        updates.push(bytes)
        break
      case 'awareness':
        states.push(bytes)
        break
      case 'queryAwareness':
        wantsPresence = true
        break
      default:
        return null
    }
  }
  return { ask, states, updates, step1, wantsPresence }
}

function isStateVector(bytes: Uint8Array, entriesMax: number): boolean {
  try {
    if (entriesOf(bytes) > entriesMax) return false
    Y.decodeStateVector(bytes)
    return true
  } catch {
    return false
  }
}

/** A disk that takes nothing for so long is told to whoever waits: the client has kept what it sent. */
const waitMs = 20_000

/**
 * What one request says to one room and is told. Acks and refusals count the messages of a peer from its joining,
 * so each request is a peer of its own.
 */
export class Exchange implements PollListener {
  readonly #messages: Uint8Array[] = []
  readonly #peer: PollPeer
  #awaited: ((message: ChannelMessage) => boolean) | null = null
  #settle: { resolve(): void; reject(error: Error): void } | null = null

  constructor(peer: PollPeer) {
    this.#peer = peer
    peer.listener = this
  }

  get messages(): readonly Uint8Array[] {
    return this.#messages
  }

  /** Resolves when all of them are durable, or refused. */
  async update(updates: readonly Uint8Array[]): Promise<void> {
    if (updates.length === 0) return
    await this.#until(
      message => message.kind === 'saved' && message.count >= updates.length,
      () => {
        for (const update of updates) this.#peer.membership.receive(update)
      },
    )
  }

  /** Resolves when it is answered. */
  async ask(step1: Uint8Array): Promise<void> {
    await this.#until(
      message => message.kind === 'syncStep2',
      () => this.#peer.membership.receive(step1),
    )
  }

  /** Everybody who is there, as this peer may be told: its own states are not in it. */
  queryPresence(asker: PollPeer): void {
    const before = this.#messages.length
    const { listener } = asker
    asker.listener = { heard: (_, bytes) => this.#messages.push(bytes), ended() {} }
    asker.membership.receive(writeQueryAwareness())
    asker.listener = listener
    if (this.#messages.length === before) this.#messages.push(writeAwareness(NO_STATES))
  }

  heard(message: ChannelMessage, bytes: Uint8Array): void {
    const isAwaited = this.#awaited?.(message) === true
    switch (message.kind) {
      case 'saved':
        // The last says what those before it said.
        if (isAwaited) this.#messages.push(bytes)
        break
      case 'refused':
      case 'pending':
      case 'syncStep1':
      case 'syncStep2':
        this.#messages.push(bytes)
        break
      default:
      // What others write meanwhile may rest on what this reader has not been sent yet; who is there, it asks.
    }
    if (isAwaited) this.#settle?.resolve()
  }

  ended(refusal: RoomRefusal): void {
    this.#settle?.reject(refusal)
  }

  async #until(awaited: (message: ChannelMessage) => boolean, act: () => void): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const done = new Promise<void>((resolve, reject) => {
      this.#settle = { resolve, reject }
      timer = setTimeout(() => reject(new RoomRefusal('STORE_UNWRITABLE')), waitMs)
    })
    this.#awaited = awaited
    try {
      act()
      await done
    } finally {
      // Without an act that succeeded nobody has awaited it.
      done.catch(() => {})
      clearTimeout(timer)
      this.#awaited = null
      this.#settle = null
    }
  }
}

const NO_STATES = Uint8Array.of(0)
