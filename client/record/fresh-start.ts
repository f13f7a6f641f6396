// Starting afresh, the one way of recovery: after a refusal, a new epoch, or a clock set right. The server's state
// is taken under a new client id, one's own unsent edits are put back, and what was refused goes to the tray.
// Exactly one tab does it, under a lock on user and record; it persists what it did before anything is sent. The
// others find a later generation on the device, and put back only what it does not name.

import * as Y from 'yjs'
import { msToStamp } from '../../shared/record/clock.ts'
import { CREATED, entryPathOf } from '../../shared/record/path.ts'
import {
  collectUnsent,
  type Left,
  type PutBack,
  putBack,
  type Unsent,
  type UnsentContent,
} from '../../shared/record/rebase.ts'
import { lastOf } from '../../shared/record/view.ts'
import type { Refused } from '../../shared/wire/sync-message.ts'
import {
  areSameKeys,
  isCheck,
  LocalConflict,
  LocalStoreError,
  type LocalWrite,
} from '../local/local-store.ts'
import {
  type Handled,
  isLater,
  joinHandled,
  putLedger,
  readGeneration,
  readHead,
  type RecordHead,
  removeAsRead,
  removeGeneration,
  type StoredRecord,
} from '../local/record-store.ts'
import type { Edit } from './edit-ledger.ts'
import type { Replica } from './replica.ts'
import type { Besides } from './replica-log.ts'
import type { Tray } from './tray.ts'
import type { Workplace } from './workplace.ts'

export interface Refusal {
  readonly refused: Refused
  /** The edits that the refused message carried, as far as that is known. */
  readonly edits: readonly Edit[]
}

export interface FreshStartParts {
  readonly room: string
  readonly workplace: Workplace
  readonly tray: Tray
  make(stored: StoredRecord): Replica
  /** It is to take the place of the record's. */
  sync(replica: Replica): Candidate
  isClosed(): boolean
  /** What was refused up to this moment. */
  takeRefusals(): readonly Refusal[]
  /** From now on this replica is the record. */
  enter(replica: Replica): void
  toTray(contents: readonly UnsentContent[], replica: Replica): void
}

/** A replica that is being brought up to date. */
export interface Candidate {
  /** Its channel has ended, also where that was after it was synced. */
  readonly hasFailed: boolean
  /** Whether it is synced, once that is known; false also where nobody waits for it any more. */
  settled(): Promise<boolean>
}

export const startAfresh = async (old: Replica, parts: FreshStartParts): Promise<void> => {
  old.channel.disconnect()
  await alone(parts, async () => {
    await old.flush()
    const there = await laterThan(old, parts)
    // Of the same number it knows nothing of this one, which may have been purged: the server says so before.
    const isNext = there !== null && there.head.generation > old.head.generation
    const begun = isNext ? beginFrom(there, parts) : await beginFromServer(old, parts)
    if (begun === null || parts.isClosed()) {
      await begun?.next.close({ keep: false })
      return
    }
    if (old.isHeld) begun.next.hold()
    await swap(old, begun, parts)
    const { later } = begun
    old.overtake(begun.next.notKept)
    begun.next.answerFor(old)
    if (later === null) begun.next.channel.release()
    else begun.next.connect()
    // What the other tab has put there, should this one have slept through being told.
    if (later !== null) await parts.tray.load().catch(() => {})
    await old.close({ keep: false })
  })
}

/**
 * By a tab that is closed: what it could not write to the device any more, because another has begun afresh, goes
 * into what that one began, which is told of it and sends it.
 */
export const leaveBehind = async (old: Replica, parts: FreshStartParts): Promise<void> => {
  if (old.ledger.isEmpty || (await laterThan(old, parts)) === null) return
  await alone(parts, async () => {
    const later = await laterThan(old, parts)
    if (later === null) return
    const begun = beginFrom(later, parts)
    await swap(old, begun, parts)
    await begun.next.close()
  })
}

const alone = ({ workplace, room }: FreshStartParts, work: () => Promise<void>): Promise<void> =>
  workplace.surroundings.locks.request(`corecord fresh start ${workplace.owner} ${room}`, work)

/** What another tab has begun meanwhile, by what the device has of it, or by what that tab told where the device is full. */
export const laterThan = async (
  old: Replica,
  { workplace, room }: FreshStartParts,
): Promise<StoredRecord | null> => {
  const head = old.isHeld ? null : await readHead(workplace.store, room).catch(() => null)
  const told = toldLaterThan(old)
  if (head === null) return told
  // Who was told as well, and has followed, has noted there what of it is put back by now.
  const isThere = told === null ? isLater(head, old.head) : head.generation >= told.head.generation
  return isThere ? await readGeneration(workplace.store, head) : told
}

