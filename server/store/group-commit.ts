import type { Change, ChangeOutcome, Store } from './store.ts'
import { isStoreError, StoreError } from './store-error.ts'

/**
 * Joins the changes of all rooms into few fsyncs. What is handed in during a turn of the loop is committed at its
 * end; what comes while a commit is under way goes with the next one, so the more there is to do, the more each
 * fsync carries.
 *
 * When the disk refuses, nothing is resolved: the same batch is tried again, later and later, until it is taken or
 * the server gives up. Meanwhile `readOnly` says why, so that rooms stop accepting; what they had accepted waits.
 */
export interface GroupCommitOptions {
  /** How many changes go in one batch at most: a huge one would hold up everybody's ack. */
  batchMax?: number
  retryMs?: { first: number; max: number }
  time?: CommitTime
  /** After each attempt. */
  onAttempt?: (attempt: CommitAttempt) => void
  onReadOnly?: (reason: StoreError | null) => void
  /** A commit has been waiting for the disk for `SILENT_MS`; then, that it waits no more. */
  onSilent?: (isSilent: boolean) => void
}

/** A disk that takes longer than this is in trouble, though it refuses nothing. */
const SILENT_MS = 5000

export interface CommitAttempt {
  readonly changes: number
  readonly ms: number
  readonly waiting: number
  readonly ok: boolean
}

/** Time comes in from outside, so that a test can turn it by hand. */
export interface CommitTime {
  now(): number
  /** At the end of this turn of the loop. */
  soon(run: () => void): void
  /** Answers how to call it off. */
  later(run: () => void, ms: number): () => void
}

