// A record's document in memory: the Y.Doc, its index and its view. The one place where a turn's accepted updates
// become part of it, and where what Yjs made of them is held against what the guard had decided.

import * as Y from 'yjs'
import { CELLS, SERVER_AUTHOR } from '../../shared/record/cell.ts'
import { CellIndex } from '../../shared/record/cell-index.ts'
import { type Clock, createClock } from '../../shared/record/clock.ts'
import type { AnyView, RecordType } from '../../shared/record/record-type.ts'
import { witnessedPath } from '../../shared/record/path.ts'
import type { TurnSettlement } from '../../shared/record/settle-turn.ts'
import type { Value } from '../../shared/record/value.ts'
import { buildView, patchView } from '../../shared/record/view.ts'
import { type Intent, write, type Written } from '../../shared/record/writer.ts'
import { KnownByClient } from './known-ids.ts'
import type { OverlaidRecord, Overlay } from './overlay.ts'
import { gatherUpdates } from './server-doc.ts'
import { applyUpdate } from './update-decoder.ts'

/** What the guard decided is not what Yjs did: an error of ours, and the doc can no longer be trusted. */
export class PredictionError extends Error {
  override readonly name = 'PredictionError'
}

export class LiveRecord implements OverlaidRecord {
  readonly type: RecordType
  readonly id: string
  readonly doc: Y.Doc
  readonly index: CellIndex
  readonly known: KnownByClient
  readonly clock: Clock
  readonly now: () => number
  /** A turn has failed at it: each update shall show first that the record has a row with it. */
  isDoubted = false
  readonly #rootNames = new Map<unknown, string>()
  #view: AnyView
  readonly #updates: () => readonly Uint8Array[]
  /** The paths that the turn has touched so far; made by its first write, since most records rest. */
  #dirty: Set<string> | null = null
  #expected: Overlay | null = null
  #mismatch: string | null = null

  constructor(type: RecordType, id: string, doc: Y.Doc, serverClientId: number, now: () => number) {
    this.type = type
    this.id = id
    this.doc = doc
    this.now = now
    this.clock = createClock({ wall: now, monotonic: now })
    doc.clientID = serverClientId
    this.#rootNames.set(doc.getArray(CELLS), CELLS)
    for (const [name, field] of Object.entries(type.fields)) {
      if (field.kind === 'text') this.#rootNames.set(doc.getText(name), name)
    }
    this.index = new CellIndex(doc)
    this.known = new KnownByClient(doc)
    this.#view = buildView(type, id, this.index, now())
    this.index.start(({ added, removed }) => {
      for (const { path } of removed) this.#touch(witnessedPath(path) ?? path)
      for (const { path, stamp } of added) {
        this.#touch(witnessedPath(path) ?? path)
        this.clock.receive(stamp)
      }
    })
    doc.on('afterTransaction', this.#check)
    this.#updates = gatherUpdates(doc)
  }

  get view(): AnyView {
    return this.#view
  }

  /** '' where the parent is no root. */
  rootName(parent: unknown): string {
    return this.#rootNames.get(parent) ?? this.#undeclaredRoot(parent)
  }

  /** A text that the type has no more, or not yet: what was written to it is kept. */
  #undeclaredRoot(parent: unknown): string {
    for (const [name, root] of this.doc.share) if (root === parent) return name
    return ''
  }

  /**
   * Applies what the guard accepted, in one transaction, and then what the server has to add. Answers the doc's own
   * encoding of what was integrated; never the bytes that were received.
   */
  apply(
    received: readonly Uint8Array[],
    overlay: Overlay,
    settlement: TurnSettlement,
  ): readonly Uint8Array[] {
    this.#expected = overlay
    this.#mismatch = null
    try {
      this.doc.transact(() => {
        for (const update of received) applyUpdate(this.doc, update)
      })
    } finally {
      this.#expected = null
    }
    if (this.#mismatch !== null) throw new PredictionError(this.#mismatch)
    for (const text of overlay.textChars.keys()) this.#touch(text)
    this.#settle(settlement)
    return this.#turn()
  }

  /** What an action writes, which nobody judges, signed by the person who asked; the turn goes on until `endTurn`. */
  writeAs(author: string, intents: readonly Intent[]): readonly Written[] {
    const written = write(
      {
        type: this.type,
        index: this.index,
        clock: this.clock,
        author,
        me: null,
        isAction: true,
        view: () => this.#view,
        savedClock: () => Number.POSITIVE_INFINITY,
        origin: null,
      },
      intents,
    )
    this.#refresh()
    return written
  }

  /** Where only the server writes: results of actions. */
  writeOwn(path: string, value: Value): void {
    this.doc.transact(transaction =>
      this.index.replace(transaction, [[path, value, this.clock.next(), SERVER_AUTHOR]], this.index.at(path)),
    )
    this.#refresh()
  }

  endTurn(settlement: TurnSettlement): readonly Uint8Array[] {
    this.#settle(settlement)
    return this.#turn()
  }

  close(): void {
    this.index.close()
    this.doc.destroy()
  }

  #settle({ pushes, victims }: TurnSettlement): void {
    if (pushes.length + victims.length === 0) return
    this.doc.transact(transaction => {
      const contents = pushes.map(({ path, value }) => [path, value, this.clock.next(), SERVER_AUTHOR])
      const replaced = pushes.flatMap(({ path }) => this.index.at(path))
      this.index.replace(transaction, contents, [...replaced, ...victims])
    })
  }

  #touch(path: string): void {
    this.#dirty ??= new Set()
    this.#dirty.add(path)
  }

  #refresh(): void {
    this.#view = patchView(this.type, this.#view, this.index, this.#dirty ?? NOTHING, this.now())
  }

  #turn(): readonly Uint8Array[] {
    this.#refresh()
    this.#dirty = null
    return this.#updates()
  }

  readonly #check = (transaction: Y.Transaction): void => {
    const expected = this.#expected
    if (expected === null) return
    // Only the first transaction is predicted; the clean-up of text formats follows in one of its own.
    this.#expected = null
    for (const [client, after] of transaction.afterState) {
      const before = transaction.beforeState.get(client) ?? 0
      const end = expected.newIds.endOf(client)
      if (after !== before && end !== after) {
        this.#mismatch = `client ${client} came to clock ${after} instead of ${end ?? before}`
      }
    }
    for (const client of expected.newIds.clients()) {
      const next = expected.newIds.endOf(client)
      if (Y.getState(this.doc.store, client) !== next)
        this.#mismatch = `client ${client} did not come to clock ${next}`
    }
    for (const client of new Set([
      ...transaction.deleteSet.clients.keys(),
      ...expected.deletedCounts.keys(),
    ])) {
      const deleted = (transaction.deleteSet.clients.get(client) ?? []).reduce((sum, { len }) => sum + len, 0)
      if (deleted !== (expected.deletedCounts.get(client) ?? 0)) {
        this.#mismatch = `${deleted} ids of client ${client} were deleted instead of ${expected.deletedCounts.get(client) ?? 0}`
      }
    }
  }
}

const NOTHING: ReadonlySet<string> = new Set()
