import type { ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { HttpProblem } from './problem.ts'
import { isGone, whenGone } from './when-gone.ts'

/**
 * What waits in memory until it is read: whole answers, and what lies before sockets. An answer that is streamed waits
 * where it comes from; one that is sent whole, as the rows of a list on a link, waits for as long as its reader likes,
 * and of those there may be many. Past a limit for all together the oldest, whose readers are the slowest, are cut off;
 * who asks for another answer is told to come again, and lists are told when there is room.
 */
export interface UnreadAnswersParts {
  readonly bytesMax: number
  /** Some were cut off; said once in a while. */
  readonly onCut: (fields: { readonly cut: number; readonly bytes: number }) => void
  readonly monotonic?: () => number
}

/** What lies before a socket. */
export interface Backlog {
  readonly backlogBytes: number
  /** Ends it, with what lies there. */
  cutOff(): void
  /** It was to be told. */
  hasRoomAgain(): void
}

/** Smaller ones are read as they are written. */
const LARGE_BYTES = 64 * 1024
/** A slow line brings the larger part of a long list in that time. */
const PATIENCE_MS = 10_000
const SAY_AGAIN_MS = 60_000
/** Of what goes to thousands at once each asks for room, and to count what lies before all takes long. */
const COUNT_AGAIN_MS = 10
/** Of readers that stand still nothing is heard. */
const LOOK_AGAIN_MS = 1_000

interface Waiting {
  readonly since: number
  readonly bytes: () => number
  readonly cutOff: () => void
}

export class UnreadAnswers {
  readonly #parts: UnreadAnswersParts
  readonly #monotonic: () => number
  /** The oldest first. */
  readonly #waiting = new Map<ServerResponse | Backlog, Waiting>()
  /** Those that are to be told when there is room for so many bytes. */
  readonly #wanting = new Map<Backlog, number>()
  /** What was there when it was counted, with what was asked for since: there may be less by now. */
  #held = 0
  #countedAt = Number.NEGATIVE_INFINITY
  #timer: NodeJS.Timeout | null = null
  #telling: NodeJS.Immediate | null = null
  #saidAt = Number.NEGATIVE_INFINITY

  constructor(parts: UnreadAnswersParts) {
    this.#parts = parts
    this.#monotonic = parts.monotonic ?? (() => performance.now())
  }

  /** Whether there is room for so many bytes more. */
  hasRoom(bytes: number): boolean {
    return this.#makeRoom(bytes, this.#monotonic() - PATIENCE_MS)
  }

  /** Tells it when there is; who came first goes first. */
  whenRoom(backlog: Backlog, bytes: number): void {
    this.#wanting.set(backlog, bytes)
    this.#timer ??= setInterval(() => this.#tellNext(), LOOK_AGAIN_MS)
    this.#timer.unref()
  }

  /** Room for one more of so many bytes; else whoever asks is to come again. */
  admit(bytes: number): void {
    if (!this.hasRoom(bytes))
      throw new HttpProblem('TOO_SLOW', 'Try again in a moment: too many answers wait to be read.')
  }

  /** What was done is answered in any case. */
  admitAnyhow(bytes: number): void {
    this.#makeRoom(bytes, Number.POSITIVE_INFINITY)
  }

  /** What is written to it from now on waits since now. */
  watch(answer: ServerResponse): void {
    // How long it gets nobody has said.
    this.#countedAt = Number.NEGATIVE_INFINITY
    // Of who has gone nothing more is heard.
    if (isGone(answer)) return
    if (!this.#waiting.delete(answer)) whenGone(answer, () => this.#forget(answer))
    this.#waiting.set(answer, {
      since: this.#monotonic(),
      bytes: () => answer.writableLength,
      cutOff: () => answer.destroy(),
    })
  }

  /** What lies there waits since now. */
  watchBacklog(backlog: Backlog): void {
    this.#waiting.delete(backlog)
    this.#waiting.set(backlog, {
      since: this.#monotonic(),
      bytes: () => backlog.backlogBytes,
      cutOff: () => backlog.cutOff(),
    })
  }

  /** It was read. */
  forgetBacklog(backlog: Backlog): void {
    this.#forget(backlog)
  }

  /** It is gone, and is to be told nothing. */
  leave(backlog: Backlog): void {
    this.#wanting.delete(backlog)
    this.#forget(backlog)
  }

  #forget(one: ServerResponse | Backlog): void {
    if (this.#waiting.delete(one)) this.#tellSoon()
  }

  /** Not at once: what one is told is often read at once, and thousands may want to be told. */
  #tellSoon(): void {
    if (this.#wanting.size > 0) this.#telling ??= setImmediate(() => this.#tellNext())
  }

  /** One in a turn, as far as there is room: what it then has to say takes some of it. */
  #tellNext(): void {
    this.#telling = null
    const [next] = this.#wanting
    if (next !== undefined) {
      const [one, bytes] = next
      if (!this.hasRoom(bytes)) return
      this.#wanting.delete(one)
      one.hasRoomAgain()
      this.#tellSoon()
    }
    if (this.#wanting.size > 0 || this.#timer === null) return
    clearInterval(this.#timer)
    this.#timer = null
  }

  #makeRoom(bytesMore: number, waitsSince: number): boolean {
    this.#held += bytesMore
    const now = this.#monotonic()
    if (now - this.#countedAt < COUNT_AGAIN_MS && this.#held <= this.#parts.bytesMax) return true
    let held = 0
    for (const { bytes } of this.#waiting.values()) held += bytes()
    // One alone may be larger than the limit.
    const isRoom = (): boolean => held === 0 || held + bytesMore <= this.#parts.bytesMax
    const before = held
    let cut = 0
    for (const [one, { since, bytes: bytesOf, cutOff }] of this.#waiting) {
      if (isRoom() || since > waitsSince) break
      const freed = bytesOf()
      // Next to nothing, as of a stream of news: its reader is not slow.
      if (freed < LARGE_BYTES) continue
      cut++
      held -= freed
      this.#waiting.delete(one)
      cutOff()
    }
    this.#held = held + bytesMore
    this.#countedAt = now
    if (cut > 0) this.#say(cut, before - held)
    return isRoom()
  }

  #say(cut: number, bytes: number): void {
    if (this.#monotonic() - this.#saidAt < SAY_AGAIN_MS) return
    this.#saidAt = this.#monotonic()
    this.#parts.onCut({ cut, bytes })
  }
}

/** Before whatever makes a body smaller: what it has now is the most that it can hold. */
export function addUnreadAnswers(app: FastifyInstance, unread: UnreadAnswers): void {
  app.addHook('onSend', async (request, reply, payload: unknown) => {
    const bytes = typeof payload === 'string' || payload instanceof Uint8Array ? payload.length : 0
    if (bytes < LARGE_BYTES || request.method === 'HEAD') return payload
    // A pull changes nothing either, and can be asked for again.
    if (request.method === 'GET' || request.routeOptions.url === '/api/sync/pull') unread.admit(bytes)
    else unread.admitAnyhow(bytes)
    unread.watch(reply.raw)
    return payload
  })
}
