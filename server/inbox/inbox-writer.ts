// Puts what waits for a person into their inbox: one commit holds the entries, the history that makes place for them,
// and the mark that they wait no more. Whoever is looking is served first.

import { SERVER_AUTHOR } from '../../shared/record/cell.ts'
import { CREATED, joinPath } from '../../shared/record/path.ts'
import type { Value } from '../../shared/record/value.ts'
import { Inbox, inboxRoom, type InboxView } from '../../shared/types/inbox.ts'
import type { Room } from '../room/room.ts'
import { RoomClosed } from '../room/room-closed.ts'
import type { Rooms } from '../room/rooms.ts'
import { isUnreadable } from '../room/unreadable.ts'
import type { GroupCommit } from '../store/group-commit.ts'
import type { Store, ValuePut } from '../store/store.ts'
import type { Deliveries } from './deliveries.ts'
import { deliveryPut } from './delivery.ts'
import { historyPutsOf, lateReadPuts } from './inbox-history.ts'
import { type InboxPlan, type NewEntry, planInbox } from './plan-inbox.ts'
import { valuesOf } from '../store/values-of.ts'
import { arrivedPut, WAITING_SPACE, type WaitingEntry } from './waiting-entry.ts'
import { reasonOf } from '../../shared/reason-of.ts'

export interface InboxWriterParts {
  readonly store: Pick<Store, 'readValues' | 'readValue'>
  readonly committer: Pick<GroupCommit, 'submit'>
  readonly rooms: () => Pick<Rooms, 'open' | 'get'>
  /** What of new entries is to be pushed and mailed; noted in the commit that brings them, and made after it. */
  readonly deliveries: Pick<Deliveries, 'plan' | 'add'>
  readonly failed: (user: string, error: unknown) => void
}

/** So many inboxes are written at a time, joined into few commits. */
const AT_ONCE = 32
const RETRY_MS = 500

export class InboxWriter {
  readonly #parts: InboxWriterParts
  readonly #waiting = new Map<string, WaitingEntry[]>()
  /** Whose inbox is to be written, in order; those who look at theirs stand in front. */
  readonly #looking = new Set<string>()
  readonly #away = new Set<string>()
  /** By user, browsers that have unsubscribed. */
  readonly #forgotten = new Map<string, string[]>()
  readonly #writing = new Map<string, Promise<void>>()
  /** Whose inbox could not be written when it was last tried. */
  readonly #troubled = new Map<string, string>()
  /** Whose inbox cannot be read. */
  readonly #damaged = new Map<string, string>()
  readonly #retries = new Set<NodeJS.Timeout>()
  #isClosed = false

  constructor(parts: InboxWriterParts) {
    this.#parts = parts
  }

