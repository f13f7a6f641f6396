// The room as it will be when the updates accepted in this turn have been applied. The guard judges each update
// against it and grows it; it is dropped when the turn is applied in one transaction, which must then have
// integrated and deleted exactly what stands here.

import * as Y from 'yjs'
import type { LiveCell } from '../../shared/record/cell.ts'
import type { CellSource } from '../../shared/record/cell-index.ts'
import type { AnyView, RecordType } from '../../shared/record/record-type.ts'
import { Glance } from '../../shared/record/glance.ts'
import type { AcceptedWrite } from '../../shared/record/settle-turn.ts'
import { isTimed } from '../../shared/record/derived.ts'
import { CellLayer } from './cell-layer.ts'
import { Followers } from './followers.ts'
import { NewIds } from './new-ids.ts'

export interface DeletedRange {
  readonly client: number
  readonly clock: number
  readonly end: number
}

/** The record as the last turn left it. */
export interface OverlaidRecord {
  readonly type: RecordType
  readonly doc: Y.Doc
  readonly index: CellSource
  readonly view: AnyView
  readonly now: () => number
  /** The name of the root that something lies in. */
  rootName(parent: unknown): string
}

export class Overlay {
  readonly #record: OverlaidRecord
  readonly cells: CellLayer
  readonly newIds = new NewIds()
  readonly followers = new Followers()
  readonly #newCells = new Map<number, Map<number, LiveCell>>()
  /** Of text, by client: ids that the turn deletes; those that arrive as deleted stand among the new ones. */
  readonly #deletedText = new Map<number, Set<number>>()
  readonly owners = new Map<number, string>()
  readonly writes: AcceptedWrite[] = []
  /** As they came; of a record that is doubted. */
  readonly updates: Uint8Array[] = []
  readonly textChars = new Map<string, number>()
  /** How many values have been looked at beside others. */
  steps = 0
  /** How many ids each client id will have had deleted by the turn. */
  readonly deletedCounts = new Map<number, number>()

  constructor(record: OverlaidRecord) {
    this.#record = record
    const { type, index: cells, view, now } = record
    // The view says of the time of day what held at the last write.
    const glance = isTimed(type) ? new Glance(type, view, cells, [], now).view : view
    this.cells = new CellLayer(type, { cells, view, glance }, now)
  }

  nextClock(client: number): number {
    return this.newIds.endOf(client) ?? Y.getState(this.#record.doc.store, client)
  }

  /** The root that an id lies in; null where the id is unknown, '' where it lies in none (collected). */
  rootOf(client: number, clock: number): string | null {
    const { store } = this.#record.doc
    if (clock < Y.getState(store, client)) {
      const structs = store.clients.get(client)
      const struct = structs?.[Y.findIndexSS(structs, clock)]
      return struct instanceof Y.Item ? this.#record.rootName(struct.parent) : ''
    }
    return this.newIds.at(client, clock)?.root ?? null
  }

  /** A cell that came in this turn. */
  newCell(client: number, clock: number): LiveCell | undefined {
    return this.#newCells.get(client)?.get(clock)
  }

  isTextDeleted(client: number, clock: number): boolean {
    return (
      this.#deletedText.get(client)?.has(clock) === true || this.newIds.at(client, clock)?.isDeleted === true
    )
  }

  addCell(cell: LiveCell, without: readonly LiveCell[]): void {
    this.cells.put(cell, without)
    const { client, clock } = cell
    const cells = this.#newCells.get(client)
    if (cells === undefined) this.#newCells.set(client, new Map([[clock, cell]]))
    else cells.set(clock, cell)
  }

  addTextDelete({ client, clock, end }: DeletedRange): void {
    let deleted = this.#deletedText.get(client)
    if (deleted === undefined) {
      deleted = new Set()
      this.#deletedText.set(client, deleted)
    }
    for (let at = clock; at < end; at++) deleted.add(at)
  }

  countDeleted(client: number, count: number): void {
    this.deletedCounts.set(client, (this.deletedCounts.get(client) ?? 0) + count)
  }
}
