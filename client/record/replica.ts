// One generation of a record on this device: the doc, what of it is unsaved, its place in the local store, and
// y-websocket's provider over a channel of the link. A fresh start replaces it by another.

import { Awareness, removeAwarenessStates } from 'y-protocols/awareness'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import type { RecordType } from '../../shared/record/define-record.ts'
import { Journal, type JournalState } from '../../shared/record/journal.ts'
import { CREATED } from '../../shared/record/path.ts'
import { RecordOnDoc } from '../../shared/record/record.ts'
import {
  readChannelMessage,
  type Refused,
  type Standing,
  writeSyncStep1,
  writeUpdate,
} from '../../shared/wire/sync-message.ts'
import type { Channel, ChannelEnd, HeldClocks } from '../link/carrier.ts'
import { ChannelSocket, clientsIn, type Outgoing } from '../link/channel-socket.ts'
import { LocalConflict, LocalStoreError, type LocalWrite } from '../local/local-store.ts'
import {
  joinUpdates,
  type KeptLedger,
  checkGeneration,
  NOTHING_UNSAVED,
  putHead,
  putLedger,
  putUpdate,
  readUpdates,
  type RecordHead,
  type StoredRecord,
} from '../local/record-store.ts'
import { type Edit, EditLedger } from './edit-ledger.ts'
import { SiblingTabs } from './sibling-tabs.ts'
import type { Workplace } from './workplace.ts'

/** What the live record is told. */
export interface ReplicaEvents {
  /** The content changed; `own` where the person did it in this tab. */
  changed(change: ReplicaChange): void
  /** Save states, presence of the channel, or the like. */
  statusChanged(): void
  refused(refusal: Refused, edits: readonly Edit[]): void
  /** The server holds another epoch, or will not take this doc's client id. */
  outdated(standing: Standing): void
  channelEnded(reason: ChannelEnd): void
  /** Another tab has started afresh. */
  overtaken(): void
}

export interface ReplicaChange {
  readonly paths: ReadonlySet<string>
  readonly from: 'here' | 'tab' | 'others'
}

/** Transaction origins of what does not come from a person at this screen. */
const LOADED = Symbol('loaded from the device')
const FROM_TAB = Symbol('from another tab')

/** A compaction is not worth its transaction below this. */
const COMPACT_BYTES_MIN = 512

