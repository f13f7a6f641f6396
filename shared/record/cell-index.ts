// The live cells of one doc by path, kept incrementally: from the observer, where deleted items still hold
// their content. Nothing here knows a schema; cells of unknown paths are indexed like any other, because what a
// replica does not know it keeps.

import * as Y from 'yjs'
import { CELLS, isSameCell, type LiveCell, readCell } from './cell.ts'
import type { Stamp } from './clock.ts'

/** Where views, policies and rules read cells from: a doc's index, or a guard's overlay over one. */
export interface CellSource {
  at(path: string): readonly LiveCell[]
  /** The keys that have live cells beneath a prefix of one segment (`items`), or of three (`items/7/tags`). */
  keys(prefix: string): Iterable<string>
  text(field: string): string
}

export interface CellChange {
  readonly added: readonly LiveCell[]
  readonly removed: readonly LiveCell[]
  readonly transaction: Y.Transaction
}

const NONE: readonly LiveCell[] = Object.freeze([])

export class CellIndex implements CellSource {
  readonly doc: Y.Doc
  readonly #cells: Y.Array<unknown>
  readonly #byPath = new Map<string, LiveCell[]>()
  /** The latest stamp that has been seen here, live or not. */
  latestStamp: Stamp = 0
  /** Paths with more than one live cell: the only ones where a policy has to choose. */
  readonly contested = new Set<string>()
  /** Prefix → key → how many live paths; built when first asked for, since most sets touch no list. */
  #keys: Map<string, Map<string, number>> | null = null
  #lastId: Y.ID | null = null
  #ownLastId: Y.ID | null = null
  /** What `replace` did in the running transaction; it is in the index already, and not yet told. */
  #addedHere: LiveCell[] | null = null
  #removedHere: LiveCell[] | null = null
  #listener: ((change: CellChange) => void) | null = null

  constructor(doc: Y.Doc) {
    this.doc = doc
    this.#cells = doc.getArray(CELLS)
    for (let item = this.#cells._start; item !== null; item = item.right) {
      if (!item.deleted) this.#eachCell(item, 0, cell => this.#add(cell))
      this.#lastId = item.lastId
      if (item.id.client === doc.clientID) this.#ownLastId = laterOf(this.#ownLastId, item.lastId)
    }
  }

  start(listener: (change: CellChange) => void): void {
    this.#listener = listener
    this.#cells.observe(this.#observe)
  }

  close(): void {
    this.#cells.unobserve(this.#observe)
    this.#listener = null
  }

  at(path: string): readonly LiveCell[] {
    return this.#byPath.get(path) ?? NONE
  }

  keys(prefix: string): Iterable<string> {
    this.#keys ??= this.#indexKeys()
    return this.#keys.get(prefix)?.keys() ?? []
  }

  text(field: string): string {
    return this.doc.getText(field).toString()
  }

  get size(): number {
    return this.#byPath.size
  }

  paths(): IterableIterator<string> {
    return this.#byPath.keys()
  }

  *cells(): Generator<LiveCell> {
    for (const cells of this.#byPath.values()) yield* cells
  }

  /** Whether it shows writes that nobody was told of yet, because a transaction of the caller's is still open. */
  get isAhead(): boolean {
    return this.#addedHere !== null || this.#removedHere !== null
  }

  /**
   * Adds cells and deletes others, in the running transaction. The index shows it at once, so that a second
   * write in the same transaction builds on the first.
   */
  replace(
    transaction: Y.Transaction,
    contents: readonly (readonly unknown[])[],
    victims: readonly LiveCell[],
  ): void {
    const { store, clientID } = this.doc
    for (const victim of victims) {
      const { client, clock } = victim
      // By id, since walking the array to an index is what makes large records slow.
      const item = Y.getItemCleanStart(transaction, Y.createID(client, clock))
      if (item.length > 1) Y.getItemCleanStart(transaction, Y.createID(client, clock + 1))
      if (!item.deleted) item.delete(transaction)
      if (!this.#remove(victim)) continue
      this.#removedHere ??= []
      this.#removedHere.push(victim)
    }
    if (contents.length === 0) return
    const left = this.#ownLast() ?? this.#last()
    const right = left?.right ?? null
    const clock = Y.getState(store, clientID)
    const id = Y.createID(clientID, clock)
    const item = new Y.Item(
      id,
      left,
      left?.lastId ?? null,
      right,
      right?.id ?? null,
      this.#cells,
      null,
      new Y.ContentAny([...contents]),
    )
    item.integrate(transaction, 0)
    if (right === null) this.#lastId = item.lastId
    this.#ownLastId = item.lastId
    contents.forEach((content, i) => {
      const cell = readCell(content, clientID, clock + i)
      if (cell === null) return
      this.#add(cell)
      this.#addedHere ??= []
      this.#addedHere.push(cell)
    })
  }

  /**
   * Whoever has written here goes on behind what they wrote last. Then what is replaced of one writer lies side by
   * side, and Yjs joins it into one struct, however many people take turns.
   */
  #ownLast(): Y.Item | null {
    const { store, clientID } = this.doc
    return this.#ownLastId?.client === clientID ? Y.getItem(store, this.#ownLastId) : null
  }

  #last(): Y.Item | null {
    if (this.#lastId === null && this.#cells._start === null) return null
    let item = this.#lastId === null ? this.#cells._start : Y.getItem(this.doc.store, this.#lastId)
    while (item?.right) item = item.right
    return item
  }

  readonly #observe = (_: Y.YArrayEvent<unknown>, transaction: Y.Transaction): void => {
    const added = this.#addedHere ?? []
    const removed = this.#removedHere ?? []
    this.#addedHere = null
    this.#removedHere = null
    // Most transactions are one write of our own, of which everything is known.
    if (idsAdded(transaction) !== added.length || idsDeleted(transaction) !== removed.length) {
      this.#scan(transaction, added, removed)
    }
    this.#listener?.({ added, removed, transaction })
  }

