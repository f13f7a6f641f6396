// The guard: is this update allowed? It is taken whole or refused whole, and judged as the writes it consists of,
// each against the record as the ones before it leave it: so an edit followed by closing the record gets the same
// verdict live and after a day off line. What is unknown to the room (ids that have not arrived yet) is `pending`
// and nobody's fault; what changes nothing is accepted from anybody.

import * as Y from 'yjs'
import { createMe, mayTakeOver, permissionProblem, type WriteQuestion } from '../../shared/record/access.ts'
import { CELLS, cellProblem, type LiveCell, readCell, SERVER_AUTHOR } from '../../shared/record/cell.ts'
import { AHEAD_MS_MAX, msToStamp } from '../../shared/record/clock.ts'
import type { Me } from '../../shared/record/define-record.ts'
import type { TextField } from '../../shared/record/field.ts'
import { CREATED, splitPath } from '../../shared/record/path.ts'
import type { Problem } from '../../shared/record/record-error.ts'
import { isSlot, type Slot, slotAt, writeProblem } from '../../shared/record/slot.ts'
import { sameValue, valueProblem } from '../../shared/record/value.ts'
import { lastOf, resolveAt } from '../../shared/record/view.ts'
import { entryAuthor, isHolder, missingFields } from '../../shared/record/writer.ts'
import type { ErrorCode } from '../../shared/wire/error-codes.ts'
import type { Limits } from '../access/limits.ts'
import type { Principal } from '../access/principal.ts'
import { type IncomingUpdate, parseUpdate } from './incoming-update.ts'
import type { LiveRecord } from './live-record.ts'
import { CellLayer } from './cell-layer.ts'
import type { DeletedRange, NewRange, Overlay } from './overlay.ts'
import type { FieldChange } from './turn.ts'

export type GuardLimits = Pick<
  Limits,
  'structsPerUpdate' | 'cellBytes' | 'cellsPerRecord' | 'textLength' | 'clientIdsPerUserAndRecord'
>

export type Verdict =
  | { readonly kind: 'accepted'; readonly paths: readonly string[]; readonly changes: readonly FieldChange[] }
  | { readonly kind: 'nothing new' }
  | { readonly kind: 'pending' }
  | {
      readonly kind: 'refused'
      readonly code: ErrorCode
      readonly problems: readonly Problem[]
      readonly isOffence: boolean
    }

export interface Sender {
  readonly principal: Principal
  readonly me: Me
}

/** A link has one principal for all its channels. */
export const senderOf = (principal: Principal): Sender => {
  let sender = senders.get(principal)
  if (sender === undefined) {
    sender = { principal, me: createMe(principal) }
    senders.set(principal, sender)
  }
  return sender
}

const senders = new WeakMap<Principal, Sender>()

/** What the room knows of a client id besides the turn: its owner, or that it is spent. */
export interface ClientIds {
  ownerOf(client: number): string | null
  /** To whom the id was given for a first write that has not come yet. */
  reservedFor(client: number): string | null
  isSpent(client: number): boolean
  countOf(userId: string): number
}

interface NewCell {
  readonly cell: LiveCell
  /** Sent together with its own deletion: written over before it was ever seen. */
  readonly isDead: boolean
}

interface Judged {
  readonly cells: NewCell[]
  readonly ranges: NewRange[]
  /** Texts that are written, and by how many characters they grow. */
  readonly texts: Map<string, number>
  readonly textDeletes: DeletedRange[]
  /** Texts of which nothing but formats is deleted. */
  readonly tidied: Set<string>
  readonly deletedCounts: Map<number, number>
  /** Live cells that it deletes, by path. */
  readonly victims: Map<string, LiveCell[]>
  readonly newOwners: Set<number>
}

type Refusal = Extract<Verdict, { kind: 'refused' }>
const PENDING: Verdict = { kind: 'pending' }
const NOTHING_NEW: Verdict = { kind: 'nothing new' }

