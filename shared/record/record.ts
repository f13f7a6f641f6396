// A live record on a Y.Doc: what an application writes through and reads from. Everything here works on a doc
// alone, with no server and no network.

import type * as Y from 'yjs'
import { assertAtOnce, atOnce } from './at-once.ts'
import { entryCells, isForgotten } from './beneath.ts'
import { type CellChange, CellIndex } from './cell-index.ts'
import { compareCells, type LiveCell } from './cell.ts'
import { type Clock, createClock, stampToMs } from './clock.ts'
import { fieldConflicts, removalConflictAt, removalConflicts } from './conflicts.ts'
import { ACTIONS, escapeSegment, firstSegment, RECORD_PATH, RESULTS, witnessedPath } from './path.ts'
import type { AnyView, Me, RecordType } from './record-type.ts'
import { Glance } from './glance.ts'
import { ListHandle } from './list-handle.ts'
import { lockedAt } from './locked.ts'
import { isCompeting } from './policy.ts'
import { assertByName, assertPath, type Problem, RecordError } from './record-error.ts'
import { CounterHandle, LogHandle, UnionHandle } from './register-handles.ts'
import { isSlot, type Slot, slotAt } from './slot.ts'
import { guardText } from './text-handle.ts'
import type { UndoResult } from './undo.ts'
import { UndoHistory } from './undo-history.ts'
import type { Value } from './value.ts'
import { viewAt } from './derived.ts'
import { buildView, lastOf, patchView, resolveAt } from './view.ts'
import { entryRemovalOf, type Intent, recordRemoval, type Writer, type Written, write } from './writer.ts'

export interface RecordOptions {
  readonly author: string
  readonly clock?: Clock
  readonly id?: string
  /** Whose rights are checked before a write is made. Without it the server is the first to say no. */
  readonly me?: Me
  readonly newId?: () => string
  /** Own cells from this clock on are not known to be saved; Infinity where nobody tells. */
  readonly savedClock?: () => number
  /** Told of each write, with what it replaced: what a device keeps until it is saved. */
  readonly onWrite?: (written: readonly Written[]) => void
}

export interface FieldValue {
  readonly value: Value
  readonly by: string
  readonly at: number
  readonly settle: () => void
}

export interface FieldState {
  readonly path: string
  readonly value: unknown
  readonly by: string | null
  readonly at: number | null
  /** A `first` value that the server has not confirmed. */
  readonly tentative: boolean
  /** A `review` value that a person still has to pick. */
  readonly open: boolean
  readonly conflict: readonly FieldValue[]
}

export interface RecordConflict {
  readonly kind: 'values' | 'edited while removed'
  readonly path: string
  readonly values: readonly FieldValue[]
  readonly texts: readonly string[]
}

export interface ActionState {
  readonly id: string
  readonly name: string
  readonly state: 'requested' | 'accepted' | 'refused'
  readonly result: Value
  readonly reason: string | null
}

/** The transaction origin of writes made through a record; local, as opposed to a provider's. */
export const LOCAL_WRITE = Symbol('corecord write')

type Subscriber = { readonly path: string; readonly tell: (paths: ReadonlySet<string>) => void }

export class RecordOnDoc {
  readonly type: RecordType
  readonly doc: Y.Doc
  readonly id: string
  readonly author: string
  readonly clock: Clock
  readonly index: CellIndex
  readonly #options: RecordOptions
  readonly #subscribers = new Set<Subscriber>()
  readonly #dirty = new Set<string>()
  readonly #writer: Writer
  readonly #undo: UndoHistory
  #view: AnyView | null = null
  #glance: Glance | null = null
  /** The latest write of a person; undefined while it is not known. */
  #latest: LiveCell | null | undefined = undefined
  readonly #textObservers = new Map<string, (event: Y.YTextEvent) => void>()