const toldLaterThan = ({ toldLater, head }: Replica): StoredRecord | null =>
  toldLater !== null && toldLater.head.generation > head.generation ? toldLater : null

interface Begun {
  readonly next: Replica
  /** What another tab has begun meanwhile, and this one only follows. */
  readonly later: RecordHead | null
  readonly past: Past
}

/** What is to be gone of the generation before: exactly what was read of it, where it could be read. */
interface Past {
  readonly read: StoredRecord | null
  readonly writes: readonly LocalWrite[]
}

const NO_PAST: Past = { read: null, writes: [] }

const beginFrom = (there: StoredRecord, { make }: FreshStartParts): Begun => ({
  next: make(there),
  later: there.head,
  past: NO_PAST,
})

/** Before it is tried again to get a room's state: the server has just been loading it anew. */
const TRY_AGAIN_MS = 1_000

/**
 * A room that is loaded anew lets go of its channels once more: then again, for as long as it takes, and with nothing
 * of what was taken in, which may stand in the next epoch under other ids.
 */
const beginFromServer = async (old: Replica, parts: FreshStartParts): Promise<Begun | null> => {
  const { make, sync, workplace } = parts
  const head: RecordHead = { ...old.head, epoch: '', generation: old.head.generation + 1, commit: 0 }
  for (;;) {
    const next = make({ head, updates: [], ledgers: [] })
    const candidate = sync(next)
    next.connect({ hold: true, askWith: old.head.epoch })
    let isSynced = await candidate.settled()
    if (isSynced) {
      // The other tabs fall silent, and wait for this one: what they had sent before is in what the server says now.
      old.overtake(null)
      next.channel.askAgain()
      isSynced = await candidate.settled()
    }
    // Who slept meanwhile may find another's, told or on the device.
    const there = await laterThan(old, parts)
    if (there !== null) {
      await next.close({ keep: false })
      return beginFrom(there, parts)
    }
    // Only now, since tabs come and go while the server is waited for.
    const past = isSynced ? await takeWhatIsLeft(old, parts) : NO_PAST
    if (isSynced && !candidate.hasFailed) return { next, later: null, past }
    await next.close({ keep: false })
    if (!candidate.hasFailed) return null
    await new Promise<void>(done => workplace.surroundings.after(TRY_AGAIN_MS, done))
    if (parts.isClosed()) return null
  }
}

/** What tabs that are gone have left, on the device alone. The answer takes exactly that off the device. */
const takeWhatIsLeft = async (old: Replica, { workplace }: FreshStartParts): Promise<Past> => {
  if (old.isHeld) return NO_PAST
  const read = await readGeneration(workplace.store, old.head).catch(() => null)
  if (read === null) return unreadPast(old.head)
  old.mergeStored(read.updates)
  old.adopt(read.ledgers)
  old.learnHandled(read.head.handled)
  return readPast(read)
}

const readPast = (read: StoredRecord): Past => ({ read, writes: removeAsRead(read) })
const unreadPast = (head: RecordHead): Past => ({ read: null, writes: removeGeneration(head) })

/** A tab that goes on writing into what is being left lives, and puts it back itself. */
const READINGS_MAX = 5

/** `next` takes the place of `old`, on the screen at once, and on the device with all that was to be put back. */
const swap = async (old: Replica, begun: Begun, parts: FreshStartParts): Promise<void> => {
  const { next, later } = begun
  let isBegun = (): void => {}
  next.waitFor(new Promise(done => (isBegun = done)))
  try {
    const refusals = parts.takeRefusals()
    parts.enter(next)
    const { handled } = later ?? old.head
    const told = notesOfTold(old, later)
    // Where the device has not even taken the beginning of what is left.
    let before = [...told, ...old.notBegun]
    const isFirst = later === null || later.generation === old.head.generation
    let moved = moveOver(old, begun, parts, { handled, isFirst, refusals, toTray: [] })
    let { past } = begun
    for (let readings = 1; !(await keep(next, moved, past, before, parts)); readings++) {
      past = readings < READINGS_MAX ? await takeWhatIsLeft(old, parts) : unreadPast(old.head)
      before = [...told, ...((await old.takesInMore()) ? old.notBegun : withoutChecks(old.notBegun))]
      moved = moveOver(old, begun, parts, { ...moved, isFirst: false, refusals: [] })
    }
  } finally {
    isBegun()
  }
}

