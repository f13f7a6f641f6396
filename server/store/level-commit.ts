import type { WriteBatch } from './level.ts'
import { nextHash, tipOf } from './event-chain.ts'
import { type ListedIds, nextHead, nextIds } from './head.ts'
import {
  keyOf,
  sealEarlierEpoch,
  sealEvent,
  sealHead,
  sealRow,
  sealSnapshot,
  sealUpdates,
} from './level-layout.ts'
import { sealText } from './sealed.ts'
import type { Change, ChangeOutcome, Head, NewEpoch, RoomChange, StoredEvent, StoredRow } from './store.ts'

/** What the writer knows of a room before it writes. */
export interface Standing {
  readonly head: Head | null
  readonly ids: ListedIds
}

/** What a new epoch takes away, read before the batch is made. */
export interface Ended {
  readonly owners: ReadonlyMap<number, string>
  readonly contentKeys: readonly string[]
  /** Keys of events and their chain, where the room is purged. */
  readonly eventKeys: readonly string[]
}

export interface CommitSource {
  standing(room: string): Standing
  ended(change: RoomChange): Ended
  cursorAt(event: number): string
}

const NO_EVENTS: readonly StoredEvent[] = []

/** Turns changes into puts and deletes of one LevelDB batch. It decides nothing by waiting: all it needs was read. */
export class CommitWriter {
  readonly #batch: WriteBatch
  readonly #source: CommitSource
  /** The rooms as they stand after the changes so far. */
  readonly after = new Map<string, Standing>()
  eventTip: number

  constructor(batch: WriteBatch, source: CommitSource, eventTip: number) {
    this.#batch = batch
    this.#source = source
    this.eventTip = eventTip
  }

  add(change: Change): ChangeOutcome {
    const moved = this.#movedRooms(change)
    if (moved !== null) return { saved: false, moved }
    const heads: Head[] = []
    const events: StoredEvent[] = []
    for (const room of change.rooms) heads.push(this.#addRoom(room, events))
    if (change.values !== undefined) {
      for (const { space, key, value } of change.values) {
        if (value === null) this.#batch.del(keyOf.value(space, key))
        else this.#put(keyOf.value(space, key), value)
      }
    }
    return { saved: true, heads, events: events.length > 0 ? events : NO_EVENTS }
  }

  #put(key: string, text: string): void {
    this.#batch.put(key, sealText(key, text))
  }

  #movedRooms(change: Change): string[] | null {
    let moved: string[] | null = null
    for (const { room, expect } of change.rooms) {
      if ((this.#standing(room).head?.commit ?? 0) === expect) continue
      moved ??= []
      moved.push(room)
    }
    return moved
  }

  #standing(room: string): Standing {
    return this.after.get(room) ?? this.#source.standing(room)
  }

  #addRoom(change: RoomChange, events: StoredEvent[]): Head {
    const { room } = change
    const before = this.#standing(room)
    let head = nextHead(before.head, change)
    if (before.head === null) this.#put(keyOf.name(room), '')
    else if (change.newEpoch !== undefined) this.#endEpoch(before.head, change, change.newEpoch)
    if (change.updates.length > 0) {
      const key = keyOf.log(room, head.commit)
      this.#batch.put(key, sealUpdates(key, change.updates))
    }
    if (change.owners !== undefined) {
      for (const { clientId, userId } of change.owners) {
        this.#put(keyOf.owner(room, clientId), userId)
      }
    }
    const row = head.state === 'purged' ? null : change.row
    if (row !== undefined) writeRow(this.#batch, head, row)
    if (change.events !== undefined) {
      for (const json of change.events) head = this.#chain(head, json, events)
    }
    const ids = nextIds(before.ids, change)
    this.#batch.put(keyOf.head(room), sealHead(head, ids))
    this.after.set(room, { head, ids })
    return head
  }

  #chain(head: Head, json: string, events: StoredEvent[]): Head {
    const number = ++this.eventTip
    const seq = head.eventCount + 1
    const hash = nextHash(tipOf(head), json)
    const event = { cursor: this.#source.cursorAt(number), room: head.room, seq, hash, json }
    const key = keyOf.event(number)
    this.#batch.put(key, sealEvent(key, event))
    this.#put(keyOf.chain(head.room, seq), String(number))
    events.push(event)
    return { ...head, eventCount: seq, eventHash: hash }
  }

  #endEpoch(head: Head, change: RoomChange, { ended, clocks, content }: NewEpoch): void {
    const gone = this.#source.ended(change)
    const ids = new Set([...clocks.keys(), ...gone.owners.keys()])
    const clients = new Map(
      [...ids].map(id => [id, { userId: gone.owners.get(id) ?? '', clock: clocks.get(id) ?? 0 }] as const),
    )
    for (const id of gone.owners.keys()) this.#batch.del(keyOf.owner(head.room, id))
    const key = keyOf.earlierEpoch(head.room, head.epoch)
    this.#batch.put(key, sealEarlierEpoch(key, { epoch: head.epoch, commit: head.commit, ended, clients }))
    if (content !== null) {
      for (const contentKey of gone.contentKeys) this.#batch.del(contentKey)
      const snapshotKey = keyOf.snapshot(head.room)
      this.#batch.put(snapshotKey, sealSnapshot(snapshotKey, head.commit, content))
    }
    if (ended === 'purged') {
      for (const eventKey of gone.eventKeys) this.#batch.del(eventKey)
      this.#put(keyOf.foldedChain(head.room), `${head.eventCount} ${tipOf(head)}`)
    }
  }
}

export function writeRow(batch: WriteBatch, { room, type }: Head, row: StoredRow | null): void {
  const key = keyOf.row(type, room.slice(type.length + 1))
  if (row === null) batch.del(key)
  else batch.put(key, sealRow(key, row.json))
}
