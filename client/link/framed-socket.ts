// A socket as the link uses one: frames out, frames in, and the end of it, once.

import { type ClientControl, parseServerControl, writeControl } from '../../shared/wire/link-control.ts'
import { CONTROL_CHANNEL, readLinkFrame, writeLinkFrame } from '../../shared/wire/link-frame.ts'
import type { JsonObject } from '../../shared/wire/shape.ts'
import type { SocketLike } from '../surroundings.ts'
import type { CrossingFrame } from './traffic.ts'

export type ControlIn = ReturnType<typeof parseServerControl>

export interface FramedSocketParts {
  /** Every frame, for the inspector. */
  readonly traffic: (frame: CrossingFrame) => void
  opened(): void
  control(message: ControlIn): void
  message(channel: number, message: Uint8Array): void
  closed(code: number, reason: string): void
}

export class FramedSocket {
  readonly #socket: SocketLike
  readonly #parts: FramedSocketParts

  constructor(socket: SocketLike, parts: FramedSocketParts) {
    this.#socket = socket
    this.#parts = parts
    socket.binaryType = 'arraybuffer'
    socket.onopen = () => parts.opened()
    socket.onmessage = ({ data }) => {
      const bytes = asBytes(data)
      if (bytes !== null) this.#receive(bytes)
    }
    // The close event that follows says all there is to say.
    socket.onerror = () => {}
    socket.onclose = ({ code, reason }) => parts.closed(code, reason)
  }

  /** Bytes that were sent and have not left this device. */
  get unsentBytes(): number {
    return this.#socket.bufferedAmount
  }

  send(channel: number, message: Uint8Array): void {
    this.#write(channel, message)
  }

  sendControl(message: ClientControl | (JsonObject & { readonly t: string })): void {
    this.#write(CONTROL_CHANNEL, writeControl(message))
  }

  /** Ends it from this side. Its close event, which on a dead network comes late, is not waited for. */
  drop(): void {
    const socket = this.#socket
    socket.onopen = null
    socket.onmessage = null
    socket.onclose = null
    socket.close()
  }

  #receive(bytes: Uint8Array): void {
    const frame = readLinkFrame(bytes)
    if (frame === null) return
    const { channel, payload } = frame
    const { traffic, control, message } = this.#parts
    traffic({ direction: 'in', channel, payload, bytes: bytes.length })
    if (channel === CONTROL_CHANNEL) control(parseServerControl(payload))
    else message(channel, payload)
  }

  #write(channel: number, payload: Uint8Array): void {
    const frame = writeLinkFrame(channel, payload)
    this.#parts.traffic({ direction: 'out', channel, payload, bytes: frame.length })
    this.#socket.send(frame)
  }
}

const asBytes = (data: unknown): Uint8Array | null =>
  data instanceof Uint8Array ? data : data instanceof ArrayBuffer ? new Uint8Array(data) : null