/** Of what another tab told, and could not write to the device itself, this says what in it is unsaved. */
const notesOfTold = ({ toldLater }: Replica, later: RecordHead | null): readonly LocalWrite[] =>
  toldLater !== null && later === toldLater.head ? toldLater.ledgers.map(kept => putLedger(later, kept)) : []

interface Moved {
  readonly handled: Handled
  readonly toTray: readonly LocalWrite[]
}

interface ToMove {
  /** Of client ids: up to which clock their edits have been moved before, by another tab or by this one. */
  readonly handled: Handled
  /** Nobody has moved anything of it before. */
  readonly isFirst: boolean
  readonly refusals: readonly Refusal[]
  /** What has been moved there before. */
  readonly toTray: readonly LocalWrite[]
}

/** In one go: what a person writes meanwhile must be in one or the other. */
const moveOver = (
  old: Replica,
  { next, later }: Begun,
  { workplace, tray, room, toTray }: FreshStartParts,
  { handled, isFirst, refusals, toTray: before }: ToMove,
): Moved => {
  const left = isFirst ? null : old.leftSince(new Map(handled).get(old.doc.clientID) ?? 0)
  const held = heldClocks(old, next, later !== null)
  if (isFirst && later === null) addUnheld(held, old, next)
  const unsent = collectFrom(old, next, held, { handled, left })
  old.wasMoved()
  const sorted = sortOut(unsent, refusals, { isFollowing: later !== null })
  const now = workplace.clock.now()
  const isClock = refusals.some(({ refused }) => refused.code === 'CLOCK_AHEAD')
  const { unplaced } = putBackOn(next, sorted.back, isClock ? now : null)
  const trayed = [
    ...sorted.toTray,
    ...unplaced.map(({ content, why }) => ({
      contents: [content],
      refusal: { code: 'WRONG_STATE', sentence: why },
    })),
  ]
  toTray(
    trayed.flatMap(({ contents }) => contents),
    next,
  )
  return {
    handled: handledAfter(old, next, handled, held),
    toTray: [
      ...before,
      ...trayed.flatMap(({ contents, refusal }) => tray.add(room, contents, refusal, now, old.doc.clientID)),
    ],
  }
}

/** False where nothing is kept, since something has come to the device after it was read. */
const keep = async (
  next: Replica,
  { handled, toTray }: Moved,
  past: Past,
  before: readonly LocalWrite[],
  parts: FreshStartParts,
): Promise<boolean> => {
  const { workplace, tray } = parts
  const state = next.wholeState({ ...next.head, handled })
  const seq = next.ledger.lastSeq
  try {
    if (!next.isHeld && (await commit(workplace, [...before, ...past.writes, ...state, ...toTray]))) {
      next.wasKept(seq)
      tray.wasKept([...before, ...toTray])
    } else next.beginLater(laterBeginning(next, [...withoutChecks(before), ...toTray], past, parts))
    return true
  } catch (error) {
    if (error instanceof LocalConflict) return false
    throw error
  }
}

const withoutChecks = (writes: readonly LocalWrite[]): LocalWrite[] => writes.filter(write => !isCheck(write))

const laterBeginning = (
  next: Replica,
  toTray: readonly LocalWrite[],
  past: Past,
  parts: FreshStartParts,
  readings = 1,
): Besides => ({
  writes: () => parts.tray.asNow([...past.writes, ...toTray]),
  wereKept: writes => parts.tray.wasKept(writes),
  anew: async () => {
    const came = await takeWhatCame(next, past, parts, readings)
    return came && laterBeginning(next, [...toTray, ...came.toTray], came.past, parts, readings + 1)
  },
})

/** By a tab that slept, woke on a device that knew of nothing, and may be gone: it is put back as all before it was. */
const takeWhatCame = async (
  next: Replica,
  { read }: Past,
  parts: FreshStartParts,
  readings: number,
): Promise<{ readonly past: Past; readonly toTray: readonly LocalWrite[] } | null> => {
  const { store } = parts.workplace
  const now = (await readHead(store, parts.room))?.generation
  if (read === null || now === undefined || now > next.head.generation) return null
  // A tab that was told of this beginning has written it: what came before that it has put back.
  const isWritten = now === next.head.generation
  if (isWritten || readings === READINGS_MAX) return { past: unreadPast(read.head), toTray: [] }
  const there = await readGeneration(store, read.head)
  const isKnown = ({ key }: StoredRecord['updates'][number]): boolean =>
    read.updates.some(one => areSameKeys([one.key], [key]))
  const left = parts.make({ ...there, updates: there.updates.filter(isKnown) })
  left.wasMoved()
  left.mergeStored(there.updates.filter(one => !isKnown(one)))
  const begun = { next, later: null, past: NO_PAST }
  const before = { handled: next.head.handled, isFirst: false, refusals: [], toTray: [] }
  const { handled, toTray } = moveOver(left, begun, parts, before)
  next.learnHandled(handled)
  await left.close({ keep: false })
  return { past: readPast(there), toTray }
}

