import type * as Y from 'yjs'

/** A letter that follows on another, or null where the text ends; undefined: the turn has changed nothing there. */
type Follower = Y.ID | null | undefined

/** Which letter follows on which, where a turn has changed it. */
export class Followers {
  /** With which letter a text begins. */
  readonly firsts = new Map<string, Y.ID>()
  readonly #byClient = new Map<number, ClientFollowers>()

  of({ client, clock }: Y.ID): Follower {
    return this.#byClient.get(client)?.followers.get(clock)
  }

  set({ client, clock }: Y.ID, follower: Y.ID | null): void {
    let own = this.#byClient.get(client)
    if (own === undefined) {
      own = { followers: new Map(), clocks: [] }
      this.#byClient.set(client, own)
    }
    if (!own.followers.has(clock)) own.clocks.splice(firstFrom(own.clocks, clock), 0, clock)
    own.followers.set(clock, follower)
  }

  /** The first of a client's letters from `clock` up to `last` that another has come to follow on; else the last. */
  firstCut(client: number, clock: number, last: number): number {
    const clocks = this.#byClient.get(client)?.clocks
    return clocks === undefined ? last : Math.min(clocks[firstFrom(clocks, clock)] ?? last, last)
  }

  take(others: Followers): void {
    for (const [text, first] of others.firsts) this.firsts.set(text, first)
    for (const [client, { followers }] of others.#byClient)
      for (const [clock, follower] of followers) this.set({ client, clock }, follower)
  }
}

interface ClientFollowers {
  readonly followers: Map<number, Y.ID | null>
  /** Of those that something follows on, in their order. */
  readonly clocks: number[]
}

/** Where the first that is not below `clock` stands. */
const firstFrom = (clocks: readonly number[], clock: number): number => {
  let [low, high] = [0, clocks.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((clocks[middle] ?? 0) < clock) low = middle + 1
    else high = middle
  }
  return low
}
