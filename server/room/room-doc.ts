// The document behind a room, whatever kind it is: a record that a guard watches over, or a free document.

import * as Y from 'yjs'
import type { LiveCell } from '../../shared/record/cell.ts'
import { removalConflictAt } from '../../shared/record/conflicts.ts'
import { RECORD_PATH, RESULTS } from '../../shared/record/path.ts'
import type { AnyView, RecordType } from '../../shared/record/record-type.ts'
import {
  type AcceptedWrite,
  type Lost,
  settleTurn,
  type TurnSettlement,
} from '../../shared/record/settle-turn.ts'
import type { Value } from '../../shared/record/value.ts'
import type { Intent } from '../../shared/record/writer.ts'
import { defaultLimits } from '../access/limits.ts'
import type { Principal } from '../access/principal.ts'
import { attributeText, type Deletions } from './attribute-text.ts'
import { CellLayer } from './cell-layer.ts'
import { FORGOTTEN_AT_ONCE, forgottenCells } from './forgotten-cells.ts'
import { judgeFree, type Tight } from './judge-tight.ts'
import { judge } from './guard.ts'
import type { ClientIds, GuardLimits, Sender } from './judging.ts'
import type { Verdict } from './verdict.ts'
import { LiveRecord } from './live-record.ts'
import { Overlay } from './overlay.ts'
import { gatherUpdates } from './server-doc.ts'
import { settledChanges } from './settled-changes.ts'
import type { ActionRequest, AuthorTurn, TextTurn, WentOn, Write } from './turn.ts'
import { applyUpdate } from './update-decoder.ts'

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
  readonly texts: readonly TextTurn[]
  readonly lost: readonly Lost[]
  readonly wentOn: WentOn | null
}

export interface RoomDoc {
  readonly doc: Y.Doc
  /** Judges an update and, when it is accepted, keeps it for the turn. `tight`: it is nearly full. */
  take(sender: Sender, update: Uint8Array, tight?: Tight | null): Verdict
  readonly hasTaken: boolean
  /** Applies what was taken. Throws when that did not do what had been predicted. */
  apply(commit: number, isHalfFull?: boolean): AppliedUpdates
  close(): void
}

/** For whom the server writes. */
export type Person = Pick<Principal, 'id' | 'name'>

interface Taken {
  readonly update: Uint8Array
  readonly by: string
}

/** What was taken since the last turn: made by its first update, since most rooms rest most of the time. */
interface TurnSoFar {
  readonly overlay: Overlay
  readonly taken: Taken[]
  readonly authors: Map<string, AuthorNotes>
}

interface AuthorNotes {
  readonly name: string
  readonly principal: Principal | null
  readonly changes: Write[]
  readonly paths: Set<string>
  readonly requests: ActionRequest[]
}

/** What the server itself has written since the turn began, for one person or for several. */
interface ServerTurn {
  readonly before: AnyView
  readonly authors: Map<string, AuthorNotes & { before: AnyView; after: AnyView }>
  readonly writes: AcceptedWrite[]
}

export class GuardedDoc implements RoomDoc {
  readonly record: LiveRecord
  readonly #ids: ClientIds
  readonly #limits: GuardLimits
  readonly #isClockSteady: () => boolean
  #turn: TurnSoFar | null = null
  #serverTurn: ServerTurn | null = null
  #forgetsAgainAt = 0

  constructor(record: LiveRecord, ids: ClientIds, limits: GuardLimits, isClockSteady = () => true) {
    this.record = record
    this.#ids = ids
    this.#limits = limits
    this.#isClockSteady = isClockSteady
  }

  get doc(): Y.Doc {
    return this.record.doc
  }

  get hasTaken(): boolean {
    return this.#turn !== null && this.#turn.taken.length > 0
  }

