// A hybrid logical clock in one safe integer: milliseconds × 1024 + counter. Stamps order the writes of one
// record across devices whose clocks are wrong. A client counts from the server's time at last contact plus
// monotonic time since, so that setting the tablet's clock moves nothing; only after a reload, before the
// first contact, is it left with the wall. What is received counts too, so that an answer is always later
// than what it answers, but capped: one device a day ahead must not drag everyone along.

export type Stamp = number

export const STAMPS_PER_MS = 1024
/** A stamp further ahead of the server's time than this is refused with CLOCK_AHEAD. */
export const AHEAD_MS_MAX = 60_000
/**
 * How far what is received moves a clock ahead: less than is refused, so that what answers a stamp at the cap, or one
 * from before the server's own clock was set back, is still taken.
 */
const RECEIVED_AHEAD_MS_MAX = AHEAD_MS_MAX - 1_000

export const stampToMs = (stamp: Stamp): number => Math.floor(stamp / STAMPS_PER_MS)
export const msToStamp = (ms: number): Stamp => Math.floor(ms) * STAMPS_PER_MS
export const isStamp = (value: unknown): value is Stamp =>
  Number.isSafeInteger(value) && (value as number) > 0

export interface Clock {
  /** Milliseconds, by the best knowledge of the server's time. */
  now(): number
  /** A stamp later than every one given or received. */
  next(): Stamp
  receive(stamp: Stamp): void
  /** The server has just told its time. */
  contact(serverMs: number): void
  /** How far the wall clock is from the server's time, once that is known. */
  readonly skewMs: number | null
}

export interface ClockSource {
  /** Wall time in ms. */
  readonly wall: () => number
  /** Time that never jumps, in ms, from any origin. */
  readonly monotonic: () => number
}

export const createClock = (source: ClockSource = systemTime): Clock => {
  let last: Stamp = 0
  let server: { ms: number; at: number } | null = null
  const now = (): number => (server === null ? source.wall() : server.ms + (source.monotonic() - server.at))
  return {
    now,
    next() {
      last = Math.max(msToStamp(now()), last + 1)
      return last
    },
    receive(stamp) {
      last = Math.max(last, Math.min(stamp, msToStamp(now() + RECEIVED_AHEAD_MS_MAX)))
    },
    contact(serverMs) {
      server = { ms: serverMs, at: source.monotonic() }
      // A stamp given before the first contact, by a wall clock that was ahead, must not hold the clock there.
      last = Math.min(last, msToStamp(serverMs + RECEIVED_AHEAD_MS_MAX))
    },
    get skewMs() {
      return server === null ? null : source.wall() - now()
    },
  }
}

/** The one global this layer needs from whatever it runs on. */
declare const performance: { now(): number }

const systemTime: ClockSource = {
  wall: () => Date.now(),
  monotonic: () => performance.now(),
}