export const realTime: CommitTime = {
  now: () => performance.now(),
  soon: run => void setImmediate(run),
  later(run, ms) {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
}

type State = 'idle' | 'scheduled' | 'committing' | 'waiting'

interface Waiting {
  readonly change: Change
  readonly resolve: (outcome: ChangeOutcome) => void
  readonly reject: (error: Error) => void
}

export class GroupCommit {
  readonly #store: Pick<Store, 'commit'>
  readonly #options: Required<Omit<GroupCommitOptions, 'onAttempt' | 'onReadOnly' | 'onSilent'>>
  readonly #onAttempt: ((attempt: CommitAttempt) => void) | undefined
  readonly #onReadOnly: ((reason: StoreError | null) => void) | undefined
  readonly #onSilent: ((isSilent: boolean) => void) | undefined
  #queue: Waiting[] = []
  /** Handed to the store and not yet resolved; after a refusal these same changes go first. */
  #underWay: Waiting[] = []
  #state: State = 'idle'
  #retryMs: number
  #cancelTimer: (() => void) | null = null
  #readOnly: StoreError | null = null
  /** When the attempt under way began. */
  #askedAt: number | null = null
  #isSilent = false
  #isClosed = false
  #submitted = 0
  #settled = 0
  #flushes: { upTo: number; resolve: () => void }[] = []

  constructor(store: Pick<Store, 'commit'>, options: GroupCommitOptions = {}) {
    this.#store = store
    this.#options = {
      batchMax: options.batchMax ?? 2000,
      retryMs: options.retryMs ?? { first: 100, max: 5000 },
      time: options.time ?? realTime,
    }
    this.#onAttempt = options.onAttempt
    this.#onReadOnly = options.onReadOnly
    this.#onSilent = options.onSilent
    this.#retryMs = this.#options.retryMs.first
  }

  /** Why nothing can be written now; null: all is well. */
  get readOnly(): StoreError | null {
    return this.#readOnly
  }

  /** How long the disk has been owing an answer. */
  get waitedMs(): number {
    return this.#askedAt === null ? 0 : this.#options.time.now() - this.#askedAt
  }

  /** Why nothing is saved at the moment, though it may be accepted; null: all is well. */
  get trouble(): string | null {
    if (this.#readOnly !== null) return `${this.#readOnly.message} It is tried again by itself.`
    if (!this.#isSilent) return null
    return (
      `The disk has not answered for ${Math.floor(this.waitedMs / 1000)} s. Nothing is lost, and nothing is called ` +
      'saved until it does; look at the disk.'
    )
  }

  /** Changes that are not durable yet. */
  get depth(): number {
    return this.#queue.length + this.#underWay.length
  }

  /** Resolves when the change is durable, or left out because a room moved; outcomes come in the order of submits. */
  submit(change: Change): Promise<ChangeOutcome> {
    if (this.#isClosed) return Promise.reject(closedError())
    return new Promise((resolve, reject) => {
      this.#submitted++
      this.#queue.push({ change, resolve, reject })
      if (this.#state === 'idle') this.#schedule()
    })
  }

  /** Resolves when everything submitted so far is durable. */
  flush(): Promise<void> {
    if (this.depth === 0) return Promise.resolve()
    return new Promise(resolve => {
      this.#flushes.push({ upTo: this.#submitted, resolve })
    })
  }

  /** Takes nothing more and drains; what a failing disk has not taken by then is rejected. May be called twice. */
  async close(giveUpAfterMs = 8000): Promise<void> {
    this.#isClosed = true
    if (this.depth === 0) return
    const cancel = this.#options.time.later(() => this.#giveUp(), giveUpAfterMs)
    // One that waits to retry is tried at once: there may not be time for the whole back-off.
    if (this.#state === 'waiting') this.#startNow()
    await this.flush()
    cancel()
  }

  #schedule(): void {
    this.#state = 'scheduled'
    this.#options.time.soon(() => {
      if (this.#state === 'scheduled') void this.#commit()
    })
  }

  #wait(ms: number): void {
    this.#state = 'waiting'
    this.#cancelTimer = this.#options.time.later(() => {
      this.#cancelTimer = null
      void this.#commit()
    }, ms)
  }

  #startNow(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = null
    void this.#commit()
  }

  async #commit(): Promise<void> {
    const { time, batchMax } = this.#options
    this.#state = 'committing'
    if (this.#underWay.length === 0) {
      this.#underWay = this.#queue.length <= batchMax ? this.#queue : this.#queue.slice(0, batchMax)
      this.#queue = this.#queue.length <= batchMax ? [] : this.#queue.slice(batchMax)
    }
    const batch = this.#underWay
    const start = time.now()
    try {
      const outcomes = await this.#ask(batch)
      this.#tell(batch.length, start, true)
      // Given up meanwhile: nobody waits any more.
      if (this.#underWay === batch) this.#taken(batch, outcomes)
    } catch (error) {
      this.#tell(batch.length, start, false)
      if (this.#underWay !== batch) return
      if (isStoreError(error, 'STORE_UNWRITABLE')) this.#refused(error)
      else await this.#commitOneByOne(batch)
    }
  }

  async #ask(batch: readonly Waiting[]): Promise<readonly ChangeOutcome[]> {
    const { time } = this.#options
    this.#askedAt = time.now()
    let isAnswered = false
    // An answer may have come while the process itself was held up, or slept: it is heard by the end of this turn.
    const lookAgain = (): void => {
      if (!isAnswered) this.#setSilent(true)
    }
    const cancel = time.later(() => time.soon(lookAgain), SILENT_MS)
    try {
      return await this.#store.commit(batch.map(({ change }) => change))
    } finally {
      cancel()
      isAnswered = true
      this.#askedAt = null
      this.#setSilent(false)
    }
  }

  #setSilent(isSilent: boolean): void {
    if (this.#isSilent === isSilent) return
    this.#isSilent = isSilent
    this.#onSilent?.(isSilent)
  }

  #tell(changes: number, start: number, ok: boolean): void {
    this.#onAttempt?.({ changes, ms: this.#options.time.now() - start, waiting: this.#queue.length, ok })
  }

  #taken(batch: readonly Waiting[], outcomes: readonly ChangeOutcome[]): void {
    if (this.#readOnly !== null) {
      this.#readOnly = null
      this.#onReadOnly?.(null)
    }
    this.#retryMs = this.#options.retryMs.first
    this.#underWay = []
    for (let i = 0; i < batch.length; i++) {
      const outcome = outcomes[i]
      if (outcome !== undefined) batch[i]?.resolve(outcome)
      else batch[i]?.reject(new Error('the store gave fewer outcomes than changes'))
    }
    this.#settle(batch.length)
    this.#next()
  }

  #next(): void {
    if (this.#queue.length > 0) {
      // It waited for the one before: no need to wait for the end of the turn as well.
      void this.#commit()
      return
    }
    this.#state = 'idle'
  }

  #settle(count: number): void {
    this.#settled += count
    while (this.#flushes[0] !== undefined && this.#flushes[0].upTo <= this.#settled)
      this.#flushes.shift()?.resolve()
  }

  #refused(reason: StoreError): void {
    const wasWritable = this.#readOnly === null
    this.#readOnly = reason
    this.#wait(this.#retryMs)
    this.#retryMs = Math.min(this.#retryMs * 2, this.#options.retryMs.max)
    if (wasWritable) this.#onReadOnly?.(reason)
  }

  /** One change that the store cannot take (its room is damaged) must not hold up the others for ever. */
  async #commitOneByOne(batch: readonly Waiting[]): Promise<void> {
    for (const [i, waiting] of batch.entries()) {
      try {
        const [outcome] = await this.#ask([waiting])
        if (outcome === undefined) throw new Error('the store gave no outcome')
        waiting.resolve(outcome)
      } catch (error) {
        if (isStoreError(error, 'STORE_UNWRITABLE')) {
          if (this.#underWay !== batch) return
          this.#underWay = batch.slice(i)
          this.#settle(i)
          this.#refused(error)
          return
        }
        waiting.reject(error instanceof Error ? error : new Error(String(error)))
      }
    }
    if (this.#underWay !== batch) return
    this.#underWay = []
    this.#settle(batch.length)
    this.#next()
  }

  #giveUp(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = null
    const reason =
      this.#readOnly ??
      new StoreError('STORE_UNWRITABLE', 'The disk did not answer before the server had to end.')
    const given = [...this.#underWay, ...this.#queue]
    this.#underWay = []
    this.#queue = []
    for (const { reject } of given) reject(reason)
    this.#state = 'idle'
    this.#settle(given.length)
  }
}

const closedError = (): StoreError =>
  new StoreError('STORE_CLOSED', 'The server is ending and takes no more changes.')
