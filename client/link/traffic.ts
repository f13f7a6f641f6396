// The last frames of the link, for whoever looks into it. Nothing is kept, or even read, while nobody does.

import { parseClientControl, parseServerControl } from '../../shared/wire/link-control.ts'
import { CONTROL_CHANNEL } from '../../shared/wire/link-frame.ts'
import { readChannelMessage } from '../../shared/wire/sync-message.ts'
import { Told } from '../told.ts'

export interface Frame {
  readonly at: number
  readonly direction: 'in' | 'out'
  /** Whose channel it went by; null: the link's own. */
  readonly room: string | null
  readonly kind: string
  readonly bytes: number
}

/** A frame as it crosses. */
export interface CrossingFrame {
  readonly direction: 'in' | 'out'
  readonly channel: number
  readonly payload: Uint8Array
  readonly bytes: number
}

export interface TrafficParts {
  now(): number
  roomOf(channel: number): string | null
}

const FRAMES_MAX = 200

export class Traffic {
  readonly #parts: TrafficParts
  readonly #told = new Told()
  #frames: readonly Frame[] = []

  constructor(parts: TrafficParts) {
    this.#parts = parts
  }

  /** The latest first. */
  get frames(): readonly Frame[] {
    return this.#frames
  }

  readonly subscribe = (tell: () => void): (() => void) => this.#told.subscribe(tell)

  note({ direction, channel, payload, bytes }: CrossingFrame): void {
    if (this.#told.size === 0) return
    const { now, roomOf } = this.#parts
    const isControl = channel === CONTROL_CHANNEL
    const frame: Frame = {
      at: now(),
      direction,
      room: isControl ? null : (roomOf(channel) ?? `channel ${channel}`),
      kind: isControl ? controlName(direction, payload) : readChannelMessage(payload).kind,
      bytes,
    }
    this.#frames = [frame, ...this.#frames.slice(0, FRAMES_MAX - 1)]
    this.#told.tell()
  }
}

const controlName = (direction: 'in' | 'out', payload: Uint8Array): string => {
  const message = direction === 'in' ? parseServerControl(payload) : parseClientControl(payload)
  return message.t === 'other' ? message.name : message.t
}
