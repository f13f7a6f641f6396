// The doc of a large record where memory is short: whoever needs it comes in turn. What is written to the record
// meanwhile is kept, and taken once the doc is there.

import type { Headroom } from './headroom.ts'
import type { Member } from './member.ts'
import { RoomRefusal } from './peer.ts'
import type { RoomTurns } from './room-turns.ts'

export interface DearDocRoom {
  readonly storedBytes: number
  buildNow(): void
  turnFailed(error: unknown): void
}

export class DearDoc {
  readonly #room: DearDocRoom
  readonly #turns: Pick<RoomTurns, 'exclusively' | 'keep'>
  readonly #headroom: Headroom
  /** Those who are working with it. */
  #users = 0
  #wait: Wait | null = null

  constructor(room: DearDocRoom, turns: Pick<RoomTurns, 'exclusively' | 'keep'>, headroom: Headroom) {
    this.#room = room
    this.#turns = turns
    this.#headroom = headroom
  }

  get isUsed(): boolean {
    return this.#users > 0
  }

  /** Edits wait for it. */
  get isAwaited(): boolean {
    return this.#wait !== null
  }

  /** Rejects with RoomRefusal where the turn does not come. */
  use<T>(run: () => Promise<T>, docs = 1): Promise<T> {
    return this.#headroom.edit(this.#room.storedBytes * docs, async () => {
      this.#users++
      this.#wait?.begin()
      try {
        return await run()
      } finally {
        this.#users--
      }
    })
  }

  /** An edit that needs it. Who waited in vain comes again with it. */
  takeLater(member: Member, take: () => void): void {
    const wait = this.#wait ?? this.#begin()
    wait.writers.add(member)
    this.#turns.keep(() => {
      if (!wait.isRefused) take()
    })
  }

  #begin(): Wait {
    const wait = new Wait()
    this.#wait = wait
    const build = async (): Promise<void> => {
      try {
        // Whoever else gets a turn here needs what has been written, and would wait for it.
        if (!this.isUsed) await Promise.race([this.use(async () => {}), wait.begun])
        this.#room.buildNow()
      } catch (error) {
        if (!(error instanceof RoomRefusal)) throw error
        wait.isRefused = true
        for (const { peer } of wait.writers) peer.close(error.code, error.message)
      } finally {
        this.#wait = null
      }
    }
    this.#turns.exclusively(build).catch(error => {
      this.#wait = null
      this.#room.turnFailed(error)
    })
    return wait
  }
}

class Wait {
  readonly writers = new Set<Member>()
  isRefused = false
  begin: () => void = () => {}
  readonly begun = new Promise<void>(begin => {
    this.begin = begin
  })
}
