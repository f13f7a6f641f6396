// What the client takes from whatever it runs in. Browser, Electron and Node differ here and nowhere else, and a
// test puts hand-cranked sockets, its own time and an IndexedDB of its own in their place.

export interface SocketLike {
  binaryType: string
  readonly readyState: number
  readonly bufferedAmount: number
  onopen: ((event: unknown) => void) | null
  onmessage: ((event: { readonly data: unknown }) => void) | null
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null
  onerror: ((event: unknown) => void) | null
  send(data: Uint8Array): void
  close(code?: number, reason?: string): void
}

/** The other tabs of this browser. */
export interface TabPort {
  onmessage: ((event: { readonly data: unknown }) => void) | null
  postMessage(message: unknown): void
  close(): void
}

export interface Locks {
  /** Runs `work` while nobody else on this device holds the name. */
  request<T>(name: string, work: () => Promise<T>): Promise<T>
}

export interface Surroundings {
  /** Where the page came from; what an address without a host is relative to. Empty where there is no page. */
  readonly origin: string
  createSocket(url: string, protocols: readonly string[]): SocketLike
  readonly fetch: (input: string, init?: RequestInit) => Promise<Response>
  readonly indexedDB: IDBFactory | null
  /** What is kept is not to be cleared when the browser needs room. Some ask the person whether they may. */
  keepForGood(): void
  readonly openTabPort: ((name: string) => TabPort) | null
  readonly locks: Locks
  /** Wall time in ms, for the clock and for what is kept across a reload. */
  wall(): number
  /** Time that never jumps. */
  monotonic(): number
  random(): number
  /** Calls back once after a while; the answer cancels. */
  after(ms: number, tell: () => void): () => void
  /** Calls back before the next picture is drawn, or soon where nothing is drawn. */
  nextFrame(tell: () => void): () => void
  /** The network came back, or the page is looked at again. */
  onWake(tell: () => void): () => void
  /** The network is gone, by what the browser knows; a server on this machine still answers. */
  onCutOff(tell: () => void): () => void
  /** The page is about to be closed; answer true to have the browser ask. */
  onLeave(isUnsafe: () => boolean): () => void
  /** The page is put away as it stands, to be brought back perhaps: nothing of it runs until then. */
  onPutAway(away: () => void, back: () => void): () => void
  /** Whether somebody is looking at the page. */
  isVisible(): boolean
  onVisibility(tell: () => void): () => void
}

export const surroundingsHere = (): Surroundings => ({
  origin: typeof location === 'undefined' ? '' : location.origin,
  createSocket: (url, protocols) => {
    if (typeof WebSocket === 'undefined')
      throw new TypeError(
        'there is no WebSocket here. Before Node 22, set globalThis.WebSocket to that of «ws»',
      )
    return new WebSocket(url, [...protocols]) as unknown as SocketLike
  },
  fetch: (input, init) => fetch(input, init),
  indexedDB: indexedDbHere(),
  keepForGood() {
    if (typeof navigator !== 'undefined') void navigator.storage?.persist?.().catch(() => {})
  },
  openTabPort:
    typeof BroadcastChannel === 'undefined'
      ? null
      : name => {
          const port = new BroadcastChannel(name)
          unref(port)
          return port as unknown as TabPort
        },
  locks: locksHere(),
  wall: () => Date.now(),
  monotonic: () => performance.now(),
  random: () => Math.random(),
  after(ms, tell) {
    const timer = setTimeout(tell, ms)
    return () => clearTimeout(timer)
  },
  nextFrame(tell) {
    // A hidden page draws no frames at all, and must still take in what arrives.
    if (typeof requestAnimationFrame === 'undefined' || document.hidden) {
      const timer = setTimeout(tell, 16)
      return () => clearTimeout(timer)
    }
    const frame = requestAnimationFrame(tell)
    return () => cancelAnimationFrame(frame)
  },
  onWake(tell) {
    const seen = (): void => {
      if (!document.hidden) tell()
    }
    return joined(
      listen('window', 'online', tell),
      listen('document', 'visibilitychange', seen),
      listen('window', 'pageshow', tell),
    )
  },
  onCutOff: tell => listen('window', 'offline', tell),
  onLeave(isUnsafe) {
    return listen('window', 'beforeunload', event => {
      if (isUnsafe()) event.preventDefault()
    })
  },
  onPutAway(away, back) {
    const ifKept = (tell: () => void) => (event: Partial<PageTransitionEvent>) => {
      if (event.persisted === true) tell()
    }
    return joined(listen('window', 'pagehide', ifKept(away)), listen('window', 'pageshow', ifKept(back)))
  },
  isVisible: () => typeof document === 'undefined' || !document.hidden,
  onVisibility: tell => listen('document', 'visibilitychange', tell),
})

const listen = (
  target: 'window' | 'document',
  name: string,
  tell: (event: { preventDefault(): void }) => void,
): (() => void) => {
  if (typeof window === 'undefined' || typeof document === 'undefined') return () => {}
  const on: EventTarget = target === 'window' ? window : document
  on.addEventListener(name, tell)
  return () => on.removeEventListener(name, tell)
}

const joined =
  (...stops: readonly (() => void)[]): (() => void) =>
  () => {
    for (const stop of stops) stop()
  }

/** In some private modes even to read the property throws. */
const indexedDbHere = (): IDBFactory | null => {
  try {
    return typeof indexedDB === 'undefined' ? null : indexedDB
  } catch {
    return null
  }
}

/** Web Locks exist on secure pages only. Elsewhere this page is all that can be kept in order. */
const locksHere = (): Locks => {
  if (typeof navigator !== 'undefined' && navigator.locks !== undefined) {
    const { locks } = navigator
    return { request: async (name, work) => await locks.request(name, work) }
  }
  return locksOfOnePage()
}

export const locksOfOnePage = (): Locks => {
  const tails = new Map<string, Promise<unknown>>()
  return {
    async request(name, work) {
      const before = tails.get(name) ?? Promise.resolve()
      const mine = before.then(work, work)
      const tail = mine.catch(() => {})
      tails.set(name, tail)
      void tail.then(() => {
        if (tails.get(name) === tail) tails.delete(name)
      })
      return await mine
    },
  }
}

/** In Node an open channel would keep the process alive. */
const unref = (port: object): void => {
  if ('unref' in port && typeof port.unref === 'function') port.unref()
}
