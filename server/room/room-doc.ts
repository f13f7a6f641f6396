// The document behind a room, whatever kind it is: a record that a guard watches over, or a free document.

import * as Y from 'yjs'
import type { AnyView, RecordType } from '../../shared/record/define-record.ts'
import { type Lost, settleTurn } from '../../shared/record/settle-turn.ts'
import { type ClientIds, type GuardLimits, judge, type Sender, type Verdict } from './guard.ts'
import { LiveRecord } from './live-record.ts'
import { Overlay } from './overlay.ts'
import type { AuthorTurn, FieldChange, TextChange } from './turn.ts'

export interface AppliedUpdates {
  /** The doc's own encoding of what was integrated; never the bytes that were received. */
  readonly updates: readonly Uint8Array[]
  readonly owners: ReadonlyMap<number, string>
  /** The server has added something of its own, which the senders have not seen either. */
  readonly hasServerWrites: boolean
  readonly record: RecordTurn | null
}

export interface RecordTurn {
  readonly before: AnyView
  readonly after: AnyView
  readonly authors: readonly AuthorTurn[]
  readonly lost: readonly Lost[]
}

export interface RoomDoc {
  readonly doc: Y.Doc
  /** Judges an update and, when it is accepted, keeps it for the turn. */
  take(sender: Sender, update: Uint8Array): Verdict
  readonly hasTaken: boolean
  /** Applies what was taken. Throws when that did not do what had been predicted. */
  apply(commit: number): AppliedUpdates
  close(): void
}

export class GuardedDoc implements RoomDoc {
  readonly record: LiveRecord
  readonly #ids: ClientIds
  readonly #limits: GuardLimits
  #overlay: Overlay
  #taken: Uint8Array[] = []
  #authors = new Map<string, { changes: FieldChange[]; paths: Set<string> }>()

  constructor(record: LiveRecord, ids: ClientIds, limits: GuardLimits) {
    this.record = record
    this.#ids = ids
    this.#limits = limits
    this.#overlay = new Overlay(record)
  }

  get doc(): Y.Doc {
    return this.record.doc
  }

  get hasTaken(): boolean {
    return this.#taken.length > 0
  }

  take(sender: Sender, update: Uint8Array): Verdict {
    const verdict = judge(this.record, this.#overlay, this.#ids, this.#limits, sender, update)
    if (verdict.kind === 'accepted') {
      this.#taken.push(update)
      const by = sender.principal.id
      let author = this.#authors.get(by)
      if (author === undefined) {
        author = { changes: [], paths: new Set() }
        this.#authors.set(by, author)
      }
      author.changes.push(...verdict.changes)
      for (const path of verdict.paths) author.paths.add(path)
    }
    return verdict
  }

  apply(commit: number): AppliedUpdates {
    const overlay = this.#overlay
    const taken = this.#taken
    const authors = this.#authors
    const before = this.record.view
    this.#taken = []
    this.#authors = new Map()
    const texts = this.#watchTexts(overlay.textChars.keys())
    const settlement = settleTurn(this.record.type, overlay.cells, overlay.writes, commit)
    const { updates } = this.record.apply(taken, overlay, settlement)
    this.#overlay = new Overlay(this.record)
    const textChanges = texts()
    return {
      updates,
      owners: overlay.owners,
      hasServerWrites: settlement.pushes.length + settlement.victims.length > 0,
      record: {
        before,
        after: this.record.view,
        authors: [...authors].map(([by, { changes, paths }]) => ({
          by,
          paths,
          changes,
          texts: textChanges.filter(({ field }) => paths.has(field)),
        })),
        lost: settlement.lost,
      },
    }
  }

  /** After the server itself has written, what comes is judged against the record as it is now. */
  reset(): void {
    this.#overlay = new Overlay(this.record)
  }

  close(): void {
    this.record.close()
  }

  #watchTexts(fields: Iterable<string>): () => TextChange[] {
    const changes: TextChange[] = []
    const stops = [...fields].map(field => {
      const text = this.doc.getText(field)
      const observer = (event: Y.YTextEvent): void => {
        changes.push({ field, delta: event.delta })
      }
      text.observe(observer)
      return () => text.unobserve(observer)
    })
    return () => {
      for (const stop of stops) stop()
      return changes
    }
  }
}

/** A document without schema, for stock clients: whatever Yjs takes. */
export class FreeDoc implements RoomDoc {
  readonly doc: Y.Doc
  #taken: Uint8Array[] = []
  #updates: Uint8Array[] = []

  constructor(doc: Y.Doc) {
    this.doc = doc
    doc.on('update', (update: Uint8Array) => this.#updates.push(update))
  }

  get hasTaken(): boolean {
    return this.#taken.length > 0
  }

  take(_: Sender, update: Uint8Array): Verdict {
    if (isEmptyUpdate(update)) return { kind: 'nothing new' }
    this.#taken.push(update)
    return { kind: 'accepted', paths: [], changes: [] }
  }

  apply(): AppliedUpdates {
    const taken = this.#taken
    this.#taken = []
    this.doc.transact(() => {
      for (const update of taken) {
        try {
          Y.applyUpdate(this.doc, update)
        } catch {
          // What it changed before it broke off is in the transaction's own update, and stays consistent.
        }
      }
    })
    const updates = this.#updates
    this.#updates = []
    return { updates, owners: NO_OWNERS, hasServerWrites: false, record: null }
  }

  close(): void {
    this.doc.destroy()
  }
}

const NO_OWNERS: ReadonlyMap<number, string> = new Map()

export const isEmptyUpdate = (update: Uint8Array): boolean =>
  update.length === 2 && update[0] === 0 && update[1] === 0

export const buildDoc = (parts: readonly Uint8Array[]): Y.Doc => {
  const doc = new Y.Doc({ gc: true })
  // One by one: merging a long log as bytes takes seconds where replaying it takes milliseconds.
  for (const part of parts) Y.applyUpdate(doc, part)
  return doc
}

export const guardedDoc = (
  type: RecordType,
  id: string,
  doc: Y.Doc,
  serverClientId: number,
  now: () => number,
  ids: ClientIds,
  limits: GuardLimits,
): GuardedDoc => new GuardedDoc(new LiveRecord(type, id, doc, serverClientId, now), ids, limits)
