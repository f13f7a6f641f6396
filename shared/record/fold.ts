// Folding: a record that many client ids have written is rewritten under fresh ones, because every update of a
// Yjs doc costs time in proportion to the client ids it has seen. Cells keep path, value, stamp and author;
// what names cells by id (witnesses, tombstones) is mapped. The fold is a new epoch: the old ids are spent.

import * as Y from 'yjs'
import { entryCells } from './beneath.ts'
import { CELLS, compareCells, type LiveCell, SERVER_AUTHOR } from './cell.ts'
import { CellIndex } from './cell-index.ts'
import { removalConflicts } from './conflicts.ts'
import type { RecordType } from './record-type.ts'
import { readText } from './journal.ts'
import { RECORD_PATH, witnessedPath } from './path.ts'
import { latestPerClient } from './policy.ts'
import { isSlot, type SlotKind, slotAt } from './slot.ts'
import { textsIn } from './texts-in.ts'
import type { Value } from './value.ts'
import { witnessAt } from './view.ts'

/** A cell of the old doc, or several shares of a counter in one, and where it comes to stand. */
interface Folded {
  readonly cells: readonly LiveCell[]
  readonly path: string
  readonly author: string
  readonly client: number
  readonly clock: number
}

export const fold = (type: RecordType, old: Y.Doc, newClientId: () => number): Y.Doc => {
  const index = new CellIndex(old)
  const doc = new Y.Doc({ gc: true })
  const unseen = unseenByRemovals(type, index)
  const removals = countingAt(index, RECORD_PATH)
  const { cells, shares } = inLayers(type, index, unseen)
  const layers = cells.reduce((max, { layer }) => Math.max(max, layer + 1), Math.max(1, removals.length))
  const places = new Places(doc, Array.from({ length: layers }, newClientId))
  const texts = textsIn(type, old).filter(name => old.getText(name).length > 0)
  const writeText = (name: string): void => {
    doc.clientID = places.client(0)
    doc.getText(name).applyDelta(readText(old, name) as unknown[])
  }

  // What the record's tombstone has seen comes first, so that a state vector can name it again.
  for (const name of texts) if (!unseen.texts.has(name)) writeText(name)
  for (const one of cells)
    if (!unseen.byRecord.has(idOf(one.cell))) places.put(one.layer, [one.cell], one.cell.path)
  for (const { prefix, cells } of shares) places.put(0, cells, `${prefix}/${places.client(0)}`, SERVER_AUTHOR)
  const seen = places.vector()
  for (const [layer, cell] of removals.entries()) places.put(layer, [cell], RECORD_PATH)
  for (const one of cells)
    if (unseen.byRecord.has(idOf(one.cell))) places.put(one.layer, [one.cell], one.cell.path)

  places.write(one => mappedValue(type, index, places, one, seen))
  for (const name of texts) if (unseen.texts.has(name)) writeText(name)
  doc.clientID = places.client(0)
  return doc
}

/**
 * Cells of one path from different writers get different ids, or they would look like one writer's history;
 * that takes as many fresh ids as the most contested path has live cells, which is one for most records.
 */
class Places {
  readonly #doc: Y.Doc
  readonly #clients: readonly number[]
  readonly #nextClocks = new Map<number, number>()
  readonly #placed: Folded[] = []
  readonly #byOldId = new Map<string, Folded>()

  constructor(doc: Y.Doc, clients: readonly number[]) {
    this.#doc = doc
    // Layers rise as cells do, and so do their ids: of two cells with one stamp the same one stays the later.
    this.#clients = clients.toSorted((a, b) => a - b)
  }

  client(layer: number): number {
    return this.#clients[layer] ?? 0
  }

  put(
    layer: number,
    cells: readonly LiveCell[],
    path: string,
    author = cells[0]?.author ?? SERVER_AUTHOR,
  ): void {
    const client = this.client(layer)
    const clock = this.#nextClocks.get(client) ?? Y.getState(this.#doc.store, client)
    this.#nextClocks.set(client, clock + 1)
    const folded = { cells, path, author, client, clock }
    this.#placed.push(folded)
    for (const cell of cells) this.#byOldId.set(idOf(cell), folded)
  }

  at(oldId: string): Folded | undefined {
    return this.#byOldId.get(oldId)
  }

