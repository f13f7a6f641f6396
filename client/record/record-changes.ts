// What a change of a record was: told to listeners as events, and, of what happened while the server was away, to
// who comes back. Both need to know how the record read before.

import type { AnyView, RecordType } from '../../shared/record/record-type.ts'
import { stampToMs } from '../../shared/record/clock.ts'
import { sameValue } from '../../shared/record/value.ts'
import type { HappenedTo } from '../event/event-bus.ts'
import { eventsOf, lastWritten } from '../event/record-events.ts'
import { type DigestItem, toldPaths, valueIn } from '../offline/digest.ts'
import type { Replica, ReplicaChange } from './replica.ts'
import { ALL_PATHS, isTouched } from './touched-paths.ts'
import { holds, type Written } from './written.ts'

export interface RecordChangesParts {
  readonly type: RecordType
  readonly id: string
  me(): string
  now(): number
  /** Whether anybody listens to events. */
  isWatching(): boolean
  happened(events: readonly HappenedTo[], written: Written): void
  digested(items: readonly DigestItem[]): void
}

export class RecordChanges {
  readonly #parts: RecordChangesParts
  /** How it read before the next change; null where nobody listens, or there was nothing. */
  #before: AnyView | null = null
  /** How it read when the server was last heard, and what was done here since; null while it is heard. */
  #away: AnyView | null = null
  /** What it held when the server was first heard of it. */
  #openedWith: Written | null = null

  constructor(parts: RecordChangesParts) {
    this.#parts = parts
  }

  /** Somebody begins to listen. */
  watch(replica: Replica | null): void {
    this.#before ??= viewOf(replica)
  }

  /** Whether what another tab wrote is told when it comes in: what it was opened with did not happen then. */
  awaits(written: Written): boolean {
    return this.#openedWith !== null && !holds(this.#openedWith, written)
  }

  changed(replica: Replica, change: ReplicaChange): void {
    this.#digest(replica, change)
    this.#tell(replica, change)
  }

  statusChanged(replica: Replica | null): void {
    if (replica?.isSynced === true) {
      this.#away = null
      this.#openedWith ??= replica.state
    } else this.#away ??= viewOf(replica)
  }

  #tell(replica: Replica, { paths, from, written }: ReplicaChange): void {
    const { type, id, me, now, isWatching, happened } = this.#parts
    const before = this.#before
    if (!isWatching()) {
      this.#before = null
      return
    }
    const after = replica.record.view
    this.#before = after
    // What a record is opened with did not happen now. An empty one that one writes oneself is being created.
    const hadContent = before !== null && before.created !== null
    const isOpening = this.#openedWith === null && (from === 'others' || (from === 'tab' && !hadContent))
    if (paths === ALL_PATHS || isOpening) return
    const isNew = from === 'here' || replica.isSynced
    const start = before ?? (isNew ? { ...EMPTY_VIEW, id } : null)
    if (start === null) return
    // As where the server confirms a claim that has been told already.
    if (from !== 'here' && sameValue(start, after)) return
    const by = from === 'here' ? me() : (lastWritten(replica.record.index, paths)?.author ?? '')
    // What another tab wrote may come by way of the server first.
    const origin = from === 'others' && by === me() ? 'tab' : from
    const events = eventsOf({ type, id, before: start, after, paths, by, at: now(), from: origin })
    if (events.length > 0) happened(events, written())
  }

  #digest(replica: Replica, { paths, from }: ReplicaChange): void {
    if (replica.isSynced) return
    const before = this.#away
    const after = viewOf(replica)
    this.#away = after
    if (from !== 'others' || before === null || after === null || paths === ALL_PATHS) return
    const mine = new Set(replica.ledger.edits.flatMap(edit => [...edit.paths]))
    const shown = this.#othersChanges(replica, paths, mine, before, after)
    const told = new Set(shown.map(({ path }) => path))
    const won = [...mine].filter(path => paths.has(path) && !told.has(path))
    this.#parts.digested([...shown, ...won.flatMap(path => this.#overruled(replica, path, after))])
  }

  #othersChanges(
    replica: Replica,
    paths: ReadonlySet<string>,
    mine: ReadonlySet<string>,
    before: AnyView,
    after: AnyView,
  ): DigestItem[] {
    const { type, id, me, now } = this.#parts
    const items: DigestItem[] = []
    for (const path of toldPaths(paths, before, after)) {
      const beneath = new Set([...paths].filter(one => isTouched(path, new Set([one]))))
      const last = lastWritten(replica.record.index, beneath)
      const by = last?.author ?? ''
      const isMine = mine.has(path)
      if (by === me() && !isMine) continue
      items.push({
        room: `${type.name}:${id}`,
        path,
        before: valueIn(before, path),
        after: valueIn(after, path),
        by,
        // When they wrote it, which may be days ago; of a text nobody knows.
        at: last === null ? now() : stampToMs(last.stamp),
        outcome: isMine ? 'mine lost' : 'changed',
      })
    }
    return items
  }

  /** What others wrote, and did not get the better of what was written here, changes nothing that is shown. */
  #overruled(replica: Replica, path: string, after: AnyView): DigestItem[] {
    const { type, id, me } = this.#parts
    if (replica.record.index.at(path).length < 2) return []
    const [loser] = replica.record.field(path).conflict
    if (loser === undefined || loser.by === me()) return []
    const room = `${type.name}:${id}`
    const { value, by, at } = loser
    return [{ room, path, before: value, after: valueIn(after, path), by, at, outcome: 'mine won' }]
  }
}

const EMPTY_VIEW: AnyView = { id: '', created: null, createdBy: '', removed: false }

const viewOf = (replica: Replica | null): AnyView | null =>
  replica?.hasContent === true ? replica.record.view : null