export const judge = (
  record: LiveRecord,
  overlay: Overlay,
  ids: ClientIds,
  limits: GuardLimits,
  sender: Sender,
  bytes: Uint8Array,
): Verdict => {
  const update = parseUpdate(bytes, limits.structsPerUpdate)
  if ('malformed' in update) return offence('MALFORMED', update.malformed)
  const judged: Judged = {
    cells: [],
    ranges: [],
    texts: new Map(),
    textDeletes: [],
    tidied: new Set(),
    deletedCounts: new Map(),
    victims: new Map(),
    newOwners: new Set(),
  }
  const room: Judging = { record, overlay, ids, limits, sender, judged }
  const early = readStructs(room, update) ?? readDeletes(room, update)
  if (early !== null) return early
  if (judged.ranges.length === 0 && judged.deletedCounts.size === 0) return NOTHING_NEW
  const writes = inOrder(judged.cells)
  const refusal = judgeTexts(room) ?? judgeCells(room, writes)
  if (refusal !== null) return isTidyingAlone(judged) && !refusal.isOffence ? NOTHING_NEW : refusal
  return { kind: 'accepted', paths: pathsOf(judged, writes), changes: accept(room, writes) }
}

/**
 * Every client tidies formats that have come to say nothing, readers too. The server does the same in the turn
 * that made them so; from somebody who may not write the text it is dropped, and held against nobody.
 */
const isTidyingAlone = ({ ranges, texts, victims, tidied }: Judged): boolean =>
  ranges.length === 0 && texts.size === 0 && victims.size === 0 && tidied.size > 0

interface Judging {
  readonly record: LiveRecord
  readonly overlay: Overlay
  readonly ids: ClientIds
  readonly limits: GuardLimits
  readonly sender: Sender
  readonly judged: Judged
}

const readStructs = (room: Judging, { structs, deletes }: IncomingUpdate): Verdict | null => {
  const { overlay, judged } = room
  const nextClocks = new Map<number, number>()
  const own = ownRanges(judged)
  for (const struct of structs) {
    const { client, clock } = struct.id
    const known = nextClocks.get(client) ?? overlay.nextClock(client)
    const end = clock + struct.length
    if (end <= known) continue
    if (clock > known) return PENDING
    if (struct instanceof Y.Skip) return PENDING
    if (struct instanceof Y.GC)
      return offence('MALFORMED', 'it names ids whose content was collected elsewhere')
    const claimed = claimClient(room, client)
    if (claimed !== null) return claimed
    const root = rootOf(room, own, struct, known)
    if (typeof root !== 'string') return root
    const refusal =
      root === CELLS ? readCells(room, struct, known, deletes) : readText(room, struct, known, root)
    if (refusal !== null) return refusal
    judged.ranges.push({
      client,
      clock: known,
      end,
      root,
      isDeleted: struct.content instanceof Y.ContentDeleted,
    })
    nextClocks.set(client, end)
  }
  return null
}

/** Who may write under this client id. */
const claimClient = ({ overlay, ids, judged, sender, limits }: Judging, client: number): Refusal | null => {
  if (judged.newOwners.has(client)) return null
  if (ids.isSpent(client)) {
    return refused('CLIENT_ID_SPENT', '', 'was written under a client id of an earlier epoch: start afresh')
  }
  const stored = overlay.owners.get(client) ?? ids.ownerOf(client)
  const owner = stored ?? ids.reservedFor(client)
  if (owner !== null && owner !== sender.principal.id) {
    return offence('NOT_OWNER', 'it is written under a client id that belongs to somebody else')
  }
  if (stored !== null) return null
  if (ids.countOf(sender.principal.id) + judged.newOwners.size >= limits.clientIdsPerUserAndRecord) {
    return refused(
      'TOO_MANY',
      '',
      'has been written by you under too many client ids: let the record be folded',
    )
  }
  judged.newOwners.add(client)
  return null
}

type OwnRanges = (client: number, clock: number) => string | null
const ownRanges =
  (judged: Judged): OwnRanges =>
  (client, clock) =>
    judged.ranges.find(r => r.client === client && clock >= r.clock && clock < r.end)?.root ?? null

