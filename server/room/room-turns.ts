// When a room acts. What comes in during one turn of the event loop is committed together when the turn ends, one
// commit after the other; whoever has to be alone with the record waits for the commit under way, and everybody else
// for them.

import { RoomClosed } from './room-closed.ts'

export interface TurnsRoom {
  readonly name: string
  readonly isClosed: boolean
  /** Updates were taken that no commit has yet. */
  readonly hasTaken: boolean
  /** At the end of this turn of the loop. */
  soon(run: () => void): void
  /** Hands what was taken to a commit, by `runs`; or has nothing to commit. */
  endTurn(): void
  /** Somebody was alone with the record, and is no more. */
  cameTogether(): void
}

export class RoomTurns {
  readonly #room: TurnsRoom
  #isScheduled = false
  #commitUnderWay: Promise<void> | null = null
  /** What has to see committed state, and waits for the commit under way. */
  #afterCommit: Waiting[] | null = null
  #exclusive: Promise<unknown> | null = null
  #isAlone = false
  #kept: (() => void)[] | null = null

  constructor(room: TurnsRoom) {
    this.#room = room
  }

  /** Nothing is under way, and nothing is about to be. */
  get isResting(): boolean {
    return !this.#isScheduled && !this.isBusy
  }

  /** A commit is under way, or somebody is alone with the record. */
  get isBusy(): boolean {
    return this.#commitUnderWay !== null || this.#exclusive !== null
  }

  /** Asks for the end of the turn, unless something is under way that does so when it ends. */
  schedule(): void {
    if (this.#isScheduled || this.isBusy) return
    this.#isScheduled = true
    this.#room.soon(() => {
      this.#isScheduled = false
      // Whoever is alone by now has perhaps written what is not durable yet, and asks anew when they have done.
      if (!this.#isAlone) this.#end()
    })
  }

  /** Somebody is, or is about to be, alone with the doc: what comes in is to be kept as it came. */
  get isAlone(): boolean {
    return this.#isAlone
  }

  keep(take: () => void): void {
    this.#kept ??= []
    this.#kept.push(take)
  }

  #end(): void {
    if (this.#room.isClosed || this.#commitUnderWay !== null) return
    this.#room.endTurn()
    if (this.#commitUnderWay === null && !this.#room.isClosed) this.runWaiting()
  }

  /** A commit of this room is under way until `ended` is called. */
  runs(commit: Promise<void>): void {
    this.#commitUnderWay = commit
  }

  ended(): void {
    this.#commitUnderWay = null
  }

  /** `failed`: the room ends first. */
  whenCommitted(run: () => void, failed: (error: RoomClosed) => void = () => {}): void {
    if (this.#room.isClosed) {
      failed(new RoomClosed(this.#room.name))
      return
    }
    const isCommitted =
      this.#commitUnderWay === null && !(this.#isScheduled && this.#room.hasTaken) && !this.#isAlone
    if (isCommitted) {
      run()
      return
    }
    this.#afterCommit ??= []
    this.#afterCommit.push({ run, failed })
  }

  runWaiting(): void {
    const waiting = this.#afterCommit
    if (waiting === null) return
    this.#afterCommit = null
    for (const { run } of waiting) run()
  }

  /** The room has ended: what waits is told, since no commit will come. */
  close(): void {
    const waiting = this.#afterCommit
    this.#afterCommit = null
    for (const { failed } of waiting ?? []) failed(new RoomClosed(this.#room.name))
  }

  /**
   * Runs alone: nothing is taken, applied or under way meanwhile. What comes in waits, and is judged against what
   * was done here.
   */
  async exclusively<T>(run: () => Promise<T> | T): Promise<T> {
    const before = this.#exclusive
    const mine = (async () => {
      await before?.catch(() => {})
      this.#isAlone = true
      while (this.#commitUnderWay !== null || this.#room.hasTaken) {
        if (this.#commitUnderWay === null) this.#end()
        await this.#commitUnderWay
      }
      if (this.#room.isClosed) throw new RoomClosed(this.#room.name)
      return run()
    })()
    const settled = mine.then(
      () => {},
      () => {},
    )
    this.#exclusive = settled
    try {
      return await mine
    } finally {
      if (this.#exclusive === settled) this.#comeTogether()
    }
  }

  #comeTogether(): void {
    this.#exclusive = null
    this.#isAlone = false
    this.runWaiting()
    const kept = this.#kept
    this.#kept = null
    for (const take of kept ?? []) take()
    this.#room.cameTogether()
  }
}

interface Waiting {
  readonly run: () => void
  readonly failed: (error: RoomClosed) => void
}
