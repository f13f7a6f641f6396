// What a client runs in, with every crank in the test's hand: time moves when told to, sockets deliver when told
// to, and tabs hear each other through a port of their own.

import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import type { FakeSocket } from './fake-server.ts'
import type { FakeTime } from './fake-time.ts'
import { locksOfOnePage, type Surroundings, type TabPort } from '../../client/surroundings.ts'

/** Turns of the loop, for what IndexedDB and promises do by themselves. */
export const settle = async (turns = 12): Promise<void> => {
  for (let i = 0; i < turns; i++) await new Promise<void>(done => setImmediate(done))
}

class FakePort implements TabPort {
  onmessage: ((event: { readonly data: unknown }) => void) | null = null
  readonly #room: Set<FakePort>
  readonly #tab: FakeTab
  readonly #missed: unknown[] = []

  constructor(room: Set<FakePort>, tab: FakeTab) {
    this.#room = room
    this.#tab = tab
    room.add(this)
  }

  #hear(data: unknown): void {
    if (!this.#room.has(this)) return
    if (this.#tab.isFrozen) this.#missed.push(data)
    else this.onmessage?.({ data })
  }

  /** A browser hands a thawed tab what it missed, or has thrown it away. */
  thaw(): void {
    this.#missed.length = 0
  }

  postMessage(message: unknown): void {
    const data = structuredClone(message)
    for (const other of this.#room) {
      if (other !== this) queueMicrotask(() => other.#hear(data))
    }
  }

  close(): void {
    this.#room.delete(this)
  }
}

/** One browser of one person: its tabs share the database, the locks and the tab channels. */
export class FakeBrowser {
  readonly time: FakeTime
  indexedDB = new IDBFactory()
  readonly #locks = locksOfOnePage()
  readonly #ports = new Map<string, Set<FakePort>>()
  /** How far this device's clock is off. */
  skewMs = 0
  /** Tabs made from now on hear nothing of each other: no channel between them is known, or they slept through all. */
  areTabsDeaf = false

  constructor(time: FakeTime) {
    this.time = time
  }

  tab(createSocket: (url: string) => FakeSocket, seed = 1): FakeTab {
    return new FakeTab(this, createSocket, seed)
  }

  /** The tab stands still, timers, sockets and all, until it is thawed. */
  freeze(tab: FakeTab): () => void {
    tab.isFrozen = true
    for (const socket of tab.sockets) socket.isDead = true
    return () => {
      tab.isFrozen = false
      // The sockets did not survive it, and say so now.
      for (const socket of [...tab.sockets]) {
        socket.isDead = false
        socket.end(1006, '')
      }
      for (const tell of tab.due.splice(0)) tell()
      for (const tell of [...tab.wakers]) tell()
    }
  }

  #openPort(name: string, tab: FakeTab): FakePort {
    const room = this.#ports.get(name) ?? new Set()
    this.#ports.set(name, room)
    return new FakePort(room, tab)
  }

  surroundings(tab: FakeTab): Surroundings {
    const { time } = this
    return {
      origin: 'http://server.test',
      createSocket: url => tab.open(url),
      fetch: () => Promise.reject(new TypeError('no network')),
      indexedDB: this.indexedDB,
      keepForGood: () => {
        tab.askedToKeep++
      },
      openTabPort: this.areTabsDeaf ? null : name => this.#openPort(name, tab),
      locks: this.#locks,
      wall: () => time.now + this.skewMs,
      monotonic: () => time.now,
      random: tab.random,
      after: (ms, tell) => tab.after(ms, tell),
      nextFrame: tell => tab.after(16, tell),
      onWake: tell => tab.listen(tab.wakers, tell),
      onCutOff: tell => tab.listen(tab.cutOffs, tell),
      onLeave: isUnsafe => tab.listen(tab.leavers, isUnsafe),
      onPutAway: () => () => {},
      isVisible: () => tab.isVisible,
      onVisibility: tell => tab.listen(tab.lookers, tell),
    }
  }
}

export class FakeTab {
  readonly wakers = new Set<() => void>()
  readonly cutOffs = new Set<() => void>()
  readonly leavers = new Set<() => boolean>()
  readonly lookers = new Set<() => void>()
  isVisible = true
  askedToKeep = 0
  isFrozen = false
  readonly sockets: FakeSocket[] = []
  readonly due: (() => void)[] = []
  readonly #time: FakeTime
  readonly createSocket: (url: string) => FakeSocket
  readonly surroundings: Surroundings
  readonly random: () => number

  constructor(browser: FakeBrowser, createSocket: (url: string) => FakeSocket, seed: number) {
    this.#time = browser.time
    this.createSocket = createSocket
    this.random = seededRandom(seed)
    this.surroundings = browser.surroundings(this)
  }

  open(url: string): FakeSocket {
    const socket = this.createSocket(url)
    this.sockets.push(socket)
    return socket
  }

  after(ms: number, tell: () => void): () => void {
    return this.#time.after(ms, () => {
      if (this.isFrozen) this.due.push(tell)
      else tell()
    })
  }

  listen<T>(set: Set<T>, tell: T): () => void {
    set.add(tell)
    return () => set.delete(tell)
  }

  get listeners(): number {
    return this.wakers.size + this.cutOffs.size + this.leavers.size + this.lookers.size
  }
}

export const seededRandom = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export const fakeToken = (sub: string, claims: Record<string, unknown> = {}): string =>
  `e30.${Buffer.from(JSON.stringify({ sub, name: sub.toUpperCase(), roles: [], ...claims })).toString('base64url')}.x`
