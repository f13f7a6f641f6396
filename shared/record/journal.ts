// What a device remembers of its unsaved writes beyond the cells themselves: which cells of others each write
// replaced, how much of a counter is not saved yet, and how a text read before. A doc does not tell: deleted
// content is gone. The desk keeps the journal beside the local data.

import * as Y from 'yjs'
import type { Stamp } from './clock.ts'
import type { RecordType } from './record-type.ts'
import { isSlot, slotAt } from './slot.ts'
import type { Written } from './writer.ts'

/** A cell named so that it is known again after a fold gave it another Yjs id. */
export type CellName = readonly [stamp: Stamp, author: string]

export interface JournalEntry {
  readonly client: number
  readonly clock: number
  readonly replaced: readonly CellName[]
  /** For a share of a counter: its totals after each unsaved write, by clock, oldest first. */
  readonly totals?: readonly (readonly [clock: number, total: number])[]
}

export type TextDelta = readonly {
  readonly insert: string | object
  readonly attributes?: { readonly [key: string]: unknown }
}[]

/** By their ids: so many UTF-16 units, each of the next clock. */
export type Letters = readonly (readonly [client: number, clock: number, length: number])[]

/** How a text read before its first unsaved change. */
export interface TextNote {
  readonly base: TextDelta
  /** What stood there, by which it is found again where it stood. Earlier versions kept none. */
  readonly letters?: Letters
  /** Of every client id, the first clock that was not there then. Earlier versions kept none. */
  readonly state?: readonly (readonly [client: number, clock: number])[]
}

export interface JournalState {
  readonly entries: readonly (readonly [path: string, entry: JournalEntry])[]
  readonly texts: readonly (readonly [field: string, note: TextNote])[]
}

const REPLACED_MAX = 256

export class Journal {
  readonly #type: RecordType
  readonly #doc: Y.Doc
  readonly #entries = new Map<string, JournalEntry>()
  readonly #textNotes = new Map<string, TextNote>()
  /** How each text reads, as far as that has been asked since it last changed. */
  readonly #read = new Map<string, TextRead>()
  readonly #textFields: readonly string[]
  readonly #observers = new Map<string, (event: Y.YTextEvent, transaction: Y.Transaction) => void>()

  constructor(type: RecordType, doc: Y.Doc, state?: JournalState) {
    this.#type = type
    this.#doc = doc
    this.#textFields = Object.keys(type.fields).filter(name => type.fields[name]?.kind === 'text')
    for (const [path, entry] of state?.entries ?? []) this.#entries.set(path, entry)
    for (const [field, note] of state?.texts ?? []) this.#textNotes.set(field, note)
  }

  start(): void {
    if (this.#textFields.length === 0) return
    this.#doc.on('beforeTransaction', this.#beforeTransaction)
    for (const field of this.#textFields) {
      const observer = (_: Y.YTextEvent, transaction: Y.Transaction): void => {
        const read = this.#read.get(field)
        if (transaction.local && read !== undefined && !this.#textNotes.has(field)) {
          this.#noteText(field, read, transaction.beforeState)
        }
        this.#read.delete(field)
      }
      this.#observers.set(field, observer)
      this.#doc.getText(field).observe(observer)
    }
  }

  close(): void {
    this.#doc.off('beforeTransaction', this.#beforeTransaction)
    for (const [field, observer] of this.#observers) this.#doc.getText(field).unobserve(observer)
    this.#observers.clear()
  }

  note(written: readonly Written[]): void {
    for (const { path, cell, before, replaced } of written) {
      const known = this.#entries.get(path)
      const names = replaced.map(({ stamp, author }): CellName => [stamp, author])
      const slot = slotAt(this.#type, path)
      const isShare = isSlot(slot) && slot.kind === 'share'
      const totals = known?.totals ?? [[cell.clock - 1, typeof before === 'number' ? before : 0]]
      this.#entries.set(path, {
        client: cell.client,
        clock: cell.clock,
        replaced: [...(known?.replaced ?? []), ...names].slice(-REPLACED_MAX),
        ...(isShare ? { totals: [...totals, [cell.clock, cell.value as number] as const] } : {}),
      })
    }
  }

  entry(path: string): JournalEntry | null {
    return this.#entries.get(path) ?? null
  }

  textNote(field: string): TextNote | null {
    return this.#textNotes.get(field) ?? null
  }

  get textsUnsaved(): readonly string[] {
    return [...this.#textNotes.keys()]
  }

  /** The server has saved every cell of this client id before the clock. */
  savedCells(client: number, beforeClock: number): void {
    for (const [path, entry] of this.#entries) {
      if (entry.client !== client) continue
      if (entry.clock < beforeClock) this.#entries.delete(path)
      else if (entry.totals !== undefined) {
        const firstUnsaved = entry.totals.findIndex(([clock]) => clock >= beforeClock)
        this.#entries.set(path, { ...entry, totals: entry.totals.slice(Math.max(0, firstUnsaved - 1)) })
      }
    }
  }

  savedTexts(): void {
    this.#textNotes.clear()
  }

  /** Whatever changes from now on changes what the texts are now. */
  noteTexts(): void {
    const state = Y.decodeStateVector(Y.encodeStateVector(this.#doc))
    for (const field of this.#textFields) this.#noteText(field, this.#readNow(field), state)
  }

  #noteText(field: string, read: TextRead, state: ReadonlyMap<number, number>): void {
    this.#textNotes.set(field, { ...read, state: [...state] })
  }

  #readNow(field: string): TextRead {
    return { base: readText(this.#doc, field), letters: lettersIn(this.#doc.getText(field)) }
  }

  get state(): JournalState {
    return { entries: [...this.#entries], texts: [...this.#textNotes] }
  }

  readonly #beforeTransaction = (transaction: Y.Transaction): void => {
    if (!transaction.local) return
    for (const field of this.#textFields) {
      if (!this.#textNotes.has(field) && !this.#read.has(field)) this.#read.set(field, this.#readNow(field))
    }
  }
}

type TextRead = Required<Pick<TextNote, 'base' | 'letters'>>

const lettersIn = (text: Y.Text): Letters => {
  const runs: [client: number, clock: number, length: number][] = []
  for (const { id, length } of shownItems(text)) {
    const last = runs.at(-1)
    if (last?.[0] === id.client && last[1] + last[2] === id.clock) last[2] += length
    else runs.push([id.client, id.clock, length])
  }
  return runs
}

export const shownItems = function* (text: Y.Text): Generator<Y.Item> {
  for (let item = text._start; item !== null; item = item.right)
    if (!item.deleted && item.countable) yield item
}

export const readText = (doc: Y.Doc, field: string): TextDelta => doc.getText(field).toDelta() as TextDelta