  /** Entries that are not in anybody's inbox yet. */
  get size(): number {
    let size = 0
    for (const entries of this.#waiting.values()) size += entries.length
    return size
  }

  /** Why somebody's inbox stands still. */
  problem(): string | null {
    return sentenceOf(this.#troubled)
  }

  /** For a few inboxes that are damaged nobody is to be kept from this server. */
  remark(): string | null {
    return sentenceOf(this.#damaged)
  }

  async start(): Promise<void> {
    const found: WaitingEntry[] = []
    for await (const { value } of valuesOf(this.#parts.store, WAITING_SPACE))
      found.push(JSON.parse(value) as WaitingEntry)
    this.add(found)
  }

  add(entries: readonly WaitingEntry[]): void {
    for (const entry of entries) {
      const known = this.#waiting.get(entry.user)
      if (known === undefined) this.#waiting.set(entry.user, [entry])
      else if (!known.some(({ id }) => id === entry.id)) known.push(entry)
      this.#line(entry.user)
    }
    this.#run()
  }

  /** Something was cleared: what is on hand is to be looked through. */
  tidy(user: string): void {
    this.#line(user)
    this.#run()
  }

  /** A browser has unsubscribed: nothing more is pushed there. */
  forgetDevice(user: string, device: string): void {
    this.#forgotten.set(user, [...(this.#forgotten.get(user) ?? []), device])
    this.tidy(user)
  }

  /** Takes out what tells of records that are purged; it does not go into the history. */
  async forgetRecord(user: string, rooms: ReadonlySet<string>): Promise<void> {
    for (;;) {
      const room = await this.#parts.rooms().open(inboxRoom(user))
      try {
        await room.exclusively(() => this.#forgetAlone(room, rooms))
        return
      } catch (error) {
        if (!(error instanceof RoomClosed)) throw error
      }
    }
  }

  async #forgetAlone(room: Room, rooms: ReadonlySet<string>): Promise<void> {
    const view = room.guarded?.record.view as unknown as InboxView | undefined
    const takenOut = view?.entries.filter(entry => entry.room !== null && rooms.has(entry.room)) ?? []
    const ids = takenOut.map(({ id }) => id)
    const plan = { added: [], passed: [], muted: [], takenOut, spentMarks: { read: ids, cleared: ids } }
    if (takenOut.length > 0 && writePlan(room, plan, [])) await this.#commitTurn(room, [])
  }

  async close(): Promise<void> {
    this.#isClosed = true
    for (const retry of this.#retries) clearTimeout(retry)
    await Promise.all(this.#writing.values())
  }

  /** Resolves when nothing waits. */
  async idle(): Promise<void> {
    while (this.#writing.size > 0) await Promise.all(this.#writing.values())
  }

  #line(user: string): void {
    const room = this.#parts.rooms().get(inboxRoom(user))
    const isLooking = room !== undefined && room.peers.size > 0
    if (isLooking) this.#away.delete(user)
    ;(isLooking ? this.#looking : this.#away).add(user)
  }

  #run(): void {
    for (const line of [this.#looking, this.#away]) {
      for (const user of line) {
        if (this.#writing.size >= AT_ONCE || this.#isClosed) return
        if (this.#writing.has(user)) continue
        line.delete(user)
        const writing = this.#write(user).finally(() => {
          this.#writing.delete(user)
          this.#run()
        })
        this.#writing.set(user, writing)
      }
    }
  }

  async #write(user: string): Promise<void> {
    try {
      const room = await this.#parts.rooms().open(inboxRoom(user))
      await room.exclusively(() => this.#writeAlone(user, room))
      this.#troubled.delete(user)
      this.#damaged.delete(user)
    } catch (error) {
      if (this.#isClosed) return
      if (error instanceof RoomClosed) this.#line(user)
      else this.#failed(user, error)
    }
  }

  #failed(user: string, error: unknown): void {
    this.#parts.failed(user, error)
    // A damaged inbox is mended by an operator; what waits for it is found again at the next start.
    if (isUnreadable(error)) {
      this.#troubled.delete(user)
      this.#damaged.set(user, reasonOf(error))
      return
    }
    this.#troubled.set(user, reasonOf(error))
    const retry = setTimeout(() => {
      this.#retries.delete(retry)
      this.#line(user)
      this.#run()
    }, RETRY_MS)
    retry.unref()
    this.#retries.add(retry)
  }

  async #writeAlone(user: string, room: Room): Promise<void> {
    const waiting = taken(this.#waiting, user)
    const forgotten = taken(this.#forgotten, user)
    try {
      await this.#commit(user, room, waiting, forgotten)
    } catch (error) {
      putBack(this.#waiting, user, waiting)
      putBack(this.#forgotten, user, forgotten)
      throw error
    }
  }

  async #commit(
    user: string,
    room: Room,
    waiting: readonly WaitingEntry[],
    forgotten: readonly string[],
  ): Promise<void> {
    const { committer, store, deliveries } = this.#parts
    const { guarded, head } = room
    if (guarded === null || head?.state === 'purged') {
      await committer.submit({ rooms: [], values: waiting.map(arrivedPut) })
      return
    }
    // A record of this type, so its view has the type's fields.
    const view = guarded.record.view as unknown as InboxView
    const plan = planInbox(view, waiting)
    const outside = deliveries.plan(user, view, [...plan.added, ...plan.muted])
    const values: ValuePut[] = [
      ...waiting.map(arrivedPut),
      ...historyPutsOf(user, view, plan),
      ...(await lateReadPuts(store, user, view, plan)),
      ...outside.map(deliveryPut),
    ]
    if (!writePlan(room, plan, forgotten)) {
      if (values.length > 0) await committer.submit({ rooms: [], values })
      deliveries.add(outside)
      return
    }
    await this.#commitTurn(room, values)
    deliveries.add(outside)
  }

  /** What has been written to the record, and what goes with it. */
  async #commitTurn(room: Room, values: readonly ValuePut[]): Promise<void> {
    const { committer } = this.#parts
    const { guarded } = room
    if (guarded === null) return
    const applied = guarded.endTurn(room.commit + 1)
    const composed = room.changeOf(applied, SERVER_AUTHOR)
    const change = { rooms: [composed.change], values: [...composed.values, ...values] }
    const outcome = await committer.submit(change).catch(error => {
      // The doc holds what the disk does not: it is read again.
      room.reset('STORE_UNWRITABLE')
      throw error
    })
    const written = outcome.saved ? outcome.heads[0] : undefined
    if (written === undefined) {
      room.reset('EPOCH_CHANGED')
      throw new RoomClosed(room.name)
    }
    room.took(applied, composed.turn, written, outcome.saved ? outcome.events : [])
  }
}

const taken = <T>(byUser: Map<string, T[]>, user: string): readonly T[] => {
  const found = byUser.get(user) ?? []
  byUser.delete(user)
  return found
}

/** In front of what has come since. */
const putBack = <T>(byUser: Map<string, T[]>, user: string, found: readonly T[]): void => {
  if (found.length > 0) byUser.set(user, [...found, ...(byUser.get(user) ?? [])])
}

const sentenceOf = (failed: ReadonlyMap<string, string>): string | null => {
  const [first] = failed
  if (first === undefined) return null
  const [user, reason] = first
  return `${failed.size} inboxes cannot be written, that of ${user} for one: ${reason}`
}

/** Whether there was anything to write. */
const writePlan = (
  room: Room,
  { added, takenOut, spentMarks }: InboxPlan,
  forgotten: readonly string[],
): boolean => {
  const { guarded } = room
  if (guarded === null) return false
  const { record } = guarded
  const gone = [
    ...takenOut.map(({ id }) => joinPath('entries', id)),
    ...spentMarks.read.map(id => joinPath('read', id)),
    ...spentMarks.cleared.map(id => joinPath('cleared', id)),
    ...devicePaths(record.index.paths(), forgotten),
  ]
  if (added.length + gone.length === 0) return false
  const cell = (path: string, value: Value): unknown[] => [path, value, record.clock.next(), SERVER_AUTHOR]
  const contents = added.map(entry => cell(joinPath('entries', entry.id), cellValueOf(entry)))
  if (record.index.at(CREATED).length === 0) contents.unshift(cell(CREATED, true))
  // Taken out altogether, with nothing in their place: a tombstone for each would stay for ever.
  const victims = gone.flatMap(path => record.index.at(path))
  record.doc.transact(transaction => record.index.replace(transaction, contents, victims))
  return true
}

/** All registers of browsers that are not there any more. */
const devicePaths = (paths: Iterable<string>, devices: readonly string[]): string[] => {
  if (devices.length === 0) return []
  const gone = devices.map(id => joinPath('devices', id))
  return [...paths].filter(path => gone.some(device => path === device || path.startsWith(`${device}/`)))
}

const cellValueOf = ({ id: _, ...entry }: NewEntry): Value => {
  const known = Object.entries(entry).filter(([field]) => Object.hasOwn(Inbox.fields.entries.entry, field))
  return Object.fromEntries(known)
}