  constructor(type: RecordType, doc: Y.Doc, options: RecordOptions) {
    this.type = type
    this.doc = doc
    this.id = options.id ?? ''
    this.author = options.author
    this.clock = options.clock ?? createClock()
    this.#options = options
    this.index = new CellIndex(doc)
    this.#writer = {
      type,
      index: this.index,
      clock: this.clock,
      author: options.author,
      me: options.me ?? null,
      view: () => this.glance,
      savedClock: options.savedClock ?? (() => Number.POSITIVE_INFINITY),
      origin: LOCAL_WRITE,
    }
    this.clock.receive(this.index.latestStamp)
    this.index.start(change => this.#changed(change))
    const textNames = Object.keys(type.fields).filter(name => type.fields[name]?.kind === 'text')
    for (const name of textNames) {
      const observer = (): void => this.#touched(new Set([name]))
      this.#textObservers.set(name, observer)
      guardText(doc.getText(name), name)
      doc.getText(name).observe(observer)
    }
    this.#undo = new UndoHistory({
      type,
      index: this.index,
      textNames,
      origin: LOCAL_WRITE,
      write: intents => this.#write(intents),
      removalOf: path => this.removalOf(path),
    })
  }

  get view(): AnyView {
    if (this.#view === null) {
      this.#view = buildView(this.type, this.id, this.index, this.clock.now())
    } else if (this.#dirty.size > 0) {
      this.#view = patchView(this.type, this.#view, this.index, this.#dirty, this.clock.now())
    } else this.#view = viewAt(this.type, this.#view, this.clock.now())
    this.#dirty.clear()
    this.#glance = null
    return this.#view
  }

  /** The view for who looks at a part of it while one write follows another. */
  get glance(): AnyView {
    if (this.#view === null || this.#dirty.size === 0) return this.view
    this.#glance ??= new Glance(this.type, this.#view, this.index, this.#dirty, () => this.clock.now())
    return this.#glance.view
  }

  /** Sets fields as a whole; all of them, or, when one is refused, none. */
  set(patch: { readonly [field: string]: Value | undefined }): void {
    assertByName(patch, RECORD_PATH)
    const intents: Intent[] = []
    for (const [name, value] of Object.entries(patch)) {
      if (value !== undefined) intents.push({ path: escapeSegment(name), value, shown: 'value' })
    }
    this.writeIntents(intents)
  }

  /** Writes one register by its path. */
  write(path: string, value: Value): void {
    assertPath(path)
    this.writeIntents([{ path, value, shown: 'value' }])
  }

  /** Picks the value of a contested field; whoever calls this was shown the whole conflict. */
  settle(path: string, value: Value): void {
    assertPath(path)
    this.writeIntents([{ path, value, shown: 'all' }])
  }

  writeIntents(intents: readonly Intent[]): readonly Written[] {
    const written = this.#write(intents)
    if (written.length > 0) this.#undo.wrote(written)
    return written
  }

  #write(intents: readonly Intent[]): readonly Written[] {
    if (
      this.index.at(RECORD_PATH).length > 0 &&
      this.view.removed &&
      !intents.some(i => i.path === RECORD_PATH)
    ) {
      throw new RecordError([
        { code: 'REMOVED', path: RECORD_PATH, sentence: 'was removed: restore it before changing it' },
      ])
    }
    const written = write(this.#writer, intents)
    if (written.length === 0) return written
    if (this.index.isAhead) for (const { path } of written) this.#markDirty(path)
    this.#options.onWrite?.(written)
    return written
  }

  list(name: string): ListHandle {
    return new ListHandle(this, name)
  }

  log(name: string): LogHandle {
    return new LogHandle(this, name)
  }

  counter(path: string): CounterHandle {
    return new CounterHandle(this, path)
  }

  union(path: string): UnionHandle {
    return new UnionHandle(this, path)
  }

  /** The text itself, for an editor to bind to. */
  text(name: string): Y.Text {
    const text = this.doc.getText(name)
    if (this.type.fields[name]?.kind !== 'text') {
      throw new RecordError([{ code: 'BAD_PATH', path: name, sentence: `is no text of ${this.type.name}` }])
    }
    this.#undo.watchTexts()
    return text
  }

  /** Asks the server to do what merging cannot decide; the request is kept and travels like any edit. */
  act(name: string, args: { readonly [key: string]: Value } = {}): string {
    const id = this.newId()
    this.writeIntents([{ path: `${ACTIONS}/${id}`, value: { name, args }, shown: 'value' }])
    return id
  }

  action(id: string): ActionState | null {
    const request = this.index.at(`${ACTIONS}/${id}`)[0]
    if (request === undefined) return null
    const { name } = request.value as { readonly name: string }
    const result = lastOf(this.index.at(`${RESULTS}/${id}`))?.value as
      | { readonly ok: boolean; readonly result?: Value; readonly reason?: string }
      | undefined
    if (result === undefined) return { id, name, state: 'requested', result: null, reason: null }
    return result.ok
      ? { id, name, state: 'accepted', result: result.result ?? null, reason: null }
      : { id, name, state: 'refused', result: null, reason: result.reason ?? '' }
  }

  get actions(): readonly ActionState[] {
    return [...this.index.keys(ACTIONS)].map(id => this.action(id)).filter(state => state !== null)
  }

  field(path: string): FieldState {
    assertPath(path)
    const slot = this.#slot(path)
    const field = slot.field
    if (slot.kind !== 'cell' || field === null) return this.#plainState(path)
    const { winner, losers, tentative } = resolveAt(this.index, field, path)
    const conflict = losers
      .filter(cell => isCompeting(field.policy, cell))
      .map(cell => this.#fieldValue(path, cell))
    return {
      path,
      value: winner?.value ?? field.initial,
      by: winner?.author ?? null,
      at: winner === null ? null : stampToMs(winner.stamp),
      tentative: tentative && winner?.value !== null,
      open: field.policy === 'review' && conflict.length > 0,
      conflict,
    }
  }

  /** Why this person can write nothing there as the record stands; null where something would be taken. */
  locked(path: string): Problem | null {
    assertPath(path)
    const { me } = this.#options
    return me === undefined
      ? null
      : lockedAt({ type: this.type, index: this.index, me, view: () => this.glance }, path)
  }

  get conflicts(): readonly RecordConflict[] {
    const values = fieldConflicts(this.type, this.index).map(({ kind, path, losers, resolution }) => ({
      kind,
      path,
      values: [...(resolution.winner === null ? [] : [resolution.winner]), ...losers].map(cell =>
        this.#fieldValue(path, cell),
      ),
      texts: [],
    }))
    const removals = removalConflicts(this.type, this.index).map(({ kind, path, edits, texts }) => ({
      kind,
      path,
      values: edits.map(cell => ({
        value: cell.value,
        by: cell.author,
        at: stampToMs(cell.stamp),
        settle: () => this.restore(path),
      })),
      texts,
    }))
    return [...removals, ...values]
  }

  /** The last write that is still to be seen: by whom, and when. */
  get updated(): { readonly by: string; readonly at: number } | null {
    if (this.#latest === undefined) this.#latest = latestOf(this.index.cells(), null)
    return this.#latest === null ? null : { by: this.#latest.author, at: stampToMs(this.#latest.stamp) }
  }

  subscribe(path: string, tell: (paths: ReadonlySet<string>) => void): () => void {
    const subscriber = { path, tell }
    this.#subscribers.add(subscriber)
    return () => this.#subscribers.delete(subscriber)
  }

  /** Removed again, it stays removed with what has been edited since. */
  remove(): void {
    if (this.view.removed && !this.isEditedSinceRemoval(RECORD_PATH)) return
    this.writeIntents([{ path: RECORD_PATH, value: recordRemoval(this.doc), shown: 'all' }])
  }

  isEditedSinceRemoval(path: string): boolean {
    return removalConflictAt(this.type, this.index, path) !== null
  }

  /** Brings back an entry (`times/7f3`), or the record. */
  restore(path: string = RECORD_PATH): void {
    assertPath(path)
    if (this.index.at(path).length === 0) return
    if (isForgotten(this.type, this.index, path))
      throw new RecordError([
        { code: 'NO_SUCH_ENTRY', path, sentence: 'was removed so long ago that only the history has it' },
      ])
    this.writeIntents([{ path, value: null, shown: 'all' }])
  }

  /** Many writes as one: whoever listens is told once, one message carries them, and one step takes them back. */
  together(run: () => void): void {
    if (typeof run !== 'function') throw new TypeError('together is given a function that writes')
    assertAtOnce(run, 'what together is given')
    this.#undo.together(() => atOnce(this.doc.transact(run, LOCAL_WRITE), 'what together is given'))
  }

  undo(): UndoResult | null {
    return this.#undo.back('undo')
  }

  redo(): UndoResult | null {
    return this.#undo.back('redo')
  }

  get canUndo(): boolean {
    return this.#undo.canUndo
  }

  get canRedo(): boolean {
    return this.#undo.canRedo
  }

  newId(): string {
    return (this.#options.newId ?? randomId)()
  }

  close(): void {
    this.index.close()
    for (const [name, observer] of this.#textObservers) this.doc.getText(name).unobserve(observer)
    this.#textObservers.clear()
    this.#undo.close()
    this.#subscribers.clear()
  }

  #slot(path: string): Slot {
    const slot = slotAt(this.type, path)
    if (isSlot(slot)) return slot
    if (Object.hasOwn(this.type.fields, firstSegment(path)) || slot.code === 'READ_ONLY_FIELD') return WHOLE
    throw new RecordError([slot])
  }

  #plainState(path: string): FieldState {
    const cells = this.index.at(path)
    const last = lastOf(cells)
    const value = path.includes('/') ? (last?.value ?? null) : this.view[path]
    return {
      path,
      value,
      by: last?.author ?? null,
      at: last === null ? null : stampToMs(last.stamp),
      tentative: false,
      open: false,
      conflict: [],
    }
  }

  #fieldValue(path: string, cell: LiveCell): FieldValue {
    return {
      value: cell.value,
      by: cell.author,
      at: stampToMs(cell.stamp),
      settle: () => this.settle(path, cell.value),
    }
  }

  #changed({ added, removed, transaction }: CellChange): void {
    // Looked for again only when the latest write itself is gone with no later one in its place.
    if (this.#latest !== undefined) {
      const latest = latestOf(added, this.#latest)
      this.#latest = latest !== null && removed.includes(latest) ? undefined : latest
    }
    const paths = new Set<string>()
    for (const cell of removed) paths.add(witnessedPath(cell.path) ?? cell.path)
    for (const cell of added) {
      paths.add(witnessedPath(cell.path) ?? cell.path)
      if (!transaction.local) this.clock.receive(cell.stamp)
    }
    this.#touched(paths)
  }

  #touched(paths: ReadonlySet<string>): void {
    for (const path of paths) this.#markDirty(path)
    for (const { path, tell } of [...this.#subscribers]) {
      if (path === '') tell(paths)
      else
        for (const touched of paths) {
          if (touched === path || touched.startsWith(`${path}/`) || touched === RECORD_PATH) {
            tell(paths)
            break
          }
        }
    }
  }

  #markDirty(path: string): void {
    this.#dirty.add(path)
    this.#glance?.touch(path)
  }

  removalOf(path: string): Value {
    return path === RECORD_PATH
      ? recordRemoval(this.doc)
      : entryRemovalOf(entryCells(this.type, this.index, path))
  }
}

/** What `field` says of a path that is a whole list, set, counter, log, text or derived field. */
const WHOLE: Slot = { kind: 'server', field: null, policy: 'last', part: null, own: false }

const latestOf = (cells: Iterable<LiveCell>, known: LiveCell | null): LiveCell | null => {
  let latest = known
  for (const cell of cells) {
    if (!cell.author.startsWith('$') && (latest === null || compareCells(cell, latest) > 0)) latest = cell
  }
  return latest
}

const ID_DIGITS = 'abcdefghijklmnopqrstuvwxyz0123456789'
declare const crypto: { getRandomValues(bytes: Uint8Array): Uint8Array }
/** Of an entry, or a record that nobody has named. */
export const randomId = (): string => {
  let id = ''
  // 36 digits do not divide 256 evenly; ids have to be unlikely to meet, not uniform.
  for (const byte of crypto.getRandomValues(new Uint8Array(12))) id += ID_DIGITS[byte % 36]
  return id
}