/** The root that an item's new part will stand in; a verdict when it cannot be told, or must not be. */
const rootOf = (
  { overlay, record }: Judging,
  own: OwnRanges,
  item: Y.Item,
  known: number,
): string | Verdict => {
  if (item.parentSub !== null) return offence('FORGED', 'it writes a key of a map, which records do not have')
  const at = (client: number, clock: number): string | null =>
    overlay.rootOf(client, clock) ?? own(client, clock)
  const roots: string[] = []
  if (known > item.id.clock) {
    // Yjs goes on from the part it has, whatever the item says its parent is.
    const root = at(item.id.client, known - 1)
    if (root === null) return PENDING
    roots.push(root)
  }
  for (const id of [item.origin, item.rightOrigin]) {
    if (id === null) continue
    const root = at(id.client, id.clock)
    if (root === null) return PENDING
    roots.push(root)
  }
  if (typeof item.parent === 'string') roots.push(item.parent)
  else if (item.parent !== null)
    return offence('FORGED', 'it writes into a type inside a type, which records do not have')
  const [root] = roots
  if (root === undefined || roots.some(other => other !== root))
    return offence('FORGED', 'its neighbours lie in different types')
  const isDeclared = root === CELLS || textField(record, root) !== null
  return isDeclared
    ? root
    : offence('FORGED', `it writes to «${root.slice(0, 40)}», which is no part of a ${record.type.name}`)
}

const readCells = (
  room: Judging,
  item: Y.Item,
  known: number,
  deletes: IncomingUpdate['deletes'],
): Refusal | null => {
  const { judged } = room
  const { client, clock } = item.id
  const { content } = item
  if (content instanceof Y.ContentDeleted) {
    count(judged.deletedCounts, client, item.length - (known - clock))
    return null
  }
  if (!(content instanceof Y.ContentAny))
    return offence('FORGED', 'it puts something other than cells among the cells')
  for (let i = known - clock; i < content.arr.length; i++) {
    const problem = cellProblem(content.arr[i])
    if (problem !== null) return offence('MALFORMED', problem)
    const cell = readCell(content.arr[i], client, clock + i)
    if (cell === null) return offence('MALFORMED', 'a cell cannot be read')
    const isDead = inRanges(deletes.get(client), cell.clock)
    if (isDead) count(judged.deletedCounts, client, 1)
    judged.cells.push({ cell, isDead })
  }
  return null
}

const readText = (room: Judging, item: Y.Item, known: number, root: string): Refusal | null => {
  const { record, judged } = room
  const field = textField(record, root)
  if (field === null) return offence('FORGED', 'it writes to a text that is not declared')
  const { content } = item
  const added = item.length - (known - item.id.clock)
  judged.texts.set(root, (judged.texts.get(root) ?? 0) + (content instanceof Y.ContentString ? added : 0))
  if (content instanceof Y.ContentString) return null
  if (content instanceof Y.ContentDeleted) {
    count(judged.deletedCounts, item.id.client, added)
    return null
  }
  if (content instanceof Y.ContentFormat) {
    if (!field.formats) return refused('BAD_VALUE', root, 'takes no formats')
    return valueProblem(content.value) === null
      ? null
      : offence('MALFORMED', 'a format has a value that is not JSON')
  }
  if (content instanceof Y.ContentEmbed) {
    const isDeclared =
      valueProblem(content.embed) === null &&
      Object.keys(content.embed).every(key => field.embeds.includes(key))
    return isDeclared ? null : refused('BAD_VALUE', root, 'takes no such embed')
  }
  return offence('FORGED', 'it puts something other than text into a text')
}

