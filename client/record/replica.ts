// One generation of a record on this device: the doc, what of it is unsaved, its log on the device, its channel to
// the room, and the other tabs that have it. A fresh start replaces it by another.

import * as Y from 'yjs'
import type { RecordType } from '../../shared/record/record-type.ts'
import { Journal, type JournalState, readText, type TextNote } from '../../shared/record/journal.ts'
import { CELLS } from '../../shared/record/cell.ts'
import { CREATED } from '../../shared/record/path.ts'
import type { Left } from '../../shared/record/rebase.ts'
import { RecordOnDoc } from '../../shared/record/record.ts'
import { errorCodes } from '../../shared/wire/error-codes.ts'
import type { Refused } from '../../shared/wire/sync-message.ts'
import type { ChannelEnd } from '../link/carrier.ts'
import type { LocalWrite } from '../local/local-store.ts'
import { STORAGE_ANSWERS_WITHIN_MS } from '../local/open-store.ts'
import type { TabPort } from '../surroundings.ts'
import { report } from '../told.ts'
import {
  type Handled,
  joinHandled,
  type KeptLedger,
  NOTHING_UNSAVED,
  isLater,
  putLedger,
  readHead,
  type RecordHead,
  type StoredRecord,
} from '../local/record-store.ts'
import { type Edit, EditLedger } from './edit-ledger.ts'
import { type ConnectWith, ReplicaChannel } from './replica-channel.ts'
import { type Besides, ReplicaLog } from './replica-log.ts'
import { SiblingShares } from './sibling-shares.ts'
import { SiblingTabs, tellOvertaken } from './sibling-tabs.ts'
import type { Workplace } from './workplace.ts'
import { type Written, writtenIn } from './written.ts'

/** What the record on the desk is told. */
export interface ReplicaEvents {
  changed(change: ReplicaChange): void
  /** Save states, of these paths alone where some are named, standing, whether it is synced. */
  statusChanged(paths?: ReadonlySet<string>): void
  refused(refusal: Refused, edits: readonly Edit[]): void
  /** The server holds another epoch. */
  outdated(): void
  channelEnded(end: ChannelEnd): void
  /** Another tab has started afresh. */
  overtaken(): void
  /** Under its own client id, from this clock on, into a text of what is closed. */
  writtenLate(from: number): void
}

export interface ReplicaChange {
  readonly paths: ReadonlySet<string>
  readonly from: 'here' | 'tab' | 'others'
  /** Asked for at once: it is counted for who listens alone. */
  written(): Written
}

const pathsOf = (edits: readonly Edit[]): ReadonlySet<string> =>
  new Set(edits.flatMap(({ paths }) => [...paths]))

/** Transaction origins of what does not come from a person at this screen. */
const LOADED = Symbol('loaded from the device')
const FROM_TAB = Symbol('from another tab')

export class Replica {
  readonly doc = new Y.Doc()
  readonly record: RecordOnDoc
  readonly journal: Journal
  readonly ledger = new EditLedger()
  readonly channel: ReplicaChannel
  readonly #workplace: Workplace
  readonly #events: ReplicaEvents
  readonly #log: ReplicaLog
  #head: RecordHead
  #tabs: SiblingTabs | null = null
  readonly #shares: SiblingShares
  /** Paths that the transaction under way has touched. */
  readonly #touched = new Set<string>()
  readonly #ownClients = new Set<number>()
  /** Client ids of tabs that are gone; the edit in the ledger that stands for what they left unsaved, and its clock. */
  readonly #adopted = new Map<number, { readonly seq: number; readonly from: number }>()
  readonly #lateLedgers: KeptLedger[] = []
  #isStarted = false
  #wasOpened = false
  #isClosed = false
  /** The clock of this doc's own client id up to which everything was moved to what has taken its place. */
  #movedUpTo: number | null = null
  /** Edits of this tab that are not on the device, where others find them; once all was moved, whatever came since. */
  #late: { readonly edit: Edit | null; readonly left: Left }[] = []
  readonly #strangeRoots = new Set<string>()
  #toldLater: StoredRecord | null = null
  #tabsName = ''
  /** By name: where this one answers for those before. */
  readonly #answered = new Map<string, TabPort>()

