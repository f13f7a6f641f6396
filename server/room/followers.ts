import type * as Y from 'yjs'
import { MostlyOne } from './mostly-one.ts'

/** A letter that follows on another, or null where the text ends; undefined: the turn has changed nothing there. */
type Follower = Y.ID | null | undefined

/** Which letter follows on which, where a turn has changed it. */
export class Followers {
  /** With which letter a text begins. */
  readonly firsts = new MostlyOne<string, Y.ID>()
  readonly #byClient = new MostlyOne<number, Map<number, Y.ID | null>>()

  of({ client, clock }: Y.ID): Follower {
    return this.#byClient.get(client)?.get(clock)
  }

  set({ client, clock }: Y.ID, follower: Y.ID | null): void {
    const byClock = this.#byClient.get(client)
    if (byClock === undefined) this.#byClient.set(client, new Map([[clock, follower]]))
    else byClock.set(clock, follower)
  }

  /** The first of a client's letters from `clock` up to `last` that another has come to follow on; else the last. */
  firstCut(client: number, clock: number, last: number): number {
    const byClock = this.#byClient.get(client)
    if (byClock === undefined) return last
    let at = clock
    while (at < last && !byClock.has(at)) at++
    return at
  }

  take(others: Followers): void {
    others.firsts.forEach((first, text) => this.firsts.set(text, first))
    others.#byClient.forEach((byClock, client) => {
      const known = this.#byClient.get(client)
      if (known === undefined) this.#byClient.set(client, byClock)
      else for (const [clock, follower] of byClock) known.set(clock, follower)
    })
  }
}