  #scan(transaction: Y.Transaction, added: LiveCell[], removed: LiveCell[]): void {
    const { clients } = this.doc.store
    transaction.deleteSet.clients.forEach((ranges, client) => {
      const structs = clients.get(client)
      if (structs === undefined) return
      for (const { clock, len } of ranges) {
        for (let i = Y.findIndexSS(structs, clock); i < structs.length; i++) {
          const struct = structs[i]
          if (struct === undefined || struct.id.clock >= clock + len) break
          if (isItemOf(struct, this.#cells)) {
            this.#eachCell(struct, 0, cell => {
              if (this.#remove(cell)) removed.push(cell)
            })
          }
        }
      }
    })
    transaction.afterState.forEach((after, client) => {
      const before = transaction.beforeState.get(client) ?? 0
      const structs = clients.get(client)
      if (after === before || structs === undefined) return
      for (let i = Y.findIndexSS(structs, before); i < structs.length; i++) {
        const struct = structs[i]
        if (struct === undefined || struct.deleted || !isItemOf(struct, this.#cells)) continue
        this.#eachCell(struct, before, cell => {
          if (!this.#has(cell)) {
            this.#add(cell)
            added.push(cell)
          }
        })
      }
    })
  }

  #has(cell: LiveCell): boolean {
    return this.at(cell.path).some(live => isSameCell(live, cell))
  }

  #eachCell(item: Y.Item, fromClock: number, visit: (cell: LiveCell) => void): void {
    if (!(item.content instanceof Y.ContentAny)) return
    const { client, clock } = item.id
    const { arr } = item.content
    for (let i = Math.max(0, fromClock - clock); i < arr.length; i++) {
      const cell = readCell(arr[i], client, clock + i)
      if (cell !== null) visit(cell)
    }
  }

  #add(cell: LiveCell): void {
    if (cell.stamp > this.latestStamp) this.latestStamp = cell.stamp
    const cells = this.#byPath.get(cell.path)
    if (cells === undefined) {
      this.#byPath.set(cell.path, [cell])
      if (this.#keys !== null) countKey(this.#keys, cell.path, 1)
    } else {
      this.#byPath.set(cell.path, [...cells, cell])
      this.contested.add(cell.path)
    }
  }

  #remove({ path, client, clock }: LiveCell): boolean {
    const cells = this.#byPath.get(path)
    const rest = cells?.filter(cell => cell.client !== client || cell.clock !== clock)
    if (cells === undefined || rest === undefined || rest.length === cells.length) return false
    if (rest.length < 2) this.contested.delete(path)
    if (rest.length > 0) {
      this.#byPath.set(path, rest)
    } else {
      this.#byPath.delete(path)
      if (this.#keys !== null) countKey(this.#keys, path, -1)
    }
    return true
  }

  #indexKeys(): Map<string, Map<string, number>> {
    const keys = new Map<string, Map<string, number>>()
    for (const path of this.#byPath.keys()) countKey(keys, path, 1)
    return keys
  }
}

const idsAdded = ({ beforeState, afterState }: Y.Transaction): number => {
  let ids = 0
  for (const [client, after] of afterState) ids += after - (beforeState.get(client) ?? 0)
  return ids
}

const idsDeleted = ({ deleteSet }: Y.Transaction): number => {
  let ids = 0
  for (const ranges of deleteSet.clients.values()) for (const { len } of ranges) ids += len
  return ids
}

const laterOf = (known: Y.ID | null, id: Y.ID): Y.ID =>
  known !== null && known.clock > id.clock ? known : id

const isItemOf = (struct: Y.Item | Y.GC | Y.AbstractStruct, parent: unknown): struct is Y.Item =>
  struct instanceof Y.Item && struct.parent === parent

const countKey = (keys: Map<string, Map<string, number>>, path: string, by: 1 | -1): void => {
  const first = path.indexOf('/')
  if (first < 0) return
  const second = path.indexOf('/', first + 1)
  count(keys, path.slice(0, first), path.slice(first + 1, second < 0 ? undefined : second), by)
  const third = second < 0 ? -1 : path.indexOf('/', second + 1)
  if (third >= 0) count(keys, path.slice(0, third), path.slice(third + 1), by)
}

const count = (keys: Map<string, Map<string, number>>, prefix: string, key: string, by: 1 | -1): void => {
  let counts = keys.get(prefix)
  if (counts === undefined) {
    counts = new Map()
    keys.set(prefix, counts)
  }
  const n = (counts.get(key) ?? 0) + by
  if (n > 0) counts.set(key, n)
  else counts.delete(key)
}
