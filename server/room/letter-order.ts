// Where the letters of a turn will stand, before Yjs puts them there. A letter names the two that stood side by side
// where its writer put it. What somebody else wrote meanwhile may stand between them; what its writer must have had
// may not: such letters would stand in another order on each device, by what each had received first.

import * as Y from 'yjs'
import { Followers } from './followers.ts'
import type { Judging } from './judging.ts'
import type { KnownIds } from './known-ids.ts'
import type { NewRange } from './new-ids.ts'
import { offence, type Refusal, refused } from './verdict.ts'

/** Null: every letter can have been written where it says. */
export const judgeLetters = (room: Judging): Refusal | null => {
  const { judged } = room
  if (judged.letters.length === 0) return null
  const order = new LetterOrder(room)
  for (const letters of judged.letters) {
    if (!order.place(letters)) return offence('FORGED', APART, letters.root)
    if (order.steps > STEPS_MAX) return refused('TOO_LARGE', letters.root, TOO_FAR)
  }
  judged.followers = order.followers
  return null
}

const APART = 'its letters name neighbours that did not stand side by side'
/** About half a second; a day's writing of two people at the same place takes a hundredth of them. */
const STEPS_MAX = 3_000_000
const TOO_FAR =
  'was written by you and by others at one place, and so much of it that it cannot be put in order at once: copy what you wrote, and put it in anew'

/** Letters of one client, one behind the other. */
interface Stretch {
  readonly client: number
  readonly clock: number
  readonly end: number
  readonly origin: Y.ID | null
  readonly rightOrigin: Y.ID | null
}

interface Looked {
  readonly client: number
  readonly from: Y.ID | null
  readonly to: Y.ID | null
  readonly firsts: readonly Y.ID[]
}

class LetterOrder {
  /** What the update changes of what follows on what. */
  readonly followers = new Followers()
  /** How many stretches have been passed in looking for places. */
  steps = 0
  readonly #room: Judging
  readonly #ofTurn: Followers
  /** Made where somebody else's letters stand in between, which is seldom. */
  #known: Map<number, KnownIds> | null = null
  /** Where a client's letters were looked for last: whoever mends their own comes back to the same place each time. */
  #looked: Looked | null = null

  constructor(room: Judging) {
    this.#room = room
    this.#ofTurn = room.overlay.followers
  }

  /** False: it cannot have been written there. */
  place(letters: NewRange): boolean {
    const { client, clock, end, root: text, origin, rightOrigin } = letters
    // Nobody puts letters among those that they have not had, but where others wrote beside them.
    if (this.#looked?.client !== client) this.#looked = null
    let left = origin
    let follower = this.#follower(origin, text)
    if (!Y.compareIDs(follower, rightOrigin)) {
      if (!this.#goesOn(letters) && !this.#isApartFor(letters, follower)) return false
      left = this.#leftOf(letters, follower)
      if (left !== origin) this.#looked = null
      follower = this.#follower(left, text)
    }
    const first = Y.createID(client, clock)
    if (left === null) this.followers.firsts.set(text, first)
    else this.followers.set(left, first)
    this.followers.set(Y.createID(client, end - 1), follower)
    return true
  }

  /**
   * Its writer went on behind what they had written last, or before it, and has had nothing new between: what held of
   * those neighbours holds of these.
   */
  #goesOn({ client, clock, origin, rightOrigin }: NewRange): boolean {
    if (clock === 0) return false
    const last = Y.createID(client, clock - 1)
    const before = this.#heldWith(last)
    return Y.compareIDs(origin, last)
      ? Y.compareIDs(rightOrigin, before.rightOrigin)
      : Y.compareIDs(origin, before.origin) && Y.compareIDs(rightOrigin, Y.createID(client, before.clock))
  }

  /** Whether its writer can have had nothing of what stands between the neighbours by now. */
  #isApartFor({ client, clock, root: text, origin, rightOrigin }: NewRange, follower: Y.ID | null): boolean {
    const between = this.#firstsBetween(client, follower, rightOrigin, text)
    if (between === null) return false
    const known = this.#knownTo(client)
    if (clock > 0) this.steps += known.add(Y.createID(client, clock - 1))
    this.steps += known.add(origin) + known.add(rightOrigin)
    return between.every(first => !known.has(first))
  }

