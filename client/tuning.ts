// For trying out what a tablet goes through: a slow link, a device clock that is wrong. Used by the inspector.

import type { SocketLike, Surroundings } from './surroundings.ts'
import { WrappedSocket } from './wrapped-socket.ts'

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
class SlowSocket extends WrappedSocket {
  readonly #wait: (tell: () => void) => void
  readonly #out: (() => void)[] = []
  readonly #in: (() => void)[] = []

  constructor(inner: SocketLike, wait: (tell: () => void) => void) {
    super(inner)
    this.#wait = wait
    inner.onopen = event => this.#later(this.#in, () => this.onopen?.(event))
    inner.onmessage = event => this.#later(this.#in, () => this.onmessage?.(event))
    inner.onclose = event => this.#later(this.#in, () => this.onclose?.(event))
  }

  override send(data: Uint8Array): void {
    this.#later(this.#out, () => {
      if (this.readyState === 1) super.send(data)
    })
  }

  #later(queue: (() => void)[], act: () => void): void {
    queue.push(act)
    this.#wait(() => queue.shift()?.())
  }
}