  take(sender: Sender, update: Uint8Array, tight: Tight | null = null): Verdict {
    this.#turn ??= this.#newTurn()
    const { overlay, taken, authors } = this.#turn
    const verdict = judge(this.record, overlay, this.#ids, this.#limits, sender, update, tight)
    if (verdict.kind === 'accepted') {
      const { principal } = sender
      taken.push({ update, by: principal.id })
      const author = notesOf(authors, principal)
      for (const path of verdict.paths) author.paths.add(path)
      for (const change of verdict.changes) {
        const { path, to } = change
        author.changes.push(change)
        if (path.startsWith(ACTION_PREFIX))
          author.requests.push({ id: path.slice(ACTION_PREFIX.length), value: to, me: principal })
      }
    }
    return verdict
  }

  apply(commit: number, isHalfFull = false): AppliedUpdates {
    const { overlay, taken, authors } = this.#turn ?? this.#newTurn()
    this.#turn = null
    const before = this.record.view
    const settled = settleTurn(this.record.type, overlay.cells, overlay.writes, commit)
    const forgotten = this.#forgotten(overlay, isHalfFull)
    const settlement =
      forgotten.length === 0 ? settled : { ...settled, victims: [...settled.victims, ...forgotten] }
    const replaced = overlay.writes.flatMap(({ deleted }) => deleted)
    const views = this.#viewsByAuthor([...authors.keys()], overlay, settlement)
    const texts = this.#watchTexts(overlay, taken)
    const updates = this.record.apply(
      taken.map(({ update }) => update),
      overlay,
      settlement,
    )
    return {
      updates,
      owners: overlay.owners,
      hasServerWrites: settlement.pushes.length + settlement.victims.length > 0,
      record: {
        before,
        after: this.record.view,
        authors: [...authors].map(([by, notes], i) => ({
          by,
          ...notes,
          changes: settledChanges(this.record, notes.changes, replaced),
          before: views[i - 1] ?? before,
          after: views[i] ?? this.record.view,
        })),
        texts: texts(),
        lost: settlement.lost,
        wentOn: wentOn(this.record),
      },
    }
  }

  /** What the server writes for a person, without a guard; nobody else is taken until `endTurn`. */
  write(person: Person, intents: readonly Intent[]): void {
    this.#noteWrites(person, () => this.record.writeAs(person.id, intents))
  }

  writeResult(person: Person, id: string, result: Value): void {
    const path = `${RESULTS}/${id}`
    this.#noteWrites(person, () => {
      this.record.writeOwn(path, result)
      return []
    })
    const notes = this.#serverTurn?.authors.get(person.id)
    notes?.paths.add(path)
    notes?.changes.push({ path, from: null, to: result, concurrentWith: [], cell: null })
  }

  /** Whose writes are in the server's turn so far, in order. */
  get writers(): readonly string[] {
    return [...(this.#serverTurn?.authors.keys() ?? [])]
  }

  /** `spent`: what goes besides. */
  endTurn(commit: number, spent: readonly LiveCell[] = []): AppliedUpdates {
    const { before, authors, writes } = this.#serverTurn ?? {
      before: this.record.view,
      authors: new Map<string, never>(),
      writes: [],
    }
    this.#serverTurn = null
    const settlement = settleTurn(this.record.type, this.record.index, writes, commit)
    const victims = [...settlement.victims, ...spent]
    const updates = this.record.endTurn({ ...settlement, victims })
    // It rests on what the record was before.
    this.#turn = null
    const after = this.record.view
    const replaced = writes.flatMap(({ deleted }) => deleted)
    const last = authors.size - 1
    return {
      updates,
      owners: NO_OWNERS,
      hasServerWrites: true,
      record: {
        before,
        after,
        authors: [...authors].map(([by, notes], i) => ({
          by,
          ...notes,
          changes: settledChanges(this.record, notes.changes, replaced),
          ...(i === last ? { after } : {}),
        })),
        texts: [],
        lost: settlement.lost,
        wentOn: wentOn(this.record),
      },
    }
  }

  close(): void {
    this.record.close()
  }

  #forgotten({ cells }: Overlay, isHalfFull: boolean): readonly LiveCell[] {
    const { type, index } = this.record
    const { cellsPerRecord, removedDaysKept } = this.#limits
    const now = this.record.now()
    if (!isHalfFull && index.size + cells.growth < cellsPerRecord / 2) return []
    if (now < this.#forgetsAgainAt) return []
    // It is for good, and would go by a clock that may be wrong.
    if (!this.#isClockSteady()) return []
    const forgotten = forgottenCells(type, cells, now - removedDaysKept * DAY_MS)
    this.#forgetsAgainAt = now + (forgotten.length < FORGOTTEN_AT_ONCE ? FORGETS_EVERY_MS : GOES_ON_AFTER_MS)
    return forgotten
  }

  #newTurn(): TurnSoFar {
    return { overlay: new Overlay(this.record), taken: [], authors: new Map() }
  }

  #noteWrites({ id, name }: Person, write: () => ReturnType<LiveRecord['writeAs']>): void {
    const before = this.record.view
    this.#serverTurn ??= { before, authors: new Map(), writes: [] }
    const { authors, writes } = this.#serverTurn
    const written = write()
    const notes = authors.get(id) ?? {
      name,
      principal: null,
      changes: [],
      paths: new Set<string>(),
      requests: [],
      before,
      after: before,
    }
    authors.set(id, notes)
    notes.after = this.record.view
    if (written.length === 0) return
    writes.push({
      added: written.map(({ cell }) => cell),
      deleted: written.flatMap(({ replaced }) => replaced),
    })
    for (const { path, before: from, cell } of written) {
      notes.paths.add(path)
      notes.changes.push({ path, from: from ?? null, to: cell.value, concurrentWith: [], cell })
    }
  }

  /**
   * The record after each person of the turn. What several wrote in one turn none of them had seen of the others,
   * so it is put down one person after the other, and each change counts as one person's alone.
   */
  #viewsByAuthor(
    authors: readonly string[],
    overlay: Overlay,
    { pushes }: TurnSettlement,
  ): readonly AnyView[] {
    if (authors.length < 2) return []
    const { type, index, view, now } = this.record
    const layer = new CellLayer(type, { cells: index, view, glance: view }, now)
    for (const { path, value } of pushes) {
      layer.put({ path, value, stamp: 0, author: '', client: 0, clock: 0 }, index.at(path))
    }
    return authors.slice(0, -1).map(by => {
      for (const { added, deleted } of overlay.writes) {
        if (added[0]?.author !== by) continue
        for (const cell of added)
          layer.put(
            cell,
            deleted.filter(({ path }) => path === cell.path),
          )
      }
      return layer.view
    })
  }

  #watchTexts(overlay: Overlay, taken: readonly Taken[]): () => TextTurn[] {
    const turns: TextTurn[] = []
    const authors = new Set(taken.map(({ by }) => by))
    const [only = ''] = authors
    const ownerOf = (client: number): string =>
      overlay.owners.get(client) ?? this.#ids.ownerOf(client) ?? only
    const fields = [...overlay.textChars.keys()]
    const deletions: Deletions | null = authors.size < 2 || fields.length === 0 ? null : deletionsOf(taken)
    const stops = fields.map(field => {
      const text = this.doc.getText(field)
      const observer = (event: Y.YTextEvent, transaction: Y.Transaction): void => {
        turns.push({ field, ops: attributeText(event, transaction, only, deletions, ownerOf) })
      }
      text.observe(observer)
      return () => text.unobserve(observer)
    })
    return () => {
      for (const stop of stops) stop()
      return turns
    }
  }
}

