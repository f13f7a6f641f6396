// A frame's own network and clock: both can be spoiled from outside, and the client in it cannot tell the difference.

import type { Surroundings } from '../../index.ts'
import { type Conditions, fairWeather } from './frames.ts'

type Socket = ReturnType<Surroundings['createSocket']>

export class FrameNetwork {
  #conditions: Conditions = fairWeather
  readonly #sockets = new Set<WeatheredSocket>()
  readonly #wakers = new Set<() => void>()

  get conditions(): Conditions {
    return this.#conditions
  }

  set(next: Conditions): void {
    const wasOffline = this.#conditions.isOffline
    this.#conditions = next
    if (next.isOffline && !wasOffline) for (const socket of [...this.#sockets]) socket.cut()
    if (!next.isOffline && wasOffline) for (const wake of [...this.#wakers]) wake()
  }

  /** `storage` keeps what the frame holds apart from the other frames of the same browser. */
  surroundings(storage: string): Partial<Surroundings> {
    return {
      createSocket: (url, protocols) =>
        new WeatheredSocket(url, protocols, () => this.#conditions, this.#sockets),
      fetch: async (input, init) => {
        await pause(this.#conditions.delayMs)
        if (this.#conditions.isOffline) throw new TypeError('the frame is off line')
        const response = await fetch(input, init)
        await pause(this.#conditions.delayMs)
        if (this.#conditions.isOffline) throw new TypeError('the frame is off line')
        return response
      },
      wall: () => Date.now() + this.#conditions.skewMs,
      indexedDB: namedStorage(storage),
      // No channel between the frames but the server.
      openTabPort: null,
      locks: {
        request: async (name, work) => {
          const held = navigator.locks
          return held === undefined ? await work() : await held.request(`${storage} ${name}`, work)
        },
      },
      onWake: tell => {
        this.#wakers.add(tell)
        addEventListener('online', tell)
        return () => {
          this.#wakers.delete(tell)
          removeEventListener('online', tell)
        }
      },
      onCutOff: tell => {
        addEventListener('offline', tell)
        return () => removeEventListener('offline', tell)
      },
      // The page that frames it asks, if anybody does.
      onLeave: () => () => {},
      onPutAway: () => () => {},
      isVisible: () => true,
      onVisibility: () => () => {},
    }
  }
}

const pause = (ms: number): Promise<void> => new Promise(done => (ms === 0 ? done() : setTimeout(done, ms)))

/** Passes everything on, later; when the line is cut, nothing more, as a socket in a dead spot. */
class WeatheredSocket implements Socket {
  onopen: Socket['onopen'] = null
  onmessage: Socket['onmessage'] = null
  onclose: Socket['onclose'] = null
  onerror: Socket['onerror'] = null
  readonly #conditions: () => Conditions
  readonly #all: Set<WeatheredSocket>
  readonly #inner: WebSocket | null
  #isCut = false
  #dueIn = 0
  #dueOut = 0

  constructor(
    url: string,
    protocols: readonly string[],
    conditions: () => Conditions,
    all: Set<WeatheredSocket>,
  ) {
    this.#conditions = conditions
    this.#all = all
    if (conditions().isOffline) {
      this.#inner = null
      setTimeout(() => this.cut(), 30)
      return
    }
    all.add(this)
    const inner = new WebSocket(url, [...protocols])
    inner.binaryType = 'arraybuffer'
    inner.onopen = event => this.#arrives(() => this.onopen?.(event))
    inner.onmessage = event => this.#arrives(() => this.onmessage?.(event))
    inner.onerror = event => this.#arrives(() => this.onerror?.(event))
    inner.onclose = event =>
      this.#arrives(() => {
        this.#end(event.code, event.reason)
      })
    this.#inner = inner
  }

  get binaryType(): string {
    return this.#inner?.binaryType ?? 'arraybuffer'
  }

  set binaryType(_: string) {
    // It is always an ArrayBuffer here.
  }

  get readyState(): number {
    return this.#isCut ? WebSocket.CLOSED : (this.#inner?.readyState ?? WebSocket.CONNECTING)
  }

  get bufferedAmount(): number {
    return this.#inner?.bufferedAmount ?? 0
  }

  send(data: Uint8Array): void {
    // Its owner may use the buffer again.
    const copy = data.slice()
    this.#dueOut = Math.max(performance.now() + this.#conditions().delayMs, this.#dueOut)
    this.#after(this.#dueOut, () => {
      if (this.#inner?.readyState === WebSocket.OPEN) this.#inner.send(copy)
    })
  }

  close(code?: number, reason?: string): void {
    this.#inner?.close(code, reason)
  }

  /** The carrier is gone; what was under way with it. */
  cut(): void {
    if (this.#isCut) return
    const { onclose } = this
    this.#end(1006, '', false)
    this.#inner?.close()
    onclose?.({ code: 1006, reason: '' })
  }

  #end(code: number, reason: string, tells = true): void {
    if (this.#isCut) return
    this.#isCut = true
    this.#all.delete(this)
    if (tells) this.onclose?.({ code, reason })
  }

  #arrives(pass: () => void): void {
    this.#dueIn = Math.max(performance.now() + this.#conditions().delayMs, this.#dueIn)
    this.#after(this.#dueIn, pass)
  }

  #after(due: number, pass: () => void): void {
    const run = (): void => {
      if (!this.#isCut) pass()
    }
    const ms = due - performance.now()
    if (ms <= 1) run()
    else setTimeout(run, ms)
  }
}

/** The browser's databases under names of our own. */
const namedStorage = (storage: string): IDBFactory | null => {
  if (typeof indexedDB === 'undefined') return null
  return {
    open: (name, version) => indexedDB.open(`${storage} ${name}`, version),
    deleteDatabase: name => indexedDB.deleteDatabase(`${storage} ${name}`),
    databases: async () => {
      const all = await indexedDB.databases()
      return all.filter(({ name }) => name?.startsWith(`${storage} `) === true)
    },
    cmp: (a, b) => indexedDB.cmp(a, b),
  }
}
