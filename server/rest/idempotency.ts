import { createHash } from 'node:crypto'
import { HttpProblem } from '../http/problem.ts'
import type { PublisherPart } from '../room/combine-publishers.ts'
import type { Turn } from '../room/turn.ts'
import type { GroupCommit } from '../store/group-commit.ts'
import type { Store, ValuePut } from '../store/store.ts'
import { pagesOf } from '../store/values-of.ts'

/**
 * `Idempotency-Key`: a request that is sent again because nobody knows whether it arrived is carried out once.
 *
 * That it was carried out is noted in the very commit that carries it out, and its answer after it; so after a crash
 * between the two the request is known, and answered with how the record stands. Only what succeeded is remembered:
 * what was refused changed nothing, and may be tried again with the same key.
 */
export interface IdempotencyParts {
  readonly store: Pick<Store, 'readValue' | 'readValues' | 'readHead'>
  readonly committer: Pick<GroupCommit, 'submit'>
  readonly now: () => number
}

/** What a request is answered. */
export interface Outcome {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
}

export interface KeyedRequest {
  readonly userId: string
  readonly room: string
  /** Null: it is carried out as often as it is sent. */
  readonly key: string | null
  /** What the request asks for: another with the same key is a mistake. */
  readonly asks: unknown
  /** Called with what is about to be written, and is to be noted with it. */
  run(writing: Writing): Promise<Outcome>
  /** Answers where it is known only that the request was carried out. */
  standing(): Promise<Outcome>
  /** What was answered, as far as whoever asks may still be told it. */
  again(answered: Outcome): Promise<Outcome>
}

export type Writing = (room: string, paths: ReadonlySet<string>) => void

interface Remembered {
  readonly asked: string
  readonly room: string
  readonly at: number
  /**
   * Null: it was carried out, and the server ended before it could note the answer, or that was long, or the record
   * was purged.
   */
  readonly outcome: Outcome | null
}

interface Armed {
  readonly by: string
  readonly paths: ReadonlySet<string>
  readonly put: ValuePut
}

const SPACE = 'idempotency'
const KEPT_MS = 48 * 3_600_000
const OUTCOME_CHARS_MAX = 64 * 1024

export class Idempotency {
  readonly #parts: IdempotencyParts
  readonly #running = new Map<string, Promise<Outcome>>()
  readonly #armed = new Map<string, Set<Armed>>()

  constructor(parts: IdempotencyParts) {
    this.#parts = parts
  }

  readonly publisher: PublisherPart = {
    compose: turn => ({ values: this.#notesOf(turn) }),
    committed() {},
  }

  async once(request: KeyedRequest): Promise<Outcome> {
    const { userId, key, asks } = request
    if (key === null) return request.run(() => {})
    const name = `${encodeURIComponent(userId)} ${key}`
    // Whatever came of one that is under way stands in the store, or may be tried again.
    for (let running = this.#running.get(name); running !== undefined; running = this.#running.get(name))
      await running.catch(() => {})
    const mine = this.#once(name, fingerprint(asks), request)
    this.#running.set(name, mine)
    try {
      return await mine
    } finally {
      this.#running.delete(name)
    }
  }

  /** What is older than any client that still tries. */
  async forgetOld(ending?: AbortSignal): Promise<void> {
    const { committer, now } = this.#parts
    for await (const page of this.#pages()) {
      if (ending?.aborted) return
      const old = page.filter(({ value }) => now() - value.at > KEPT_MS)
      if (old.length === 0) continue
      await committer.submit({
        rooms: [],
        values: old.map(({ key }) => ({ space: SPACE, key, value: null })),
      })
    }
  }

  /** For the commit that purges a record: that requests were carried out stays known, what they were told goes. */
  async purge(room: string): Promise<ValuePut[]> {
    const values: ValuePut[] = []
    for await (const page of this.#pages())
      for (const { key, value } of page)
        if (value.room === room && value.outcome !== null)
          values.push({ space: SPACE, key, value: JSON.stringify({ ...value, outcome: null }) })
    return values
  }

  async *#pages(): AsyncGenerator<readonly { readonly key: string; readonly value: Remembered }[]> {
    for await (const values of pagesOf(this.#parts.store, SPACE))
      yield values.map(({ key, value }) => ({ key, value: parse(value) }))
  }

  async #once(name: string, asked: string, request: KeyedRequest): Promise<Outcome> {
    const { userId, room, run, standing, again } = request
    const { store, committer, now } = this.#parts
    const json = await store.readValue(SPACE, name)
    if (json !== null) {
      const known = parse(json)
      if (known.asked !== asked) throw new HttpProblem('IDEMPOTENCY_MISMATCH')
      // An answer that was noted as the purge was under way says nothing either.
      const isPurged = (await store.readHead(room))?.state === 'purged'
      const answered = isPurged ? null : known.outcome
      const { headers, ...outcome } = await (answered === null ? standing() : again(answered))
      return { ...outcome, headers: { ...headers, 'idempotency-replayed': 'true' } }
    }
    const note: Remembered = { asked, room, at: now(), outcome: null }
    const armed: { room: string; one: Armed }[] = []
    try {
      const outcome = await run((room, paths) => {
        const put = { space: SPACE, key: name, value: JSON.stringify(note) }
        const one = { by: userId, paths, put }
        armed.push({ room, one })
        this.#armed.set(room, (this.#armed.get(room) ?? new Set()).add(one))
      })
      const whole = JSON.stringify({ ...note, outcome })
      const value = whole.length > OUTCOME_CHARS_MAX ? JSON.stringify(note) : whole
      await committer.submit({ rooms: [], values: [{ space: SPACE, key: name, value }] })
      return outcome
    } finally {
      for (const { room, one } of armed) this.#disarm(room, one)
    }
  }

  #notesOf({ room, authors }: Turn): readonly ValuePut[] {
    const armed = this.#armed.get(room)
    if (armed === undefined) return []
    const puts: ValuePut[] = []
    for (const one of [...armed]) {
      const author = authors.find(({ by }) => by === one.by)
      // Another turn of this person's may come between; it has other paths.
      if (author === undefined || ![...one.paths].every(path => author.paths.has(path))) continue
      puts.push(one.put)
      this.#disarm(room, one)
    }
    return puts
  }

  #disarm(room: string, one: Armed): void {
    const armed = this.#armed.get(room)
    armed?.delete(one)
    if (armed?.size === 0) this.#armed.delete(room)
  }
}

function fingerprint(asks: unknown): string {
  return createHash('sha256').update(written(asks)).digest('base64url')
}

function written(asks: unknown): string {
  try {
    return JSON.stringify(asks)
  } catch (error) {
    // What is read step by step is written by a function that calls itself.
    if (!(error instanceof RangeError)) throw error
    throw new HttpProblem('BAD_REQUEST', 'Check the body: it is nested deeper than any value may be.')
  }
}

function parse(json: string): Remembered {
  // Written by this server, under the store's checksum.
  return JSON.parse(json) as Remembered
}
