// Whose update held what others had written, who have not sent it themselves: it may rest on that, so it is not
// refused, and is asked for again once they have.

import * as Y from 'yjs'
import type { Member } from './member.ts'

type Store = Y.Doc['store']

export class Unheard {
  /** By how much of each of the others was here. */
  readonly #clocks = new Map<Member, ReadonlyMap<number, number>>()

  add(member: Member, others: readonly number[], store: Store): void {
    this.#clocks.set(member, new Map(others.map(client => [client, Y.getState(store, client)])))
  }

  delete(member: Member): void {
    this.#clocks.delete(member)
  }

  /** Those who are to be asked: something of the others is here since. */
  takeHeard(store: Store): Member[] {
    const heard: Member[] = []
    for (const [member, clocks] of this.#clocks) {
      if (![...clocks].some(([client, clock]) => Y.getState(store, client) > clock)) continue
      this.#clocks.delete(member)
      heard.push(member)
    }
    return heard
  }

  get isEmpty(): boolean {
    return this.#clocks.size === 0
  }
}