const DAY_MS = 86_400_000
/** To look through thousands of entries takes a millisecond, which is not for each turn. */
const FORGETS_EVERY_MS = 3_600_000
const GOES_ON_AFTER_MS = 60_000

const ACTION_PREFIX = '$actions/'

const wentOn = ({ type, index, view }: LiveRecord): WentOn | null => {
  const conflict = view.removed ? removalConflictAt(type, index, RECORD_PATH) : null
  if (conflict === null) return null
  const editors = new Set(conflict.edits.map(({ author }) => author))
  return { removedBy: conflict.removal.author, editors: [...editors] }
}

const notesOf = (authors: Map<string, AuthorNotes>, principal: Principal): AuthorNotes => {
  const { id, name } = principal
  const known = authors.get(id)
  if (known !== undefined) return known
  const notes: AuthorNotes = { name, principal, changes: [], paths: new Set(), requests: [] }
  authors.set(id, notes)
  return notes
}

const deletionsOf = (taken: readonly Taken[]): Deletions => {
  const deletions = new Map<number, { clock: number; end: number; by: string }[]>()
  for (const { update, by } of taken) {
    for (const [client, ranges] of Y.decodeUpdate(update).ds.clients) {
      const known = deletions.get(client) ?? []
      deletions.set(client, known)
      for (const { clock, len } of ranges) known.push({ clock, end: clock + len, by })
    }
  }
  return deletions
}

/** A document without schema, for stock clients: whatever Yjs takes. */
export class FreeDoc implements RoomDoc {
  readonly doc: Y.Doc
  readonly #limits: Pick<GuardLimits, 'structsPerUpdate' | 'recordBytes'>
  readonly #updates: () => readonly Uint8Array[]
  #taken: Uint8Array[] | null = null

  constructor(doc: Y.Doc, limits: Pick<GuardLimits, 'structsPerUpdate' | 'recordBytes'> = defaultLimits) {
    this.doc = doc
    this.#limits = limits
    this.#updates = gatherUpdates(doc)
  }

  get hasTaken(): boolean {
    return this.#taken !== null
  }

  take(_: Sender, update: Uint8Array, tight: Tight | null = null): Verdict {
    if (isEmptyUpdate(update)) return { kind: 'nothing new' }
    const refusal = judgeFree(update, this.#limits, tight)
    if (refusal !== null) return refusal
    this.#taken ??= []
    this.#taken.push(update)
    return { kind: 'accepted', paths: [], changes: [] }
  }

  apply(): AppliedUpdates {
    const taken = this.#taken ?? []
    this.#taken = null
    this.doc.transact(() => {
      for (const update of taken) {
        try {
          applyUpdate(this.doc, update)
        } catch {
          // What it changed before it broke off is in the transaction's own update, and stays consistent.
        }
      }
    })
    return { updates: this.#updates(), owners: NO_OWNERS, hasServerWrites: false, record: null }
  }

  close(): void {
    this.doc.destroy()
  }
}

const NO_OWNERS: ReadonlyMap<number, string> = new Map()

export const isEmptyUpdate = (update: Uint8Array): boolean =>
  update.length === 2 && update[0] === 0 && update[1] === 0

export const guardedDoc = (
  type: RecordType,
  id: string,
  doc: Y.Doc,
  serverClientId: number,
  now: () => number,
  ids: ClientIds,
  limits: GuardLimits,
  isClockSteady?: () => boolean,
): GuardedDoc =>
  new GuardedDoc(new LiveRecord(type, id, doc, serverClientId, now), ids, limits, isClockSteady)