export class Replica {
  readonly doc = new Y.Doc()
  readonly record: RecordOnDoc
  readonly journal: Journal
  readonly ledger = new EditLedger()
  readonly awareness: Awareness
  readonly #workplace: Workplace
  readonly #events: ReplicaEvents
  #head: RecordHead
  #provider: WebsocketProvider | null = null
  #socket: ChannelSocket | null = null
  #channel: Channel | null = null
  #standing: Standing | null = null
  #tabs: SiblingTabs | null = null
  /** Messages that may not leave before what they rest on is on the device. */
  #held: Uint8Array[] | null = null
  readonly #touched = new Set<string>()
  #carrying: number | null = null
  #isQuiet = false
  /** The commit number that this channel has brought the record to. */
  #commit = 0
  #isSynced = false
  #isOvertaken = false
  #isClosed = false
  #isClosing = false
  /** Client ids of tabs that are gone, and the edit in the ledger that stands for what they left unsaved. */
  readonly #adopted = new Map<number, number>()
  readonly #ownClients = new Set<number>()
  readonly #lateLedgers: KeptLedger[] = []
  #isStarted = false
  #heldBefore: HeldClocks = []
  #queue: Uint8Array[] = []
  #headIsDirty = false
  #ledgerIsDirty = false
  #flushing: Promise<void> | null = null
  #updateNumber = 0
  #logBytes = 0
  #stateBytes = 0

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
    for (const { bytes } of stored.updates) {
      Y.applyUpdate(this.doc, bytes, LOADED)
      this.#logBytes += bytes.length
    }
    this.#stateBytes = this.#logBytes
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
        this.#ledgerIsDirty = true
        this.#flushSoon()
      },
    })
    this.awareness = new Awareness(this.doc)
    // Its timer drops states after 30 s of silence and renews its own; on a link both are the link's affair.
    clearInterval(this.awareness._checkInterval)
    this.awareness.setLocalState(null)
    this.record.subscribe('', paths => {
      for (const path of paths) this.#touched.add(path)
    })
    // Before the provider listens, so that what it sends is known by the edit that it carries.
    this.doc.on('update', this.#onUpdate)
  }

  /** From now on it is the record's: it is kept, and other tabs hear of it. */
  start(): void {
    this.#isStarted = true
    this.journal.start()
    this.#openTabs()
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
      this.#adopted.set(client, edit.seq)
    }
  }

  get head(): RecordHead {
    return this.#head
  }

  get standing(): Standing | null {
    return this.#standing
  }

  /** The server's state has been taken in at least once since the channel was opened. */
  get isSynced(): boolean {
    return this.#isSynced
  }

  get isLive(): boolean {
    return this.#standing !== null && this.#isSynced
  }

  get hasContent(): boolean {
    return this.record.index.at(CREATED).length > 0 || this.record.index.size > 0
  }

  /** What the server held of this person's client ids in the epochs before, as it told. */
  get heldBefore(): HeldClocks {
    return this.#heldBefore
  }

  /** What is known of all that is unsaved here, whoever of this person's tabs wrote it. */
  get wholeJournal(): Journal {
    const own: KeptLedger = { client: this.doc.clientID, edits: null, journal: this.journal.state }
    return new Journal(this.record.type, this.doc, joinJournals([...this.#lateLedgers, own]))
  }

  /** The first clock of this doc's own client id that is not saved. */
  get savedClock(): number {
    const first = this.ledger.edits.find(({ clock }) => clock !== null)
    return first?.clock ?? Y.getState(this.doc.store, this.doc.clientID)
  }

  /** The first clock of a client id of mine that is not known to be saved, by what this tab was told. */
  firstUnsaved(client: number): number {
    if (client === this.doc.clientID) return this.savedClock
    // What another tab left behind is noted as a whole.
    return this.#adopted.has(client) ? 0 : Number.POSITIVE_INFINITY
  }

  /** All ids that this person wrote under here. */
  get ownClients(): readonly number[] {
    return [...this.#ownClients, this.doc.clientID]
  }

  /** `askWith`: the epoch of the generation before, whose clocks the server is to tell. */
  connect(options: { readonly hold?: boolean; readonly askWith?: string } = {}): void {
    if (this.#provider !== null || this.#isClosed) return
    if (options.hold === true) this.#held = []
    const outlet = {
      clientId: () => this.awareness.clientID,
      send: (message: Uint8Array, kind: Outgoing) => this.#send(message, kind),
    }
    const isMade = (socket: ChannelSocket): void => {
      this.#socket = socket
    }
    class RecordSocket extends ChannelSocket {
      constructor() {
        super(outlet)
        isMade(this)
      }
    }
    const provider = new WebsocketProvider('link:', this.#head.room, this.doc, {
      connect: false,
      disableBc: true,
      awareness: this.awareness,
      // The provider constructs it, listens to it, sends and closes; nothing more of WebSocket is used.
      WebSocketPolyfill: RecordSocket as unknown as typeof WebSocket,
      shouldReconnect: () => false,
    })
    // The link knows whether its socket lives; a timer for each record would say nothing more.
    clearInterval(provider._checkInterval as number)
    offExit(provider._exitHandler)
    provider.on('sync', (isSynced: boolean) => {
      this.#isSynced = isSynced
      if (isSynced) this.#tookIn()
      this.#events.statusChanged()
    })
    this.#provider = provider
    this.#channel = this.#workplace.carrier.openChannel(this.#head.room, {
      ask: () => ({ clientId: this.doc.clientID, epoch: this.#head.epoch || options.askWith || null }),
      opened: (standing, held) => {
        if (held !== null) this.#heldBefore = held
        this.#stands(standing)
      },
      message: bytes => this.#receive(bytes),
      commit: () => this.#commit,
      present: states => this.#onlyPresent(states),
      heal: () => this.#channel?.send(writeSyncStep1(Y.encodeStateVector(this.doc))),
      lost: () => this.#lost(),
      ended: reason => {
        this.#lost()
        this.#events.channelEnded(reason)
      },
    })
  }

  disconnect(): void {
    this.#lost()
    this.#channel?.close()
    this.#channel = null
    this.#provider?.destroy()
    this.#provider = null
    this.#socket = null
  }

  /** What waited for the device may leave. */
  release(): void {
    const held = this.#held
    this.#held = null
    for (const message of held ?? []) this.#channel?.send(message)
  }

  /** Nothing more is taken from, or told to, anybody. What is unsaved stays in the doc for whoever replaces it. */
  async close(options: { readonly keep?: boolean } = {}): Promise<void> {
    if (this.#isClosed) return
    this.#isClosing = true
    this.disconnect()
    this.#tabs?.close()
    this.#tabs = null
    // Of a generation that is past nothing is to be written any more.
    if (options.keep !== false) await this.flush()
    if (
      options.keep !== false &&
      this.#logBytes > COMPACT_BYTES_MIN &&
      this.#logBytes > this.#stateBytes * 1.2
    )
      await this.#compact().catch(() => {})
    this.#isClosed = true
    this.doc.off('update', this.#onUpdate)
    this.journal.close()
    this.record.close()
    this.awareness.destroy()
    this.doc.destroy()
  }

  /** A push over HTTP carries everything made so far. */
  savedByPush(upToSeq: number, commit: number): void {
    this.#reached(commit)
    this.#saved(this.ledger.savedUpTo(upToSeq))
  }

  /** What a pull brought. */
  takeIn(update: Uint8Array, commit: number): void {
    this.#quietly(() => Y.applyUpdate(this.doc, update, this.#provider))
    this.#reached(commit)
    this.#isSynced = true
    this.#tookIn()
    this.#events.statusChanged()
  }

  adoptEpoch(epoch: string): void {
    this.#headChanged({ epoch })
    this.#openTabs()
  }

  /** Writes what has not been written, and resolves when the device has it. */
  async flush(): Promise<void> {
    this.#flushSoon()
    while (this.#flushing !== null) await this.#flushing
  }

  /** What was taken from older tabs and generations, as one update. */
  mergeStored(updates: StoredRecord['updates']): void {
    this.#quietly(() => {
      for (const { bytes } of updates) Y.applyUpdate(this.doc, bytes, LOADED)
    })
  }

  /** All that the next generation keeps of this one, in one commit. */
  wholeState(head: RecordHead): LocalWrite[] {
    this.#head = head
    this.#queue = []
    this.#headIsDirty = false
    this.#ledgerIsDirty = false
    const state = Y.encodeStateAsUpdate(this.doc)
    this.#stateBytes = state.length
    this.#logBytes = state.length
    return [
      putUpdate(head, this.#workplace.tab, ++this.#updateNumber, state),
      ...this.#ledgerWrites(),
      putHead(head),
    ]
  }

  wasKept(upToSeq: number): void {
    if (this.#workplace.store.kind === 'device' && this.ledger.onDevice(upToSeq)) this.#events.statusChanged()
  }

  get tabs(): SiblingTabs | null {
    return this.#tabs
  }

  #send(message: Uint8Array, kind: Outgoing): void {
    if (kind === 'update' && this.#isQuiet) return
    if (kind === 'step 2') this.ledger.sent('all')
    if (kind === 'update') this.ledger.sent(this.#carrying)
    if (this.#held !== null && (kind === 'step 2' || kind === 'update')) this.#held.push(message)
    else this.#channel?.send(message)
  }

  #receive(bytes: Uint8Array): void {
    const message = readChannelMessage(bytes)
    switch (message.kind) {
      case 'standing':
        this.#stands(message)
        return
      case 'saved':
        this.#reached(message.commit)
        this.#saved(this.ledger.saved(message.count))
        return
      case 'pending':
        this.ledger.pending(message.number)
        return
      case 'refused': {
        const edits = this.ledger.carriedBy(message.number)
        this.ledger.refused(message.number)
        this.#events.refused(message, edits)
        return
      }
      case 'resync':
        this.#channel?.send(writeSyncStep1(Y.encodeStateVector(this.doc)))
        return
      case 'syncStep2':
      case 'update':
        this.#socket?.receive(bytes)
        if (message.commit !== null) this.#reached(message.commit)
        this.#tookIn()
        return
      case 'unknown':
      case 'malformed':
        return
      default:
        this.#socket?.receive(bytes)
    }
  }

  #stands(standing: Standing): void {
    const isFirst = this.#standing === null
    this.#standing = standing
    if (!isFirst && this.#head.epoch !== standing.epoch) this.#events.outdated(standing)
    else if (isFirst) {
      this.#commit = standing.commit
      if (this.#head.epoch !== '' && this.#head.epoch !== standing.epoch) {
        this.#events.outdated(standing)
        return
      }
      if (standing.clientId !== null) this.#takeClientId(standing.clientId)
      if (this.#head.epoch === '') this.adoptEpoch(standing.epoch)
      this.ledger.channelOpened()
      this.#provider?.connect()
      this.#socket?.open()
    }
    this.#events.statusChanged()
  }

  /**
   * Presence goes by the id that the server has reserved; so does a doc that has written nothing. One that has
   * goes on under its own: another is reserved also where the server has not noticed yet that a socket died.
   */
  #takeClientId(clientId: number): void {
    if (clientId === this.awareness.clientID) return
    const presence = this.awareness.getLocalState()
    this.awareness.setLocalState(null)
    if (Y.getState(this.doc.store, this.doc.clientID) === 0) this.doc.clientID = clientId
    this.awareness.clientID = clientId
    this.awareness.setLocalState(presence)
  }

  #onlyPresent(states: Uint8Array): void {
    const there = clientsIn(states)
    const gone = [...this.awareness.getStates().keys()].filter(
      client => client !== this.awareness.clientID && !there.has(client),
    )
    if (gone.length > 0) removeAwarenessStates(this.awareness, gone, this.#provider)
  }

  #lost(): void {
    this.#standing = null
    this.#isSynced = false
    this.ledger.channelOpened()
    const socket = this.#socket
    this.#socket = null
    socket?.end()
    if (this.#held !== null) this.#held = []
    this.#events.statusChanged()
  }

  #saved(edits: readonly Edit[]): void {
    if (edits.length === 0) return
    if (this.ledger.isEmpty) {
      for (const client of this.ownClients) this.journal.savedCells(client, Number.POSITIVE_INFINITY)
    } else this.journal.savedCells(this.doc.clientID, this.savedClock)
    if (!this.journal.textsUnsaved.some(name => this.ledger.edits.some(({ paths }) => paths.has(name)))) {
      this.journal.savedTexts()
    }
    this.#tabs?.saved(edits)
    this.#ledgerIsDirty = true
    this.#flushSoon()
    this.#events.statusChanged()
  }

  #reached(commit: number): void {
    this.#commit = Math.max(this.#commit, commit)
    if (this.#commit > this.#head.commit) this.#headChanged({ commit: this.#commit })
  }

  /** What is shown is the server's, as of now. */
  #tookIn(): void {
    this.#headChanged({ asOf: this.#workplace.clock.now() })
  }

  #headChanged(change: Partial<RecordHead>): void {
    this.#head = { ...this.#head, ...change }
    this.#headIsDirty = true
    this.#flushSoon()
  }

  readonly #onUpdate = (update: Uint8Array, origin: unknown, _: Y.Doc, transaction: Y.Transaction): void => {
    const paths = new Set(this.#touched)
    this.#touched.clear()
    this.#carrying = null
    if (transaction.local) {
      const clock = transaction.beforeState.get(this.doc.clientID) ?? 0
      const edit = this.ledger.note(paths, this.#workplace.clock.now(), clock)
      this.#carrying = edit.seq
      this.#ledgerIsDirty = true
      this.#tabs?.wrote(edit, update)
    }
    if (origin !== LOADED && this.#isStarted) {
      this.#queue.push(update)
      this.#flushSoon()
    }
    const from = transaction.local ? 'here' : origin === FROM_TAB ? 'tab' : 'others'
    this.#events.changed({ paths, from })
  }

  #quietly(work: () => void): void {
    this.#isQuiet = true
    try {
      work()
    } finally {
      this.#isQuiet = false
    }
  }

  /** Tabs of the same epoch and generation; another name from the moment that either changes. */
  #openTabs(): void {
    const { surroundings, tab, owner } = this.#workplace
    this.#tabs?.close()
    this.#tabs = null
    const { openTabPort } = surroundings
    if (openTabPort === null || this.#isClosed || !this.#isStarted) return
    const { room, epoch, generation } = this.#head
    const name = ['corecord', owner, room, epoch, String(generation)].map(encodeURIComponent).join(' ')
    this.#tabs = new SiblingTabs({
      port: openTabPort(name),
      tab,
      surroundings,
      client: () => this.doc.clientID,
      stateVector: () => Y.encodeStateVector(this.doc),
      stateAfter: vector => Y.encodeStateAsUpdate(this.doc, vector),
      unsaved: () => this.ledger.edits.filter(({ clock }) => clock !== null),
      takeIn: update => this.#quietly(() => Y.applyUpdate(this.doc, update, FROM_TAB)),
      note: ({ paths, at, count }) => this.ledger.note(paths, at, null, count).seq,
      settle: seq => {
        if (this.ledger.settle(seq)) this.#events.statusChanged()
      },
      lives: client => this.#disown(client),
      send: (seq, update) => this.#sendForSibling(seq, update),
      overtaken: () => this.#events.overtaken(),
    })
    this.#tabs.start()
  }

  /** The tab that wrote under this client id is there, and answers for its own edits. */
  #disown(client: number): void {
    const seq = this.#adopted.get(client)
    if (seq === undefined) return
    this.#adopted.delete(client)
    if (this.ledger.settle(seq)) this.#events.statusChanged()
  }

  #sendForSibling(seq: number, update: Uint8Array): void {
    // Without a channel there is nothing to do: the step 2 of the next one carries it.
    if (this.#standing === null || this.#held !== null) return
    this.ledger.sent(seq)
    this.#channel?.send(writeUpdate(update))
  }

  #flushSoon(): void {
    if (this.#flushing !== null || this.#isClosed || !this.#isStarted || this.#isOvertaken) return
    if (this.#queue.length === 0 && !this.#headIsDirty && !this.#ledgerIsDirty) return
    this.#flushing = Promise.resolve()
      .then(() => this.#flushOnce())
      .finally(() => {
        this.#flushing = null
        this.#flushSoon()
      })
  }

  async #flushOnce(): Promise<void> {
    const { store, tab } = this.#workplace
    const upToSeq = this.ledger.lastSeq
    const writes: LocalWrite[] = [checkGeneration(this.#head)]
    const queue = this.#queue
    this.#queue = []
    if (queue.length > 0) {
      const bytes = joinUpdates(queue)
      this.#logBytes += bytes.length
      writes.push(putUpdate(this.#head, tab, ++this.#updateNumber, bytes))
    }
    if (this.#ledgerIsDirty) writes.push(...this.#ledgerWrites())
    writes.push(putHead(this.#head))
    this.#ledgerIsDirty = false
    this.#headIsDirty = false
    try {
      await store.commit(writes)
      this.#workplace.storageWorks()
      this.wasKept(upToSeq)
      if (this.#logBytes > this.#stateBytes * 1.5 + COMPACT_BYTES_MIN) await this.#compact()
    } catch (error) {
      if (error instanceof LocalConflict) {
        this.#isOvertaken = true
        this.#events.overtaken()
        return
      }
      if (!(error instanceof LocalStoreError)) throw error
      if (this.#isClosing) return
      // Kept for the next attempt, which the next change makes.
      this.#workplace.storageFailed(error.trouble)
      await new Promise<void>(done => this.#workplace.surroundings.after(STORAGE_RETRY_MS, done))
      this.#queue = [...queue, ...this.#queue]
      this.#ledgerIsDirty = true
    }
  }

  #ledgerWrites(): LocalWrite[] {
    const own: KeptLedger = {
      client: this.doc.clientID,
      edits: this.ledger.kept,
      journal: this.journal.state,
    }
    const writes = [putLedger(this.#head, own)]
    for (const [client, seq] of this.#adopted) {
      if (this.ledger.edits.some(edit => edit.seq === seq)) continue
      this.#adopted.delete(client)
      writes.push(putLedger(this.#head, { client, edits: null, journal: NOTHING_UNSAVED }))
    }
    return writes
  }

  /** One update in place of the log. Exactly the rows that were read go, so two tabs may do it at once. */
  async #compact(): Promise<void> {
    const { store, tab } = this.#workplace
    const stored = await readUpdates(store, this.#head.room, this.#head.generation)
    this.mergeStored(stored)
    const state = Y.encodeStateAsUpdate(this.doc)
    await store.commit([
      checkGeneration(this.#head),
      putUpdate(this.#head, tab, ++this.#updateNumber, state),
      ...stored.map(({ key }): LocalWrite => ({ remove: 'updates', key })),
    ])
    this.#stateBytes = state.length
    this.#logBytes = state.length
  }
}

const STORAGE_RETRY_MS = 5_000

const joinJournals = (ledgers: readonly KeptLedger[]): JournalState => ({
  entries: ledgers.flatMap(({ journal }) => journal.entries),
  texts: ledgers.flatMap(({ journal }) => journal.texts),
})

/** In Node the provider listens to the end of the process, which a thousand records must not all do. */
const offExit = (listener: () => void): void => {
  const host: { process?: { off?: (event: string, listener: () => void) => void } } = globalThis
  host.process?.off?.('exit', listener)
}