/** Every id that the update deletes has to be known; what it deletes among the cells has to be replaced by it. */
const readDeletes = (room: Judging, { deletes }: IncomingUpdate): Verdict | null => {
  const { record, overlay, judged } = room
  const own = ownRanges(judged)
  for (const [client, ranges] of deletes) {
    const structs = record.doc.store.clients.get(client)
    const stored = Y.getState(record.doc.store, client)
    const inTurn = overlay.nextClock(client)
    for (const { clock, len } of ranges) {
      const end = clock + len
      if (end > inTurn && own(client, end - 1) === null) return PENDING
      if (structs !== undefined && clock < stored) {
        for (let i = Y.findIndexSS(structs, clock); i < structs.length; i++) {
          const struct = structs[i]
          if (struct === undefined || struct.id.clock >= end) break
          if (!struct.deleted && struct instanceof Y.Item) {
            deleteStored(
              room,
              struct,
              Math.max(clock, struct.id.clock),
              Math.min(end, struct.id.clock + struct.length),
            )
          }
        }
      }
      // What was accepted earlier in this turn is not in the doc yet, and is looked at id by id.
      for (let at = Math.max(clock, stored); at < Math.min(end, inTurn); at++) {
        const cell = overlay.newCell(client, at)
        if (cell !== undefined) noteVictim(room, cell)
        else noteTextDelete(room, overlay.rootOf(client, at), client, at, at + 1)
      }
      // Text written and deleted within this update; of cells the same is counted as they are read.
      for (const range of judged.ranges) {
        if (range.client !== client || range.isDeleted || range.root === CELLS) continue
        const overlap = Math.min(end, range.end) - Math.max(clock, range.clock)
        if (overlap > 0) count(judged.deletedCounts, client, overlap)
      }
    }
  }
  return null
}

const deleteStored = (room: Judging, item: Y.Item, from: number, to: number): void => {
  const { record, overlay, judged } = room
  const { client, clock } = item.id
  const root = record.rootName(item.parent)
  if (root === CELLS && item.content instanceof Y.ContentAny) {
    for (let at = from; at < to; at++) {
      const cell = readCell(item.content.arr[at - clock], client, at)
      if (cell !== null) noteVictim(room, cell)
    }
  } else if (root !== '' && item.content instanceof Y.ContentFormat) {
    if (overlay.isTextDeleted(client, from)) return
    judged.tidied.add(root)
    judged.textDeletes.push({ client, clock: from, end: to })
    count(judged.deletedCounts, client, to - from)
  } else {
    noteTextDelete(room, root, client, from, to)
  }
}

/** A deleted cell that is still live in this turn. */
const noteVictim = ({ judged, overlay }: Judging, { path, client, clock }: LiveCell): void => {
  const live = overlay.cells.at(path).find(cell => cell.client === client && cell.clock === clock)
  if (live === undefined) return
  const victims = judged.victims.get(path)
  if (victims === undefined) judged.victims.set(path, [live])
  else if (victims.includes(live)) return
  else victims.push(live)
  count(judged.deletedCounts, client, 1)
}

const noteTextDelete = (
  { judged, overlay }: Judging,
  root: string | null,
  client: number,
  from: number,
  to: number,
): void => {
  if (root === null || root === '' || root === CELLS) return
  let start = from
  for (let at = from; at <= to; at++) {
    if (at < to && !overlay.isTextDeleted(client, at)) continue
    if (at > start) {
      if (!judged.texts.has(root)) judged.texts.set(root, 0)
      judged.textDeletes.push({ client, clock: start, end: at })
      count(judged.deletedCounts, client, at - start)
    }
    start = at + 1
  }
}

const judgeTexts = ({ record, overlay, sender, judged, limits }: Judging): Refusal | null => {
  const problems: Problem[] = []
  for (const name of new Set([...judged.texts.keys(), ...judged.tidied])) {
    const added = judged.texts.get(name) ?? 0
    const field = textField(record, name)
    if (field === null) continue
    const slot: Slot = { kind: 'cell', field: null, policy: 'last', part: null, own: false }
    const problem = permissionProblem({
      type: record.type,
      slot,
      path: name,
      value: null,
      me: sender.me,
      view: () => overlay.cells.view,
      entryAuthor: null,
      isNew: false,
    })
    if (problem !== null) problems.push(problem)
    const charsMax = Math.min(field.charsMax, limits.textLength)
    if (
      added > 0 &&
      record.doc.getText(name).length + (overlay.textChars.get(name) ?? 0) + added > charsMax
    ) {
      problems.push({ code: 'TOO_LARGE', path: name, sentence: `must stay below ${charsMax} characters` })
    }
  }
  return problems.length === 0 ? null : refusedFor(problems)
}

