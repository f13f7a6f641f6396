// From an update's structs to what it would add and delete, as ids, cells and texts. Whatever cannot be placed in
// the declared roots of the record ends here.

import * as Y from 'yjs'
import { CELLS, cellProblem, type LiveCell, readCell } from '../../shared/record/cell.ts'
import { isFieldName, type TextField } from '../../shared/record/field.ts'
import { runsScript } from '../../shared/record/script-link.ts'
import { valueProblem } from '../../shared/record/value.ts'
import { isObject } from '../../shared/is-object.ts'
import type { IncomingUpdate } from './incoming-update.ts'
import { type Judged, type Judging, textField } from './judging.ts'
import type { NewRange } from './new-ids.ts'
import {
  noText,
  offence,
  otherKind,
  PENDING,
  type Refusal,
  refused,
  refusedFor,
  type Verdict,
} from './verdict.ts'

/**
 * Blocks stand in the order of their client ids, not of what they rest on: one that waits for another block of the
 * same update is read when that has come further. What still waits in the end rests on ids that are not here yet.
 */
export const readStructs = (room: Judging, { structs, deletes }: IncomingUpdate): Verdict | null => {
  let waiting = blocksOf(structs)
  while (waiting.length > 0) {
    const stillWaiting: Block[] = []
    let hasMoved = false
    for (const block of waiting) {
      const from = block.next
      const verdict = readBlock(room, block, deletes)
      if (verdict !== null && verdict !== PENDING) return verdict
      hasMoved ||= block.next > from
      if (verdict === PENDING) stillWaiting.push(block)
    }
    if (stillWaiting.length > 0 && !hasMoved) return PENDING
    waiting = stillWaiting
  }
  return null
}

interface Block {
  readonly structs: IncomingUpdate['structs']
  next: number
}

const blocksOf = (structs: IncomingUpdate['structs']): Block[] => {
  const first = structs[0]?.id.client
  if (structs.every(({ id }) => id.client === first)) return first === undefined ? [] : [{ structs, next: 0 }]
  const blocks: Block[] = []
  for (let from = 0; from < structs.length; ) {
    const client = structs[from]?.id.client
    let to = from
    while (to < structs.length && structs[to]?.id.client === client) to++
    blocks.push({ structs: structs.slice(from, to), next: 0 })
    from = to
  }
  return blocks
}

const readBlock = (room: Judging, block: Block, deletes: IncomingUpdate['deletes']): Verdict | null => {
  for (; block.next < block.structs.length; block.next++) {
    const struct = block.structs[block.next]
    const verdict = struct === undefined ? null : readStruct(room, struct, deletes)
    if (verdict !== null) return verdict
  }
  return null
}

const readStruct = (
  room: Judging,
  struct: IncomingUpdate['structs'][number],
  deletes: IncomingUpdate['deletes'],
): Verdict | null => {
  const { overlay, judged } = room
  const { client, clock } = struct.id
  const known = judged.newIds.endOf(client) ?? overlay.nextClock(client)
  const end = clock + struct.length
  if (end <= known) return null
  if (clock > known) return PENDING
  if (struct instanceof Y.Skip) return PENDING
  if (struct instanceof Y.GC)
    return offence('MALFORMED', 'it names ids whose content was collected elsewhere')
  const claimed = claimClient(room, client)
  if (claimed !== null) return claimed
  const root = rootOf(room, struct, known)
  if (typeof root !== 'string') return root
  const refusal =
    root === CELLS ? readCells(room, struct, known, deletes) : readText(room, struct, known, root)
  if (refusal !== null) return refusal
  const range: NewRange = {
    client,
    clock: known,
    end,
    root,
    isDeleted: struct.content instanceof Y.ContentDeleted,
    hasLength: struct.content.isCountable(),
    origin: known === clock ? struct.origin : Y.createID(client, known - 1),
    rightOrigin: struct.rightOrigin,
  }
  judged.newIds.add(range)
  if (root !== CELLS) judged.addLetters(range)
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
      'has been written by you under too many client ids: try again, it is begun anew',
    )
  }
  judged.addOwner(client)
  return null
}

/** The root that an item's new part will stand in; a verdict when it cannot be told, or must not be. */
const rootOf = ({ overlay, record, judged }: Judging, item: Y.Item, known: number): string | Verdict => {
  if (item.parentSub !== null)
    return typeof item.parent === 'string' && item.parent !== CELLS
      ? otherKind(item.parent, record.type)
      : offence('FORGED', 'it writes a key of a map, which records do not have')
  const at = (client: number, clock: number): string | null =>
    overlay.rootOf(client, clock) ?? judged.newIds.at(client, clock)?.root ?? null
  // Yjs goes on from the part it has, whatever the item says its parent is.
  const before = known > item.id.clock ? at(item.id.client, known - 1) : undefined
  const left = item.origin === null ? undefined : at(item.origin.client, item.origin.clock)
  const right = item.rightOrigin === null ? undefined : at(item.rightOrigin.client, item.rightOrigin.clock)
  if (before === null || left === null || right === null) return PENDING
  if (item.parent !== null && typeof item.parent !== 'string')
    return offence('FORGED', 'it writes into a type inside a type, which records do not have')
  const own = item.parent ?? undefined
  const root = before ?? left ?? right ?? own
  const isRoot = (other: string | undefined): boolean => other === undefined || other === root
  if (root === undefined || !isRoot(left) || !isRoot(right) || !isRoot(own))
    return offence('FORGED', 'its neighbours lie in different types')
  if (root === CELLS || textField(record, root) !== null) return root
  return isFieldName(root) && holdsText(item.content)
    ? refusedFor([noText(record.type, root)])
    : otherKind(root, record.type)
}