/** Where the device takes nothing, the page goes on with what it has in memory. */
export const commit = async (workplace: Workplace, writes: readonly LocalWrite[]): Promise<boolean> => {
  try {
    await workplace.store.commit(writes)
    return true
  } catch (error) {
    if (!(error instanceof LocalStoreError)) throw error
    workplace.storageFailed(error.trouble)
    return false
  }
}

/** For each of my client ids, the first clock that the server does not hold. */
const heldClocks = (old: Replica, next: Replica, isFromDevice: boolean): Map<number, number> => {
  const isSameEpoch = old.head.epoch === next.head.epoch
  const told = new Map(next.channel.heldBefore)
  const held = new Map<number, number>()
  for (const client of old.ownClients) {
    // Of another epoch the server's memory tells, whatever it once acknowledged: an id that a restored backup has
    // never heard of is not held at all. Where another tab has asked, and not this one, the acknowledgements tell.
    // What began before the device told of which epoch it was may have written into this one, too.
    const there = Y.getState(next.doc.store, client)
    const clock = told.get(client) ?? (isFromDevice ? old.firstUnsaved(client) : 0)
    held.set(client, isSameEpoch ? there : Math.max(there, clock))
  }
  return held
}

/**
 * What a server lacks of its own epoch some tab of this person wrote, though this one may have heard of it from a third
 * alone: where that was refused, nothing else is to be taken for it.
 */
const addUnheld = (held: Map<number, number>, old: Replica, next: Replica): void => {
  if (old.head.epoch !== next.head.epoch) return
  for (const [client, clock] of Y.decodeStateVector(Y.encodeStateVector(old.doc))) {
    const there = Y.getState(next.doc.store, client)
    if (clock > there) held.set(client, there)
  }
}

/** What of a replica need not be put back, though the server does not hold it. */
interface Done {
  /** By another tab, or by this one before. */
  readonly handled: Handled
  /** What of its deletions and formats is still to be put back; null where all is. */
  readonly left: Left | null
}

const NOTHING_DONE: Done = { handled: [], left: null }

/** `next` has what the server holds; null where nothing is asked of it any more. */
export const collectFrom = (
  old: Replica,
  next: Replica | null,
  heldByServer: ReadonlyMap<number, number>,
  done: Done = NOTHING_DONE,
): Unsent => {
  const journal = old.wholeJournal
  const handled = new Map(done.handled)
  const isHandled = (client: number): boolean => (handled.get(client) ?? 0) > (heldByServer.get(client) ?? 0)
  const held = new Map(
    [...heldByServer].map(([client, clock]) => [client, Math.max(clock, handled.get(client) ?? 0)]),
  )
  const fresh = next && {
    index: next.record.index,
    doc: old.head.epoch === next.head.epoch ? next.doc : null,
    left: done.left,
  }
  const unsent = collectUnsent(old.record.type, old.doc, held, journal, fresh)
  const cells = unsent.cells.map(cell => {
    if (cell.difference === undefined || next === null) return cell
    if (isHandled(cell.client)) return { ...cell, isRestDone: true }
    if (journal.entry(cell.path)?.totals !== undefined) return cell
    // A share that was saved once and is gone from a restored server: what stands there still is what it had.
    const there = lastOf(next.record.index.at(cell.path))?.value ?? 0
    return { ...cell, difference: Number(cell.value) - Number(there) }
  })
  // A text that was deleted from leaves nothing to count; whether that is unsaved, the ledger knows.
  const isUnsaved = (field: string): boolean =>
    done.left?.paths.has(field) ?? old.ledger.edits.some(({ paths }) => paths.has(field))
  const texts = unsent.texts.filter(({ field, typed = [] }) => typed.length > 0 || isUnsaved(field))
  return { cells, texts }
}

