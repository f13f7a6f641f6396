// The last frames of the link, for whoever looks into it. Nothing is kept while nobody does.

import { Told } from '../told.ts'

export interface Frame {
  readonly at: number
  readonly direction: 'in' | 'out'
  readonly channel: number
  readonly bytes: number
  /** Of a control message its name. */
  readonly control: string | null
}

const FRAMES_MAX = 200

export class Traffic {
  readonly #told = new Told()
  readonly #now: () => number
  #frames: readonly Frame[] = []

  constructor(now: () => number) {
    this.#now = now
  }

  /** The latest first. */
  get frames(): readonly Frame[] {
    return this.#frames
  }

  readonly subscribe = (tell: () => void): (() => void) => this.#told.subscribe(tell)

  note(frame: Omit<Frame, 'at'>): void {
    if (this.#told.size === 0) return
    this.#frames = [{ ...frame, at: this.#now() }, ...this.#frames.slice(0, FRAMES_MAX - 1)]
    this.#told.tell()
  }
}