/** As a page writes whose types have a text of that name. */
const holdsText = (content: Y.Item['content']): boolean =>
  content instanceof Y.ContentString ||
  content instanceof Y.ContentFormat ||
  content instanceof Y.ContentEmbed ||
  content instanceof Y.ContentDeleted

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
    judged.countDeleted(client, item.length - (known - clock))
    return null
  }
  if (!(content instanceof Y.ContentAny))
    return offence('FORGED', 'it puts something other than cells among the cells')
  for (let i = known - clock; i < content.arr.length; i++) {
    const problem = cellProblem(content.arr[i])
    if (problem !== null) return offence('MALFORMED', problem)
    const cell = readCell(content.arr[i], client, clock + i)
    if (cell === null) return offence('MALFORMED', 'a cell cannot be read')
    const isDead = Y.isDeleted(deletes, cell)
    if (isDead) judged.countDeleted(client, 1)
    judged.addCell({ cell, isDead })
  }
  return null
}

const readText = (room: Judging, item: Y.Item, known: number, root: string): Refusal | null => {
  const { record, judged, limits } = room
  const field = textField(record, root)
  if (field === null) return offence('FORGED', 'it writes to a text that is not declared')
  const { content } = item
  const added = item.length - (known - item.id.clock)
  judged.growText(root, content.isCountable() ? added : 0)
  if (content instanceof Y.ContentString) return null
  if (content instanceof Y.ContentDeleted) {
    judged.countDeleted(item.id.client, added)
    return null
  }
  if (content instanceof Y.ContentFormat) {
    if (!field.formats) return refused('BAD_VALUE', root, 'takes no formats')
    if (valueProblem(content.value) !== null)
      return offence('MALFORMED', 'a format has a value that is not JSON')
    // It makes a text no longer, and every reader has it.
    if (JSON.stringify([content.key, content.value]).length > limits.cellBytes)
      return refused('TOO_LARGE', root, `takes no format of more than ${limits.cellBytes} bytes of JSON`)
    return runsScript(content.key, content.value) ? refused('BAD_VALUE', root, NO_SCRIPT) : null
  }
  if (content instanceof Y.ContentEmbed) {
    if (!isDeclaredEmbed(content.embed, field)) return refused('BAD_VALUE', root, 'takes no such embed')
    return runsScript('', content.embed) ? refused('BAD_VALUE', root, NO_SCRIPT) : null
  }
  return content instanceof Y.ContentType
    ? otherKind(root, record.type)
    : offence('FORGED', 'it puts something other than text into a text')
}

const NO_SCRIPT = 'takes no link that runs a script'

/** What Yjs calls an object may be null, a number or a list in what somebody sends. */
const isDeclaredEmbed = (embed: unknown, { embeds }: TextField): boolean => {
  if (!isObject(embed) || valueProblem(embed) !== null) return false
  const names = Object.keys(embed)
  return names.length > 0 && names.every(name => embeds.includes(name))
}

/** Every id that the update deletes has to be known; what it deletes among the cells has to be replaced by it. */
export const readDeletes = (room: Judging, { deletes }: IncomingUpdate): Verdict | null => {
  const { record, overlay, judged } = room
  for (const [client, ranges] of deletes.clients) {
    const structs = record.doc.store.clients.get(client)
    const stored = Y.getState(record.doc.store, client)
    const known = judged.newIds.endOf(client) ?? overlay.nextClock(client)
    for (const { clock, len } of ranges) {
      const end = clock + len
      if (end > known) return PENDING
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
      for (const range of overlay.newIds.among(client, clock, end)) {
        if (range.isDeleted) continue
        for (let at = Math.max(clock, range.clock); at < Math.min(end, range.end); at++) {
          const cell = overlay.newCell(client, at)
          if (cell !== undefined) noteVictim(room, cell)
          else if (noteTextDelete(room, range.root, client, at, at + 1) > 0 && range.hasLength)
            shorten(judged, range.root, 1)
        }
      }
      // Text written and deleted within this update; of cells the same is counted as they are read.
      for (const range of judged.newIds.among(client, clock, end)) {
        if (range.isDeleted || range.root === CELLS) continue
        const [from, to] = [Math.max(clock, range.clock), Math.min(end, range.end)]
        judged.countDeleted(client, to - from)
        judged.addTextDelete({ client, clock: from, end: to })
        if (range.hasLength) shorten(judged, range.root, to - from)
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
    judged.tidy(root)
    judged.addTextDelete({ client, clock: from, end: to })
    judged.countDeleted(client, to - from)
  } else {
    shorten(judged, root, noteTextDelete(room, root, client, from, to))
  }
}

/** A deleted cell that is still live in this turn. */
const noteVictim = ({ judged, overlay }: Judging, { path, client, clock }: LiveCell): void => {
  const live = overlay.cells.at(path).find(cell => cell.client === client && cell.clock === clock)
  if (live !== undefined && judged.addVictim(live)) judged.countDeleted(client, 1)
}

/** What is written in the place of something else makes a text no longer. */
const shorten = (judged: Judged, root: string, chars: number): void => {
  if (chars > 0) judged.growText(root, -chars)
}

/** How many ids of it are deleted by this that were not before. */
const noteTextDelete = (
  { judged, overlay }: Judging,
  root: string,
  client: number,
  from: number,
  to: number,
): number => {
  if (root === '' || root === CELLS) return 0
  let start = from
  let deleted = 0
  for (let at = from; at <= to; at++) {
    if (at < to && !overlay.isTextDeleted(client, at)) continue
    if (at > start) {
      judged.growText(root, 0)
      judged.addTextDelete({ client, clock: start, end: at })
      judged.countDeleted(client, at - start)
      deleted += at - start
    }
    start = at + 1
  }
  return deleted
}