const judgeCells = (room: Judging, writes: readonly NewCell[]): Refusal | null => {
  const { record, overlay, judged, limits } = room
  const problems: Problem[] = []
  const isNew = overlay.cells.at(CREATED).length === 0
  const scratch = new CellLayer(record.type, overlay.cells, record.now)
  const pushed = new Set<string>()
  for (const { cell, isDead } of writes) {
    pushed.add(cell.path)
    const slot = slotAt(record.type, cell.path)
    if (!isSlot(slot)) {
      problems.push(slot.code === 'BAD_PATH' ? { ...slot, code: 'SCHEMA_OLDER' } : slot)
      continue
    }
    const forged = forgery(room, slot, cell)
    if (forged !== null) return forged
    const problem =
      writeProblem(record.type, slot, cell.path, cell.value) ??
      clockProblem(record, cell) ??
      sizeProblem(limits, cell) ??
      permissionProblem(questionOf(room, scratch, slot, cell, isNew)) ??
      holderProblem(room, scratch, slot, cell, isNew) ??
      immutableProblem(scratch, slot, cell)
    if (problem !== null) problems.push(problem)
    if (!isDead) scratch.put(cell, judged.victims.get(cell.path) ?? [])
  }
  for (const path of judged.victims.keys()) {
    if (!pushed.has(path))
      return offence('FORGED', 'it deletes cells without writing what takes their place', path)
  }
  if (isNew && writes.length > 0) {
    if (!pushed.has(CREATED))
      problems.push({ code: 'REQUIRED', path: CREATED, sentence: 'must be written when a record is created' })
    problems.push(
      ...missingFields(
        record.type,
        writes.map(({ cell }) => cell),
      ),
    )
  }
  if (record.index.size + overlay.cells.growth + scratch.growth > limits.cellsPerRecord) {
    problems.push({ code: 'TOO_MANY', path: '', sentence: `holds ${limits.cellsPerRecord} values at most` })
  }
  return problems.length === 0 ? null : refusedFor(problems)
}

/** What no honest client can produce. */
const forgery = ({ sender }: Judging, slot: Slot, cell: LiveCell): Refusal | null => {
  if (slot.kind === 'server' || cell.author === SERVER_AUTHOR)
    return offence('FORGED', 'only the server writes here', cell.path)
  if (cell.author !== sender.principal.id)
    return offence('AUTHOR_MISMATCH', 'it is signed by somebody else', cell.path)
  if (slot.kind === 'share' && splitPath(cell.path).at(-1) !== String(cell.client)) {
    return offence('FORGED', 'a share of a counter is written by its own client id alone', cell.path)
  }
  return null
}

const clockProblem = (record: LiveRecord, cell: LiveCell): Problem | null =>
  cell.stamp <= msToStamp(record.now() + AHEAD_MS_MAX)
    ? null
    : { code: 'CLOCK_AHEAD', path: cell.path, sentence: 'was stamped by a clock that runs ahead' }

const sizeProblem = (limits: GuardLimits, cell: LiveCell): Problem | null =>
  (typeof cell.value === 'string' || typeof cell.value === 'object') &&
  JSON.stringify(cell.value).length > limits.cellBytes
    ? { code: 'TOO_LARGE', path: cell.path, sentence: `must be at most ${limits.cellBytes} bytes of JSON` }
    : null

const questionOf = (
  room: Judging,
  scratch: CellLayer,
  slot: Slot,
  cell: LiveCell,
  isNew: boolean,
): WriteQuestion => ({
  type: room.record.type,
  slot,
  path: cell.path,
  value: cell.value,
  me: room.sender.me,
  view: () => scratch.view,
  entryAuthor: slot.own ? entryAuthor(scratch, cell.path) : null,
  isNew,
})

/** What is confirmed to somebody may be replaced by them, or by who is permitted to take over. */
const holderProblem = (
  room: Judging,
  scratch: CellLayer,
  slot: Slot,
  cell: LiveCell,
  isNew: boolean,
): Problem | null => {
  if (slot.policy !== 'first') return null
  const { sender, judged } = room
  const taken = (judged.victims.get(cell.path) ?? []).filter(victim => !isHolder(victim, sender.principal.id))
  if (taken.length === 0 || mayTakeOver(questionOf(room, scratch, slot, cell, isNew))) return null
  return {
    code: 'NOT_HOLDER',
    path: cell.path,
    sentence: 'is held by somebody else: ask them to let go, or who may reassign it',
  }
}