export const contentsOf = ({ cells, texts }: Unsent): UnsentContent[] => [
  ...cells.map(cell => ({ cell })),
  ...texts.map(text => ({ text })),
]

interface Sorted {
  readonly back: Unsent
  readonly toTray: readonly { readonly contents: readonly UnsentContent[]; readonly refusal: Refused }[]
}

/**
 * Takes out what was refused. Something always is, so that a server that goes on refusing comes to an end; only what
 * was refused twice, here or in another tab that has begun afresh for it, takes nothing else along.
 */
const sortOut = (
  unsent: Unsent,
  refusals: readonly Refusal[],
  { isFollowing }: { readonly isFollowing: boolean },
): Sorted => {
  let back = unsent
  const seen = new Set<string>()
  const toTray: { contents: readonly UnsentContent[]; refusal: Refused }[] = []
  for (const { refused, edits } of refusals) {
    if (MADE_GOOD_BY_ITSELF.has(refused.code)) continue
    const named = refused.paths.includes(CREATED) ? [''] : writtenAt(back, refused.paths)
    const carried = edits.flatMap(({ paths }) => [...paths])
    const isTaken = refused.paths.length > 0 && (isFollowing || refused.paths.every(path => seen.has(path)))
    for (const path of refused.paths) seen.add(path)
    const taken = (isTaken ? [named] : [named, carried, ['']])
      .map(paths => take(back, paths))
      .find(({ contents }) => contents.length > 0)
    if (taken === undefined) continue
    back = taken.rest
    toTray.push({ contents: taken.contents, refusal: refused })
  }
  return { back, toTray }
}

/** What an entry lacks was written nowhere: the entry that is begun without it is what was refused. */
const writtenAt = ({ cells, texts }: Unsent, paths: readonly string[]): readonly string[] => {
  const written = new Set(
    [...cells.map(({ path }) => path), ...texts.map(({ field }) => field)].flatMap(withParents),
  )
  return paths.map(path => {
    const entry = entryPathOf(path)
    return !written.has(path) && written.has(`${entry}/${CREATED}`) ? entry : path
  })
}

/** `steps/7/label`, `steps/7`, `steps`: a record may be refused in thousands of places at once. */
const withParents = (path: string): string[] => {
  const all = [path]
  for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1))
    all.push(path.slice(0, slash))
  return all
}

/** Codes upon which the same edits, under a new client id and with right stamps, are taken. */
const MADE_GOOD_BY_ITSELF: ReadonlySet<string> = new Set([
  'CLOCK_AHEAD',
  'CLIENT_ID_SPENT',
  'EPOCH_CHANGED',
  'NOT_OWNER',
  'PENDING',
])

const take = (unsent: Unsent, paths: readonly string[]): { contents: UnsentContent[]; rest: Unsent } => {
  const named = new Set(paths)
  const isMeant = (path: string): boolean => named.has('') || withParents(path).some(one => named.has(one))
  const { cells, texts } = unsent
  return {
    contents: contentsOf({
      cells: cells.filter(({ path }) => isMeant(path)),
      texts: texts.filter(({ field }) => isMeant(field)),
    }),
    rest: {
      cells: cells.filter(({ path }) => !isMeant(path)),
      texts: texts.filter(({ field }) => !isMeant(field)),
    },
  }
}

/** Stamps later than `now` are given anew. The journal then knows of the edits what the old one knew. */
export const putBackOn = (replica: Replica, unsent: Unsent, now: number | null): PutBack => {
  const done = putBack(replica.record, unsent, now === null ? {} : { stampMax: msToStamp(now) })
  replica.journal.note(done.written)
  return done
}

/**
 * What was left to the tab that wrote it, and lives, is still to be put back by that one. It does not ask the server
 * any more, so it finds here what the server told, also of an id that this tab has never met.
 */
const handledAfter = (
  old: Replica,
  next: Replica,
  before: Handled,
  held: ReadonlyMap<number, number>,
): Handled => {
  const handled = new Map(joinHandled(before, next.channel.heldBefore))
  for (const [client, clock] of held)
    if (clock !== Number.POSITIVE_INFINITY) handled.set(client, Y.getState(old.doc.store, client))
  return [...handled]
}

/** What an editor that is still bound to what was left has typed there since, as of a clock of its client id. */
export const putBackLate = (left: Replica, from: number, now: Replica): void => {
  const { record, doc } = left
  const { texts } = collectUnsent(record.type, doc, new Map([[doc.clientID, from]]), null)
  if (texts.length > 0) putBackOn(now, { cells: [], texts }, null)
}