  /** What has been placed and written so far, as a state vector. */
  vector(): { readonly [client: string]: number } {
    const written = [...Y.decodeStateVector(Y.encodeStateVector(this.#doc)), ...this.#nextClocks]
    return Object.fromEntries(written.map(([client, clock]) => [String(client), clock]))
  }

  write(value: (folded: Folded) => Value): void {
    for (const client of this.#clients) {
      const own = this.#placed.filter(folded => folded.client === client)
      if (own.length === 0) continue
      this.#doc.clientID = client
      this.#doc.getArray(CELLS).push(own.map(one => [one.path, value(one), stampOf(one), one.author]))
    }
  }
}

const stampOf = ({ cells }: Folded): number => Math.max(...cells.map(({ stamp }) => stamp))

const mappedValue = (
  type: RecordType,
  index: CellIndex,
  places: Places,
  { cells, path }: Folded,
  seen: { readonly [client: string]: number },
): Value => {
  const value = cells[0]?.value ?? null
  const first = witnessedPath(path)
  if (first !== null) {
    return witnessAt(index, first).flatMap(([client, clock, ordinal]): Value[] => {
      const now = places.at(`${client}.${clock}`)
      return now === undefined ? [] : [[now.client, now.clock, ordinal]]
    })
  }
  const kind = kindAt(type, path)
  if (kind === 'share') return cells.reduce((sum, cell) => sum + Number(cell.value), 0)
  if (value === null) return null
  return kind === 'removed'
    ? { seen }
    : kind === 'entryRemoved'
      ? { seen: seenNow(entryCells(type, index, path), value, places) }
      : value
}

/** What a tombstone has seen, by the names it has now. */
const seenNow = (beneath: readonly LiveCell[], value: Value, places: Places): Value[] => {
  const seen = new Set(seenNames(value))
  const names = new Map<string, Value>()
  for (const cell of beneath) {
    if (!seen.has(nameOf(cell))) continue
    const now = places.at(idOf(cell))
    if (now !== undefined) names.set(`${now.client}.${now.clock}`, [stampOf(now), now.client, now.author])
  }
  return [...names.values()]
}

const seenNames = (value: Value): string[] =>
  // The guard lets no other tombstone in.
  ((value as { readonly seen?: readonly (readonly Value[])[] } | null)?.seen ?? []).map(name =>
    name.join('.'),
  )

interface InLayers {
  readonly cells: readonly { readonly cell: LiveCell; readonly layer: number }[]
  readonly shares: readonly { readonly prefix: string; readonly cells: readonly LiveCell[] }[]
}

const inLayers = (type: RecordType, index: CellIndex, unseen: Unseen): InLayers => {
  const cells: { cell: LiveCell; layer: number }[] = []
  const shares = new Map<string, LiveCell[]>()
  for (const path of index.paths()) {
    if (path === RECORD_PATH) continue
    const kind = kindAt(type, path)
    for (const [layer, cell] of countingAt(index, path).entries()) {
      if (kind === 'share' && !unseen.byRecord.has(idOf(cell)) && !unseen.byEntry.has(idOf(cell))) {
        const prefix = path.slice(0, path.lastIndexOf('/'))
        const known = shares.get(prefix)
        if (known === undefined) shares.set(prefix, [cell])
        else known.push(cell)
      } else cells.push({ cell, layer })
    }
  }
  return { cells, shares: [...shares].map(([prefix, cells]) => ({ prefix, cells })) }
}

/** What was written to something removed by who had not seen that, and has to go on showing so. */
interface Unseen {
  readonly byRecord: ReadonlySet<string>
  readonly byEntry: ReadonlySet<string>
  readonly texts: ReadonlySet<string>
}

const unseenByRemovals = (type: RecordType, index: CellIndex): Unseen => {
  const conflicts = removalConflicts(type, index)
  const record = conflicts.find(({ path }) => path === RECORD_PATH)
  const entries = conflicts.filter(({ path }) => path !== RECORD_PATH).flatMap(({ edits }) => edits)
  return {
    byRecord: new Set(record?.edits.map(idOf)),
    byEntry: new Set(entries.map(idOf)),
    texts: new Set(record?.texts),
  }
}

/** Under an id of its own, a cell that its writer has overwritten would count again. */
const countingAt = (index: CellIndex, path: string): readonly LiveCell[] =>
  latestPerClient(index.at(path)).toSorted(compareCells)

const kindAt = (type: RecordType, path: string): SlotKind | null => {
  const slot = slotAt(type, path)
  return isSlot(slot) ? slot.kind : null
}

const idOf = ({ client, clock }: LiveCell): string => `${client}.${clock}`
const nameOf = ({ stamp, client, author }: LiveCell): string => `${stamp}.${client}.${author}`