/** An equal second is welcome, since deliveries repeat; one with other content is not. */
const immutableProblem = (scratch: CellLayer, slot: Slot, cell: LiveCell): Problem | null => {
  if (slot.kind !== 'log' && slot.kind !== 'action') return null
  const live = scratch.at(cell.path)
  return live.every(other => other.author === cell.author && sameValue(other.value, cell.value))
    ? null
    : {
        code: 'LOG_ENTRY_CHANGED',
        path: cell.path,
        sentence: 'was written already, and entries of a log do not change',
      }
}

const pathsOf = ({ texts }: Judged, writes: readonly NewCell[]): string[] => [
  ...texts.keys(),
  ...writes.map(({ cell }) => cell.path),
]

const accept = ({ record, overlay, judged, sender }: Judging, writes: readonly NewCell[]): FieldChange[] => {
  for (const range of judged.ranges) overlay.addRange(range)
  for (const range of judged.textDeletes) overlay.addTextDelete(range)
  for (const client of judged.newOwners) overlay.owners.set(client, sender.principal.id)
  for (const [client, n] of judged.deletedCounts) overlay.countDeleted(client, n)
  for (const [name, added] of judged.texts)
    overlay.textChars.set(name, (overlay.textChars.get(name) ?? 0) + added)
  const added: LiveCell[] = []
  const changes: FieldChange[] = []
  const left = new Map(judged.victims)
  for (const { cell, isDead } of writes) {
    if (isDead) continue
    const { path } = cell
    const before = winnerAt(record, overlay, path)
    overlay.addCell(cell, left.get(path) ?? [])
    left.delete(path)
    added.push(cell)
    const others = overlay.cells.at(path).filter(other => other.author !== cell.author)
    changes.push({
      path,
      from: before?.value ?? null,
      to: cell.value,
      lost: others.length > 0 && winnerAt(record, overlay, path) !== cell,
      concurrentWith: others.map(other => ({ by: other.author, value: other.value })),
    })
  }
  overlay.writes.push({ added, deleted: [...judged.victims.values()].flat() })
  return changes
}

const winnerAt = ({ type }: LiveRecord, { cells }: Overlay, path: string): LiveCell | null => {
  const live = cells.at(path)
  if (live.length < 2) return live[0] ?? null
  const slot = slotAt(type, path)
  return isSlot(slot) && slot.field !== null && slot.kind === 'cell'
    ? resolveAt(cells, slot.field, path).winner
    : lastOf(live)
}

/** Within one client id by clock; where an update holds several, by stamp. */
const inOrder = (cells: readonly NewCell[]): readonly NewCell[] =>
  cells.every(({ cell }) => cell.client === cells[0]?.cell.client)
    ? cells
    : cells.toSorted((a, b) => a.cell.stamp - b.cell.stamp)

const textField = (record: LiveRecord, name: string): TextField | null => {
  const field = Object.hasOwn(record.type.fields, name) ? record.type.fields[name] : undefined
  return field?.kind === 'text' ? field : null
}

const inRanges = (ranges: readonly { clock: number; len: number }[] | undefined, clock: number): boolean =>
  ranges?.some(range => clock >= range.clock && clock < range.clock + range.len) ?? false

const count = (counts: Map<number, number>, client: number, n: number): void => {
  counts.set(client, (counts.get(client) ?? 0) + n)
}

const offence = (code: ErrorCode, sentence: string, path = ''): Refusal => ({
  kind: 'refused',
  code,
  problems: [{ code, path, sentence }],
  isOffence: true,
})

const refused = (code: ErrorCode, path: string, sentence: string): Refusal =>
  refusedFor([{ code, path, sentence }])

const refusedFor = (problems: readonly Problem[]): Refusal => {
  const codes = new Set(problems.map(({ code }) => code))
  const [only] = codes
  return {
    kind: 'refused',
    code: codes.size === 1 && only !== undefined ? only : 'WRITE_REFUSED',
    problems,
    isOffence: false,
  }
}
