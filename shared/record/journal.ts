// What a device remembers of its unsaved writes beyond the cells themselves: which cells of others each write
// replaced, how much of a counter is not saved yet, and how a text read before. A doc does not tell: deleted
// content is gone. The desk keeps the journal beside the local data.

import * as Y from 'yjs'
import type { Stamp } from './clock.ts'
import { LetterPlaces, type Letters } from './letter-places.ts'
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

/** How a text read before its first unsaved change; behind that stands what came since and was taken out again here. */
export interface TextNote {
  readonly base: TextDelta
  /** What stood there, by which it is found again where it stood. Earlier versions kept none. */
  readonly letters?: Letters
  /** Of it, what others have taken out since. */
  readonly gone?: Letters
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

  /** `isHeard`: what a transaction brings is the server's. */
  start(isHeard: (transaction: Y.Transaction) => boolean = ({ local }) => !local): void {
    if (this.#textFields.length === 0) return
    this.#doc.on('beforeTransaction', this.#beforeTransaction)
    for (const field of this.#textFields) {
      const observer = (_: Y.YTextEvent, transaction: Y.Transaction): void => {
        const read = this.#read.get(field)
        const note = this.#textNotes.get(field)
        if (note !== undefined) this.#keepUp(field, note, transaction, isHeard(transaction))
        else if (transaction.local && read !== undefined) this.#noteText(field, read, transaction.beforeState)
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

  /** What came since and is taken out here stood there before that; what others take out is no change of mine. */
  #keepUp(field: string, note: TextNote, transaction: Y.Transaction, isHeard: boolean): void {
    const { base, letters, gone = [] } = note
    if (letters === undefined || (!transaction.local && !isHeard)) return
    const taken = takenOut(this.#doc.getText(field), transaction)
    if (taken.length === 0) return
    if (isHeard) {
      const out = taken.map(({ id, length }): Letters[number] => [id.client, id.clock, length])
      this.#textNotes.set(field, { ...note, gone: [...gone, ...out] })
      return
    }
    const places = new LetterPlaces(letters)
    let read: TextRead = { base, letters }
    for (const { id, length, content } of taken) {
      for (const [from, to, place] of places.between(id.client, id.clock, id.clock + length)) {
        if (place !== null) continue
        const inserts =
          content instanceof Y.ContentString
            ? [content.str.slice(from - id.clock, to - id.clock)]
            : (content.getContent() as object[])
        let clock = from
        for (const insert of inserts) {
          const length = typeof insert === 'string' ? insert.length : 1
          read = withTaken(read, [id.client, clock, length], insert)
          clock += length
        }
      }
    }
    if (read.base !== base) this.#textNotes.set(field, { ...note, ...read })
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

/**
 * Behind all else, where each letter is found by its id: what is typed and taken out again all day is one text, and as
 * long as that goes on one run of letters, forwards or backwards.
 */
const withTaken = (
  { base, letters }: TextRead,
  taken: Letters[number],
  insert: string | object,
): TextRead => {
  const { insert: text, attributes } = base.at(-1) ?? {}
  if (typeof insert !== 'string' || typeof text !== 'string' || attributes !== undefined)
    return { base: [...base, { insert }], letters: [...letters, taken] }
  const [client, from, length] = taken
  const [lastClient, lastFrom = 0, lastLength = 0] = letters.at(-1) ?? []
  const joined = (at: number): TextDelta => [
    ...base.slice(0, -1),
    { insert: text.slice(0, at) + insert + text.slice(at) },
  ]
  const run = (clock: number): Letters => [...letters.slice(0, -1), [client, clock, lastLength + length]]
  if (lastClient === client && lastFrom + lastLength === from)
    return { base: joined(text.length), letters: run(lastFrom) }
  if (lastClient === client && from + length === lastFrom && lastLength <= text.length)
    return { base: joined(text.length - lastLength), letters: run(from) }
  return { base: joined(text.length), letters: [...letters, taken] }
}

/** What of a text a transaction deletes: its content is there until the transaction has ended. */
const takenOut = (text: Y.Text, transaction: Y.Transaction): Y.Item[] => {
  const taken: Y.Item[] = []
  Y.iterateDeletedStructs(transaction, transaction.deleteSet, struct => {
    if (struct instanceof Y.Item && struct.parent === text && struct.countable) taken.push(struct)
  })
  return taken
}

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
