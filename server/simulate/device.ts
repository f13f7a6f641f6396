// One person's open document in a simulated history: the record, what its bytes have told it, and what its person
// could undo. Its clock may be wrong by a day, and it may be put away and opened again from its encoded state.

import * as Y from 'yjs'
import { createMe } from '../../shared/record/access.ts'
import { CellIndex } from '../../shared/record/cell-index.ts'
import { type Clock, createClock } from '../../shared/record/clock.ts'
import { type OpenRecord, openRecord } from '../../shared/record/open-record.ts'
import type { Value } from '../../shared/record/value.ts'
import { decodeUpdate, type Ledger, type LiveWrites } from './ledger.ts'
import type { Random } from './random.ts'
import { DISPATCHER, Specimen } from './specimen.ts'

export interface UndoableWrite {
  readonly path: string
  /** Undefined where nothing stood. */
  readonly before: Value | undefined
  readonly id: string
  /** The write that was shown before. */
  readonly over: string | null
}

export interface Person {
  readonly id: string
  readonly isDispatcher: boolean
}

export interface World {
  readonly random: Random
  readonly ledger: Ledger
  nowMs: number
  newClientId(): number
  newEntryId(): string
}

const FROM_NETWORK = Symbol('network')

export class Device {
  readonly name: string
  readonly person: Person
  readonly clock: Clock
  readonly struck = new Set<string>()
  readonly #world: World
  /** How far this device's wall clock is from the true time. */
  wallOffsetMs: number
  /** Own writes below this clock are known to be saved. */
  savedClock = 0
  /** Since it was last held against the oracle. */
  hasChanged = true
  doc: Y.Doc
  record: OpenRecord<typeof Specimen>
  undoable: UndoableWrite[][] = []
  redoable: UndoableWrite[][] = []
  #written: Uint8Array[] = []

  constructor(world: World, name: string, person: Person, wallOffsetMs: number) {
    this.#world = world
    this.name = name
    this.person = person
    this.wallOffsetMs = wallOffsetMs
    this.clock = createClock({ wall: () => world.nowMs + this.wallOffsetMs, monotonic: () => world.nowMs })
    this.doc = new Y.Doc()
    this.record = this.#open([])
  }

  get client(): number {
    return this.doc.clientID
  }

  get live(): LiveWrites {
    const { store } = this.doc
    return this.#world.ledger.live(client => Y.getState(store, client), this.struck)
  }

  /** Everything that has ever arrived here. */
  get known(): ReadonlySet<string> {
    return this.#world.ledger.known(client => Y.getState(this.doc.store, client))
  }

  get isWhole(): boolean {
    return this.doc.store.pendingStructs === null && this.doc.store.pendingDs === null
  }

  /** What was written here since the last time it was asked for. */
  takeWritten(): Uint8Array[] {
    const written = this.#written
    this.#written = []
    return written
  }

  receive(update: Uint8Array): void {
    for (const id of decodeUpdate(update).struck) this.struck.add(id)
    Y.applyUpdate(this.doc, update, FROM_NETWORK)
  }

  /** Put away and opened again: same content, new client id, nothing to undo. */
  reload(): void {
    const bytes = Y.encodeStateAsUpdate(this.doc)
    this.record.close()
    this.doc.destroy()
    this.record = this.#open([bytes])
    this.undoable = []
    this.redoable = []
    this.hasChanged = true
  }

  close(): void {
    this.record.close()
    this.doc.destroy()
  }

  /** The index and the view as they would be had they never been kept up to date. */
  rebuiltIndex(): CellIndex {
    return new CellIndex(this.doc)
  }

  #open(parts: readonly Uint8Array[]): OpenRecord<typeof Specimen> {
    this.doc = new Y.Doc()
    this.doc.clientID = this.#world.newClientId()
    this.savedClock = 0
    // A device restores what it keeps either before the record is opened or, as y-indexeddb does, after it.
    const isLate = this.#world.random.chance(0.5)
    if (!isLate) for (const part of parts) Y.applyUpdate(this.doc, part, FROM_NETWORK)
    const { id, isDispatcher } = this.person
    const record = openRecord(Specimen, this.doc, {
      author: id,
      clock: this.clock,
      id: 'one',
      newId: () => this.#world.newEntryId(),
      savedClock: () => this.savedClock,
      me: createMe({ id, name: id, roles: isDispatcher ? [DISPATCHER] : [], claims: {} }),
    })
    if (isLate) for (const part of parts) Y.applyUpdate(this.doc, part, FROM_NETWORK)
    this.doc.on('update', (update: Uint8Array, origin: unknown) => {
      this.hasChanged = true
      if (origin !== FROM_NETWORK) this.#written.push(update)
    })
    return record
  }
}
