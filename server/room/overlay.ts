// The room as it will be when the updates accepted in this turn have been applied. The guard judges each update
// against it and grows it; it is dropped when the turn is applied in one transaction, which must then have
// integrated and deleted exactly what stands here.

import * as Y from 'yjs'
import type { LiveCell } from '../../shared/record/cell.ts'
import type { AcceptedWrite } from '../../shared/record/settle-turn.ts'
import { CellLayer } from './cell-layer.ts'
import type { LiveRecord } from './live-record.ts'

/** New ids of one client, all in one root. */
export interface NewRange {
  readonly client: number
  readonly clock: number
  readonly end: number
  readonly root: string
  /** They arrive as deleted already. */
  readonly isDeleted: boolean
}

export interface DeletedRange {
  readonly client: number
  readonly clock: number
  readonly end: number
}

export class Overlay {
  readonly #record: LiveRecord
  readonly cells: CellLayer
  readonly #nextClocks = new Map<number, number>()
  readonly #ranges = new Map<number, NewRange[]>()
  readonly #newCells = new Map<string, LiveCell>()
  readonly #textDeletes: DeletedRange[] = []
  readonly owners = new Map<number, string>()
  readonly writes: AcceptedWrite[] = []
  readonly textChars = new Map<string, number>()
  /** How many ids each client id will have had deleted by the turn. */
  readonly deletedCounts = new Map<number, number>()

  constructor(record: LiveRecord) {
    this.#record = record
    this.cells = new CellLayer(record.type, { cells: record.index, view: record.view }, record.now)
  }

  get nextClocks(): ReadonlyMap<number, number> {
    return this.#nextClocks
  }

  nextClock(client: number): number {
    return this.#nextClocks.get(client) ?? Y.getState(this.#record.doc.store, client)
  }

  /** The root that an id lies in; null where the id is unknown, '' where it lies in none (collected). */
  rootOf(client: number, clock: number): string | null {
    const { store } = this.#record.doc
    if (clock < Y.getState(store, client)) {
      const structs = store.clients.get(client)
      const struct = structs?.[Y.findIndexSS(structs, clock)]
      return struct instanceof Y.Item ? this.#record.rootName(struct.parent) : ''
    }
    const ranges = this.#ranges.get(client)
    // From the end, since people write on where they have just written.
    return ranges?.findLast(r => clock >= r.clock && clock < r.end)?.root ?? null
  }

  /** A cell that came in this turn. */
  newCell(client: number, clock: number): LiveCell | undefined {
    return this.#newCells.get(`${client}.${clock}`)
  }

  isTextDeleted(client: number, clock: number): boolean {
    return this.#textDeletes.some(r => r.client === client && clock >= r.clock && clock < r.end)
  }

  addRange(range: NewRange): void {
    const ranges = this.#ranges.get(range.client)
    if (ranges === undefined) this.#ranges.set(range.client, [range])
    else ranges.push(range)
    this.#nextClocks.set(range.client, range.end)
    if (range.isDeleted) this.#textDeletes.push(range)
  }

  addCell(cell: LiveCell, without: readonly LiveCell[]): void {
    this.cells.put(cell, without)
    this.#newCells.set(`${cell.client}.${cell.clock}`, cell)
  }

  addTextDelete(range: DeletedRange): void {
    this.#textDeletes.push(range)
  }

  countDeleted(client: number, count: number): void {
    this.deletedCounts.set(client, (this.deletedCounts.get(client) ?? 0) + count)
  }
}
