// A WebSocket to one room, as y-websocket's provider wants one, that is a channel of the link in truth. Here the
// provider's traffic meets what it does not know: which message carries which edit, presence that nobody needs to
// hear again, and an update that must not leave before it is on the device.

import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import {
  MESSAGE_AWARENESS,
  MESSAGE_QUERY_AWARENESS,
  MESSAGE_SYNC,
  writeAwareness,
} from '../../shared/wire/sync-message.ts'

const SYNC_STEP_1 = 0
const SYNC_STEP_2 = 1

export type Outgoing = 'step 1' | 'step 2' | 'update' | 'other'

/** What becomes of a message the provider sends. */
export interface Outlet {
  send(message: Uint8Array, kind: Outgoing): void
  clientId(): number
}

export class ChannelSocket {
  static readonly CONNECTING = 0
  static readonly OPEN = 1
  static readonly CLOSING = 2
  static readonly CLOSED = 3
  readonly CONNECTING = 0
  readonly OPEN = 1
  readonly CLOSING = 2
  readonly CLOSED = 3
  binaryType = 'arraybuffer'
  readyState = 0
  onopen: (() => void) | null = null
  onmessage: ((event: { readonly data: Uint8Array }) => void) | null = null
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null = null
  onerror: ((event: unknown) => void) | null = null
  readonly #outlet: Outlet
  #lastPresence = ''

  constructor(outlet: Outlet) {
    this.#outlet = outlet
  }

  /** The channel is open. */
  open(): void {
    this.readyState = 1
    this.onopen?.()
  }

  receive(message: Uint8Array): void {
    this.onmessage?.({ data: message })
  }

  /** The code is one upon which a socket is lost for now: whether to come back, the link decides. */
  end(): void {
    if (this.readyState === 3) return
    this.readyState = 3
    this.onclose?.({ code: 1006, reason: '' })
  }

  send(data: Uint8Array): void {
    if (this.readyState !== 1) return
    const kind = data[0]
    if (kind === MESSAGE_AWARENESS) this.#sendPresence(data)
    else if (kind !== MESSAGE_SYNC) {
      // The server asks nobody for everybody's presence, and is not asked.
      if (kind !== MESSAGE_QUERY_AWARENESS) this.#outlet.send(data, 'other')
    } else
      this.#outlet.send(
        data,
        data[1] === SYNC_STEP_1 ? 'step 1' : data[1] === SYNC_STEP_2 ? 'step 2' : 'update',
      )
  }

  /** The provider is done with it. */
  close(): void {
    this.readyState = 3
  }

  /** The provider echoes what it hears, and says again what it said. Only news of one's own goes out. */
  #sendPresence(data: Uint8Array): void {
    const own = ownPresence(data, this.#outlet.clientId())
    if (own === null || own.state === this.#lastPresence) return
    this.#lastPresence = own.state
    this.#outlet.send(writeAwareness(own.body), 'other')
  }
}

/** Whose states a message about presence holds. */
export const clientsIn = (body: Uint8Array): ReadonlySet<number> => {
  const decoder = decoding.createDecoder(body)
  const clients = new Set<number>()
  for (let left = decoding.readVarUint(decoder); left > 0; left--) {
    clients.add(decoding.readVarUint(decoder))
    decoding.readVarUint(decoder)
    decoding.readVarString(decoder)
  }
  return clients
}

const ownPresence = (message: Uint8Array, clientId: number): { state: string; body: Uint8Array } | null => {
  const outer = decoding.createDecoder(message)
  decoding.readVarUint(outer)
  const decoder = decoding.createDecoder(decoding.readVarUint8Array(outer))
  for (let left = decoding.readVarUint(decoder); left > 0; left--) {
    const id = decoding.readVarUint(decoder)
    const clock = decoding.readVarUint(decoder)
    const state = decoding.readVarString(decoder)
    if (id !== clientId) continue
    const encoder = encoding.createEncoder()
    encoding.writeVarUint(encoder, 1)
    encoding.writeVarUint(encoder, id)
    encoding.writeVarUint(encoder, clock)
    encoding.writeVarString(encoder, state)
    return { state, body: encoding.toUint8Array(encoder) }
  }
  return null
}