  constructor(
    type: RecordType,
    id: string,
    workplace: Workplace,
    stored: StoredRecord,
    events: ReplicaEvents,
  ) {
    this.#workplace = workplace
    this.#events = events
    this.#head = stored.head
    for (const { bytes } of stored.updates) Y.applyUpdate(this.doc, bytes, LOADED)
    this.#log = this.#makeLog(stored)
    this.adopt(stored.ledgers)
    this.journal = new Journal(type, this.doc, joinJournals(stored.ledgers))
    this.record = new RecordOnDoc(type, this.doc, {
      id,
      author: workplace.me.id,
      me: workplace.me,
      clock: workplace.clock,
      savedClock: () => this.savedClock,
      onWrite: written => {
        this.journal.note(written)
        this.#log.ledgerChanged()
      },
    })
    this.#shares = new SiblingShares(type, this.record.index)
    this.record.subscribe('', paths => {
      for (const path of paths) this.#touched.add(path)
    })
    // Before the provider listens, so that what it sends is known by the edit that it carries.
    this.doc.on('update', this.#onUpdate)
    this.doc.on('afterTransaction', this.#onTransaction)
    this.channel = this.#makeChannel()
  }

  /** From now on it is the record's: it is kept, and other tabs hear of it. */
  start(): void {
    this.#isStarted = true
    this.journal.start(({ local, origin }) => !local && origin !== LOADED && origin !== FROM_TAB)
    this.#log.start()
    this.#headChanged({ usedAt: this.#workplace.clock.now() })
    this.#openTabs()
  }

  connect(options?: ConnectWith): void {
    if (!this.#isClosed) this.channel.connect(options)
  }

  /** Nothing more is taken from, or told to, anybody. What is unsaved stays in the doc for whoever replaces it. */
  async close(options: { readonly keep?: boolean } = {}): Promise<void> {
    if (this.#isClosed) return
    this.channel.disconnect()
    this.#tabs?.close()
    this.#tabs = null
    for (const port of this.#answered.values()) port.close()
    await this.#log.close({ keep: options.keep !== false })
    this.#isClosed = true
    this.doc.off('update', this.#onUpdate)
    this.journal.close()
    this.record.close()
    this.channel.close()
    this.doc.destroy()
    this.#watchLate()
  }

  /** Everything up to now is in what takes its place. */
  wasMoved(): void {
    this.#movedUpTo = this.#ownState
    this.#late = []
    this.journal.noteTexts()
  }

  /**
   * What has come since all was moved. Where another tab has moved it, what that one did not find on the device, and
   * did not hear of either: of this one's edits it knew those up to a clock.
   */
  leftSince(knownUpTo: number): Left {
    const late = this.#late.filter(
      ({ edit }) => edit === null || (!edit.isOnDevice && (edit.clock ?? 0) >= knownUpTo),
    )
    return {
      deletions: Y.mergeDeleteSets(late.map(({ left }) => left.deletions)),
      paths: new Set(late.flatMap(({ left }) => [...left.paths])),
    }
  }

  get #ownState(): number {
    return Y.getState(this.doc.store, this.doc.clientID)
  }

  /** An editor goes on writing into the text that it was bound to, until somebody binds it anew. */
  #watchLate(): void {
    let from = this.#movedUpTo ?? this.#ownState
    const look = (): void => {
      const before = from
      from = this.#ownState
      if (from > before) this.#events.writtenLate(before)
    }
    look()
    this.doc.on('afterTransaction', look)
  }

  /** What an editor makes up in the doc by itself, of a kind that no field is, would be refused without a word of it. */
  readonly #onTransaction = ({ local, changed }: Y.Transaction): void => {
    if (!local) return
    const { name, fields } = this.record.type
    for (const changedType of changed.keys()) {
      const root = rootNameOf(changedType)
      if (root === CELLS || fields[root]?.kind === 'text' || this.#strangeRoots.has(root)) continue
      this.#strangeRoots.add(root)
      report(
        new TypeError(
          `«${root}» is no text of ${name}, and nothing that is written there is saved: an editor binds to record.text(…)`,
        ),
      )
    }
  }

  get head(): RecordHead {
    return this.#head
  }

  get isSynced(): boolean {
    return this.channel.isSynced
  }

  get state(): Written {
    const { store } = this.doc
    return new Map([...store.clients.keys()].map(client => [client, Y.getState(store, client)]))
  }

  get hasContent(): boolean {
    return this.record.index.at(CREATED).length > 0 || this.record.index.size > 0
  }

  /** What is known of all that is unsaved here, whoever of this person's tabs wrote it. */
  get wholeJournal(): Journal {
    const own: KeptLedger = { ...this.#ownLedger, edits: null }
    const noted = joinJournals([...this.#lateLedgers, own])
    return new Journal(this.record.type, this.doc, this.#shares.joined(noted))
  }

  /** The first clock of this doc's own client id that is not saved. */
  get savedClock(): number {
    const first = this.ledger.edits.find(({ clock }) => clock !== null)
    const { _transaction: underWay, clientID } = this.doc
    // What is written together is in the ledger once it is written as a whole.
    const state = underWay === null ? this.#ownState : (underWay.beforeState.get(clientID) ?? 0)
    return first?.clock ?? state
  }

  /** The first clock of a client id of mine that is not known to be saved, by what this tab was told. */
  firstUnsaved(client: number): number {
    if (client === this.doc.clientID) return this.savedClock
    return this.#adopted.get(client)?.from ?? Number.POSITIVE_INFINITY
  }

  /** All ids that this person wrote under here. */
  get ownClients(): readonly number[] {
    return [...this.#ownClients, this.doc.clientID]
  }

  /** Takes over what other tabs, or earlier visits, have left unsaved. */
  adopt(ledgers: readonly KeptLedger[]): void {
    for (const kept of ledgers) {
      const { client, edits } = kept
      if (client === this.doc.clientID) continue
      if (this.#isStarted) this.#lateLedgers.push(kept)
      this.#ownClients.add(client)
      if (edits === null || this.#adopted.has(client)) continue
      const edit = this.ledger.note(edits.paths, edits.at, null, edits.count)
      edit.isOnDevice = this.#workplace.store.kind === 'device'
      this.#adopted.set(client, { seq: edit.seq, from: edits.from ?? 0 })
    }
  }

  /** The device told late what it holds: of that epoch it is, whatever the server has said meanwhile. */
  isOf(head: RecordHead): void {
    this.#headChanged({ ...head, usedAt: this.#head.usedAt })
    this.#openTabs()
  }

  /** What other tabs of this generation have put back of earlier ones. */
  learnHandled(handled: Handled): void {
    this.#head = { ...this.#head, handled: joinHandled(this.#head.handled, handled) }
  }

  /** What other tabs have written to the device. */
  mergeStored(updates: StoredRecord['updates']): void {
    this.channel.quietly(() => {
      for (const { bytes } of updates) Y.applyUpdate(this.doc, bytes, LOADED)
    })
  }

  /** Writes what has not been written. False where the device would not take it. */
  flush(): Promise<boolean> {
    return this.#log.flush()
  }

  /** What the device holds has not been read: nothing is written over it until `release`. */
  hold(): void {
    this.#log.hold()
  }

  release(): void {
    this.#log.release()
  }

  get isHeld(): boolean {
    return this.#log.isHeld
  }

  /** Nothing is written to the device before somebody else has written the beginning of the generation. */
  waitFor(beginning: Promise<void>): void {
    this.#log.waitFor(beginning)
  }

  /** All of it as the beginning of a generation, for the caller to commit. */
  wholeState(head: RecordHead): LocalWrite[] {
    this.#head = head
    return this.#log.wholeState()
  }

  /** The device would not take the beginning: it is written with the next that it takes, and this with it. */
  beginLater(besides: Besides): void {
    this.#log.beginLater(besides)
  }

  /** What that was, as long as the device has not taken it. */
  get notBegun(): readonly LocalWrite[] {
    return this.#log.notBegun
  }

  /** What has come since to what that takes away is taken in; false where there is nothing to take in. */
  takesInMore(): Promise<boolean> {
    return this.#log.takesInMore()
  }

  wasKept(upToSeq: number): void {
    if (this.#workplace.store.kind !== 'device') return
    const edits = this.ledger.onDevice(upToSeq)
    this.#late = this.#late.filter(({ edit }) => edit?.isOnDevice !== true)
    if (edits.length > 0) this.#events.statusChanged(pathsOf(edits))
  }

  /** Tells the other tabs that this generation is of the past; of the later one, where they will not find it on the device. */
  overtake(later: StoredRecord | null): void {
    this.#tabs?.overtake(later)
  }

  /** In the generation before, for whoever wakes up in it, or finds it on the device: until that has this one. */
  answerFor(past: Replica): void {
    const { surroundings, tab } = this.#workplace
    const { openTabPort } = surroundings
    if (openTabPort === null || this.notKept === null) return
    for (const name of [...past.#answered.keys(), past.#tabsName]) {
      const port = openTabPort(name)
      this.#answered.set(name, port)
      tellOvertaken(port, tab, () => this.notKept)
    }
  }

  /** What another tab has begun, and could not keep. */
  get toldLater(): StoredRecord | null {
    return this.#toldLater
  }

  /** As the device would have it; null where the device does. */
  get notKept(): StoredRecord | null {
    if (this.#log.isBegun) return null
    return {
      head: this.#head,
      updates: [{ key: [], bytes: Y.encodeStateAsUpdate(this.doc) }],
      ledgers: [this.#ownLedger],
    }
  }

  #makeLog(stored: StoredRecord): ReplicaLog {
    return new ReplicaLog(
      {
        workplace: this.#workplace,
        doc: this.doc,
        head: () => this.#head,
        ledgerWrites: () => this.#ledgerWrites(),
        isAllSaved: () => this.ledger.isEmpty && this.ledger.lastSeq > 0,
        lastSeq: () => this.ledger.lastSeq,
        kept: seq => this.wasKept(seq),
        overtaken: () => this.#events.overtaken(),
        mergeStored: updates => this.mergeStored(updates),
      },
      stored.updates.reduce((sum, { bytes }) => sum + bytes.length, 0),
    )
  }

  #makeChannel(): ReplicaChannel {
    return new ReplicaChannel({
      doc: this.doc,
      room: this.#head.room,
      ledger: this.ledger,
      carrier: this.#workplace.carrier,
      epoch: () => this.#head.epoch,
      isAgain: () => this.#head.again === true,
      opened: () => {
        const isJustMade = !this.#wasOpened && !this.ledger.edits.some(({ isOnDevice }) => isOnDevice)
        this.#wasOpened = true
        if (this.ledger.isEmpty) return
        // A tab that has overtaken this one says so, should it have slept through being told; or the device does.
        this.#tabs?.hello()
        if (this.#isStarted && !this.isHeld && !isJustMade) this.channel.holdFor(this.#lookForLater())
      },
      met: epoch => {
        this.#headChanged({ epoch })
        this.#openTabs()
      },
      saved: edits => this.#saved(edits),
      refused: (refused, edits) => this.#events.refused(refused, edits),
      tooLarge: edits => {
        if (!this.#isClosed) this.#events.refused(this.#tooLarge(), edits)
      },
      outdated: () => this.#events.outdated(),
      ended: end => this.#events.channelEnded(end),
      tookIn: commit =>
        this.#headChanged({ commit: Math.max(commit, this.#head.commit), asOf: this.#workplace.clock.now() }),
      wasTrue: (commit, at) =>
        this.#headChanged({
          commit: Math.max(commit, this.#head.commit),
          asOf: Math.max(at ?? 0, this.#head.asOf ?? 0),
        }),
      statusChanged: () => this.#events.statusChanged(),
    })
  }

  readonly #onUpdate = (update: Uint8Array, origin: unknown, _: Y.Doc, transaction: Y.Transaction): void => {
    const paths = new Set(this.#touched)
    this.#touched.clear()
    this.channel.carry(null)
    const left: Left = { deletions: transaction.deleteSet, paths }
    if (this.#movedUpTo !== null) this.#late.push({ edit: null, left })
    if (transaction.local) {
      const clock = transaction.beforeState.get(this.doc.clientID) ?? 0
      const edit = this.ledger.note(paths, this.#workplace.clock.now(), clock)
      if (this.#movedUpTo === null) this.#late.push({ edit, left })
      this.channel.carry(edit.seq)
      this.#log.ledgerChanged()
      this.#tabs?.wrote(edit, update)
    }
    if (origin !== LOADED) this.#log.add(update)
    const from = transaction.local ? 'here' : origin === FROM_TAB ? 'tab' : 'others'
    this.#events.changed({ paths, from, written: () => writtenIn(transaction) })
  }

  /** Who slept, and is back at the server, would send what another tab has put back meanwhile. */
  async #lookForLater(): Promise<void> {
    const { store, surroundings } = this.#workplace
    let giveUp = (): void => {}
    const late = new Promise<null>(done => {
      giveUp = surroundings.after(STORAGE_ANSWERS_WITHIN_MS, () => done(null))
    })
    const there = await Promise.race([readHead(store, this.#head.room).catch(() => null), late])
    giveUp()
    if (there !== null && isLater(there, this.#head)) this.#events.overtaken()
  }

  /** As the server would say it: of a text that, with its pictures, is beyond its limit, or of all that was to be sent. */
  #tooLarge(): Refused {
    const paths = Object.entries(this.record.type.fields)
      .filter(
        ([name, field]) =>
          field.kind === 'text' && JSON.stringify(readText(this.doc, name)).length > field.charsMax,
      )
      .map(([name]) => name)
    return { number: 0, code: 'TOO_LARGE', paths, sentence: errorCodes.TOO_LARGE.sentence, spent: [] }
  }

  #saved(edits: readonly Edit[]): void {
    if (edits.length === 0) return
    this.#late = this.#late.filter(({ edit }) => edit === null || !edits.includes(edit))
    // From now on it is there: should it be purged as well, nothing brings it back.
    if (this.#head.again === true) this.#headChanged({ again: false })
    if (this.ledger.isEmpty) {
      for (const client of this.ownClients) this.journal.savedCells(client, Number.POSITIVE_INFINITY)
    } else this.journal.savedCells(this.doc.clientID, this.savedClock)
    const unsavedPaths = this.ledger.edits.map(({ paths }) => paths)
    if (!this.journal.textsUnsaved.some(name => unsavedPaths.some(paths => paths.has(name)))) {
      this.journal.savedTexts()
    }
    this.#tabs?.saved(edits)
    this.#log.ledgerChanged()
    this.#events.statusChanged(pathsOf(edits))
  }

  #headChanged(change: Partial<RecordHead>): void {
    this.#head = { ...this.#head, ...change }
    this.#log.headChanged()
  }

  /** Tabs of the same epoch and generation; by another name from the moment that either changes. */
  #openTabs(): void {
    const { surroundings, tab, owner } = this.#workplace
    this.#tabs?.close()
    this.#tabs = null
    const { openTabPort } = surroundings
    if (openTabPort === null || this.#isClosed || !this.#isStarted) return
    const { room, epoch, generation } = this.#head
    this.#tabsName = ['corecord', owner, room, epoch, String(generation)].map(encodeURIComponent).join(' ')
    this.#tabs = new SiblingTabs({
      port: openTabPort(this.#tabsName),
      tab,
      surroundings,
      client: () => this.doc.clientID,
      stateVector: () => Y.encodeStateVector(this.doc),
      stateAfter: vector => Y.encodeStateAsUpdate(this.doc, vector),
      unsaved: () => this.ledger.edits.filter(({ clock }) => clock !== null),
      takeIn: update =>
        this.#shares.note(() => this.channel.quietly(() => Y.applyUpdate(this.doc, update, FROM_TAB))),
      lacks: () => this.doc.store.pendingStructs !== null,
      note: ({ paths, at, count }) => this.ledger.note(paths, at, null, count).seq,
      settle: seq => {
        if (this.ledger.settle(seq)) this.#events.statusChanged()
      },
      wroteUnder: client => this.#ownClients.add(client),
      lives: client => this.#disown(client),
      send: (seq, update) => this.channel.sendFor(seq, update),
      overtaken: later => {
        if (later !== null) this.#toldLater = later
        this.#events.overtaken()
      },
    })
    this.#tabs.start()
  }

  /** The tab that wrote under this client id is there, and answers for its own edits. */
  #disown(client: number): void {
    const adopted = this.#adopted.get(client)
    if (adopted === undefined) return
    this.#adopted.delete(client)
    if (this.ledger.settle(adopted.seq)) this.#events.statusChanged()
  }

  get #ownLedger(): KeptLedger {
    return { client: this.doc.clientID, edits: this.ledger.kept, journal: this.journal.state }
  }

  #ledgerWrites(): LocalWrite[] {
    const writes = [putLedger(this.#head, this.#ownLedger)]
    for (const [client, { seq }] of this.#adopted) {
      if (this.ledger.edits.some(edit => edit.seq === seq)) continue
      this.#adopted.delete(client)
      writes.push(putLedger(this.#head, { client, edits: null, journal: NOTHING_UNSAVED }))
    }
    return writes
  }
}

const joinJournals = (ledgers: readonly KeptLedger[]): JournalState => ({
  entries: ledgers.flatMap(({ journal }) => journal.entries),
  // Of one text the earliest counts, which is the last here: how it read before any of what is unsaved.
  texts: ledgers
    .flatMap(({ journal }) => journal.texts)
    .sort(([, one], [, other]) => knownWhenNoted(other) - knownWhenNoted(one)),
})

/** Who comes later has seen more, of whomever. */
const knownWhenNoted = ({ state }: TextNote): number =>
  state?.reduce((sum, [, clock]) => sum + clock, 0) ?? Number.MAX_SAFE_INTEGER

const rootNameOf = (type: Parameters<typeof Y.findRootTypeKey>[0]): string => {
  let root = type
  while (root._item !== null && root._item.parent instanceof Y.AbstractType) root = root._item.parent
  return Y.findRootTypeKey(root)
}
