import type { ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { HttpProblem } from './problem.ts'

/**
 * What whole answers hold until it is read. An answer that is streamed waits where it comes from; one that is sent
 * whole waits in memory for as long as its reader likes, and of those there may be many. Past a limit for all
 * together the oldest, whose readers are the slowest, are cut off, and who asks for another is told to come again.
 */
export interface UnreadAnswersParts {
  readonly bytesMax: number
  /** Some were cut off; said once in a while. */
  readonly onCut: (fields: { readonly cut: number; readonly bytes: number }) => void
  readonly monotonic?: () => number
}

/** Smaller ones are read as they are written. */
const LARGE_BYTES = 64 * 1024
/** A slow line brings the larger part of a long list in that time. */
const PATIENCE_MS = 10_000
const SAY_AGAIN_MS = 60_000

export class UnreadAnswers {
  readonly #parts: UnreadAnswersParts
  readonly #monotonic: () => number
  /** With since when each waits to be read, the oldest first. */
  readonly #answers = new Map<ServerResponse, number>()
  #saidAt = Number.NEGATIVE_INFINITY

  constructor(parts: UnreadAnswersParts) {
    this.#parts = parts
    this.#monotonic = parts.monotonic ?? (() => performance.now())
  }

  /** Room for one more of so many bytes; else whoever asks is to come again. */
  admit(bytes: number): void {
    if (!this.#makeRoom(bytes, this.#monotonic() - PATIENCE_MS))
      throw new HttpProblem('TOO_SLOW', 'Try again in a moment: too many answers wait to be read.')
  }

  /** What was done is answered in any case. */
  admitAnyhow(bytes: number): void {
    this.#makeRoom(bytes, Number.POSITIVE_INFINITY)
  }

  /** What is written to it from now on waits since now. */
  watch(answer: ServerResponse): void {
    const { socket } = answer.req
    // Of who has gone nothing more is heard.
    if (answer.destroyed || socket.destroyed) return
    if (!this.#answers.delete(answer)) {
      const forget = (): void => {
        this.#answers.delete(answer)
        socket.off('close', forget)
      }
      answer.once('close', forget)
      // One that waits behind another on its line never closes by itself.
      socket.once('close', forget)
    }
    this.#answers.set(answer, this.#monotonic())
  }

  #makeRoom(bytes: number, waitsSince: number): boolean {
    let held = 0
    for (const answer of this.#answers.keys()) held += answer.writableLength
    // One alone may be larger than the limit.
    const isRoom = (): boolean => held === 0 || held + bytes <= this.#parts.bytesMax
    const before = held
    let cut = 0
    for (const [answer, since] of this.#answers) {
      if (isRoom() || since > waitsSince) break
      // Next to nothing, as of a stream of news: its reader is not slow.
      if (answer.writableLength < LARGE_BYTES) continue
      cut++
      held -= answer.writableLength
      this.#answers.delete(answer)
      answer.destroy()
    }
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
    if (request.method === 'GET' || request.url.startsWith('/api/sync/pull')) unread.admit(bytes)
    else unread.admitAnyhow(bytes)
    unread.watch(reply.raw)
    return payload
  })
}