  /** The first of each client's that stands from one letter on and before another; null: the other stands before it. */
  #firstsBetween(client: number, from: Y.ID | null, to: Y.ID | null, text: string): readonly Y.ID[] | null {
    const looked = this.#looked
    if (looked?.client === client && Y.compareIDs(looked.from, from) && Y.compareIDs(looked.to, to))
      return looked.firsts
    const firsts = new Map<number, Y.ID>()
    for (let id = from; !Y.compareIDs(id, to); id = this.#behind(id, text)) {
      if (id === null) return null
      const first = firsts.get(id.client)
      if (first === undefined || id.clock < first.clock) firsts.set(id.client, id)
    }
    this.#looked = { client, from, to, firsts: [...firsts.values()] }
    return this.#looked.firsts
  }

  #knownTo(client: number): KnownIds {
    this.#known ??= new Map()
    let known = this.#known.get(client)
    if (known === undefined) {
      const { record, overlay, judged } = this.#room
      const stored = record.known.of(client)
      const end = Y.getState(record.doc.store, client)
      if (end > 0) this.steps += stored.add(Y.createID(client, end - 1))
      known = stored.with([overlay.newIds, judged.newIds])
      this.#known.set(client, known)
    }
    return known
  }

  /** On which letter it will follow among what others wrote between its neighbours: as Yjs decides it. */
  #leftOf({ client, root: text, origin, rightOrigin }: NewRange, follower: Y.ID | null): Y.ID | null {
    let left = origin
    const passed: Stretch[] = []
    /** By their last letters, on which most of what follows was put. */
    const byLast = new Map<string, number>()
    /** From which of those on it is not decided yet. */
    let undecided = 0
    for (let id = follower; id !== null && !Y.compareIDs(id, rightOrigin); id = this.#behind(id, text)) {
      // Refused by whoever asked.
      if (this.steps > STEPS_MAX) break
      const stretch = this.#stretchFrom(id)
      byLast.set(keyOf(lastOf(stretch)), passed.length)
      passed.push(stretch)
      if (Y.compareIDs(origin, stretch.origin)) {
        if (stretch.client < client) {
          left = lastOf(stretch)
          undecided = passed.length
        } else if (Y.compareIDs(rightOrigin, stretch.rightOrigin)) {
          break
        }
      } else {
        const { origin: behind } = stretch
        const at = behind === null ? -1 : (byLast.get(keyOf(behind)) ?? this.#indexOf(passed, behind))
        if (at < 0) break
        if (at < undecided) {
          left = lastOf(stretch)
          undecided = passed.length
        }
      }
    }
    return left
  }

  #indexOf(passed: readonly Stretch[], id: Y.ID): number {
    for (let i = passed.length - 1; i >= 0; i--) {
      this.steps++
      const stretch = passed[i]
      if (stretch?.client === id.client && stretch.clock <= id.clock && id.clock < stretch.end) return i
    }
    return -1
  }

  /** What stands behind all that goes on from this letter. */
  #behind(id: Y.ID, text: string): Y.ID | null {
    return this.#follower(lastOf(this.#stretchFrom(id)), text)
  }

  /** A letter and those that go on from it. */
  #stretchFrom({ client, clock }: Y.ID): Stretch {
    const held = this.#heldWith({ client, clock })
    const turnCut = this.#ofTurn.firstCut(client, clock, held.end - 1)
    const last = this.followers.firstCut(client, clock, turnCut)
    this.steps += 1 + ((last - clock) >> 5)
    return {
      client,
      clock,
      end: last + 1,
      origin: clock === held.clock ? held.origin : Y.createID(client, clock - 1),
      rightOrigin: held.rightOrigin,
    }
  }

  /** What stands behind a letter; of null, what stands first. */
  #follower(id: Y.ID | null, text: string): Y.ID | null {
    const { doc } = this.#room.record
    if (id === null) {
      const first = this.followers.firsts.get(text) ?? this.#ofTurn.firsts.get(text)
      return first ?? doc.getText(text)._start?.id ?? null
    }
    const newer = this.followers.of(id)
    const changed = newer === undefined ? this.#ofTurn.of(id) : newer
    if (changed !== undefined) return changed
    // The last letter of what is new has one that follows.
    const item = this.#newRange(id) === undefined ? Y.getItem(doc.store, id) : null
    return item === null || id.clock + 1 < item.id.clock + item.length
      ? Y.createID(id.client, id.clock + 1)
      : (item.right?.id ?? null)
  }

  /** The letters that came, or are kept, together with this one. */
  #heldWith(id: Y.ID): Stretch {
    const range = this.#newRange(id)
    if (range !== undefined) return range
    const { client } = id
    // What was collected has forgotten its neighbours.
    const {
      id: { clock },
      length,
      origin = null,
      rightOrigin = null,
    } = Y.getItem(this.#room.record.doc.store, id)
    return { client, clock, end: clock + length, origin, rightOrigin }
  }

  #newRange({ client, clock }: Y.ID): NewRange | undefined {
    const { judged, overlay } = this.#room
    return judged.newIds.at(client, clock) ?? overlay.newIds.at(client, clock)
  }
}

const keyOf = ({ client, clock }: Y.ID): string => `${client} ${clock}`

const lastOf = ({ client, end }: Stretch): Y.ID => Y.createID(client, end - 1)
