// For trying out what a tablet goes through: a slow link, a device clock that is wrong. Used by the inspector.

import type { SocketLike, Surroundings } from './surroundings.ts'

export class Tuning {
  /** Each way. */
  delayMs = 0
  clockShiftMs = 0

  of(surroundings: Surroundings): Surroundings {
    return {
      ...surroundings,
      fetch: async (input, init) => {
        await this.#delay(surroundings)
        const answer = await surroundings.fetch(input, init)
        await this.#delay(surroundings)
        return answer
      },
      wall: () => surroundings.wall() + this.clockShiftMs,
      createSocket: (url, protocols) =>
        new SlowSocket(surroundings.createSocket(url, protocols), (tell: () => void) => {
          if (this.delayMs > 0) surroundings.after(this.delayMs, tell)
          else tell()
        }),
    }
  }

  async #delay({ after }: Surroundings): Promise<void> {
    const { delayMs } = this
    if (delayMs > 0) await new Promise<void>(done => after(delayMs, done))
  }
}

/** What waits on either way is kept in order: nothing that comes later overtakes it. */
class SlowSocket implements SocketLike {
  onopen: ((event: unknown) => void) | null = null
  onmessage: ((event: { readonly data: unknown }) => void) | null = null
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null = null
  onerror: ((event: unknown) => void) | null = null
  readonly #socket: SocketLike
  readonly #wait: (tell: () => void) => void
  readonly #out: (() => void)[] = []
  readonly #in: (() => void)[] = []

  constructor(socket: SocketLike, wait: (tell: () => void) => void) {
    this.#socket = socket
    this.#wait = wait
    socket.onopen = event => this.#later(this.#in, () => this.onopen?.(event))
    socket.onmessage = event => this.#later(this.#in, () => this.onmessage?.(event))
    socket.onclose = event => this.#later(this.#in, () => this.onclose?.(event))
    socket.onerror = event => this.onerror?.(event)
  }

  get binaryType(): string {
    return this.#socket.binaryType
  }

  set binaryType(type: string) {
    this.#socket.binaryType = type
  }

  get readyState(): number {
    return this.#socket.readyState
  }

  get bufferedAmount(): number {
    return this.#socket.bufferedAmount
  }

  send(data: Uint8Array): void {
    this.#later(this.#out, () => {
      if (this.#socket.readyState === 1) this.#socket.send(data)
    })
  }

  close(code?: number, reason?: string): void {
    this.#socket.close(code, reason)
  }

  #later(queue: (() => void)[], act: () => void): void {
    queue.push(act)
    this.#wait(() => queue.shift()?.())
  }
}
