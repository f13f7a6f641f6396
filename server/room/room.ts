// One room: the people in it and the document they share. Updates are judged as they come; at the end of the loop
// turn, or when the commit under way has ended, all that were accepted are applied in one transaction, committed,
// and only then relayed and acknowledged. What leaves the process is committed: answers wait for the commit.

import type * as Y from 'yjs'
import type { RecordType } from '../../shared/record/record-type.ts'
import type { Row } from '../../shared/record/filter.ts'
import type { ErrorCode } from '../../shared/wire/error-codes.ts'
import {
  readChannelMessage,
  writeSaved,
  writeStanding,
  writeSyncStep1,
  writeUpdate,
} from '../../shared/wire/sync-message.ts'
import { unreachable } from '../../shared/unreachable.ts'
import { SharedMessage } from '../link/shared-message.ts'
import { rowOrFields } from './row-or-fields.ts'
import { isOutgrown, LOG_BYTES_MIN } from '../store/head.ts'
import type { ChangeOutcome, Head, StoredEvent, StoredRoom, ValuePut } from '../store/store.ts'
import { answerStep1, greet } from './answer-step1.ts'
import { compactRoom } from './compact-room.ts'
import { type Composed, composeChange } from './compose-change.ts'
import { DearDoc, type DearDocRoom } from './dear-doc.ts'
import { senderOf } from './judging.ts'
import type { Verdict } from './verdict.ts'
import { PredictionError } from './live-record.ts'
import { Member, type MembersRoom } from './member.ts'
import type { JoinAsk, Membership, MembershipInfo, Peer } from './peer.ts'
import { BEGUN_AGAIN, RoomRefusal } from './peer.ts'
import { RoomPresence } from './presence.ts'
import { keepWaiting, offended, refuse } from './refuse.ts'
import { isReadOnly, mayRead } from './room-access.ts'
import { RoomClosed } from './room-closed.ts'
import { foldRecord, purge, sameAs } from './room-epochs.ts'
import { type Ack, type Peers, RoomMembers } from './room-members.ts'
import { RoomClientIds } from './room-client-ids.ts'
import { type DocBuilder, EMPTY_UPDATE, MERGED_PARTS_MAX, RoomContent } from './room-content.ts'
import {
  type AppliedUpdates,
  FreeDoc,
  GuardedDoc,
  guardedDoc,
  isEmptyUpdate,
  type RoomDoc,
} from './room-doc.ts'
import type { RoomServices } from './room-services.ts'
import { RoomTurns, type TurnsRoom } from './room-turns.ts'
import type { RoomWeight } from './room-weight.ts'
import { replayed, storedUpdates } from './stored-doc.ts'
import type { Turn } from './turn.ts'
import { Unheard } from './unheard.ts'

export class Room implements MembersRoom, TurnsRoom, DocBuilder, DearDocRoom {
  readonly name: string
  readonly id: string
  readonly type: RecordType | null
  readonly #services: RoomServices<Room>
  readonly #members = new RoomMembers()
  readonly #clientIds: RoomClientIds
  readonly #content: RoomContent
  #head: Head | null = null
  #epoch = ''
  #row: Row | null = null
  #presence: RoomPresence | null = null
  readonly #turns: RoomTurns
  #isClosed = false
  #isFolding = false
  /** Whose updates the turn holds. */
  #writers: Writer[] | null = null
  #dearDoc: DearDoc | null = null
  #unheard: Unheard | null = null

  constructor(name: string, id: string, type: RecordType | null, services: RoomServices<Room>) {
    this.name = name
    this.id = id
    this.type = type
    this.#services = services
    this.#clientIds = new RoomClientIds(services, this)
    this.#content = new RoomContent(this)
    this.#turns = new RoomTurns(this)
  }

  load(stored: StoredRoom | null, row: Row | null): void {
    this.#row = row
    if (stored === null) {
      this.#epoch = this.#services.newEpoch()
      return
    }
    this.#head = stored.head
    this.#epoch = stored.head.epoch
    this.#content.load(storedUpdates(stored))
    this.#clientIds.load(stored.owners, stored.earlierEpochs)
  }

  buildDoc(parts: readonly Uint8Array[]): RoomDoc {
    const { nodeId, now, limits, isClockSteady } = this.#services
    this.#services.warm(this)
    this.#services.headroom?.tookDoc(this.storedBytes)
    const doc = replayed(parts)
    if (this.type === null) return new FreeDoc(doc, limits)
    const guarded = guardedDoc(this.type, this.id, doc, nodeId, now, this.#clientIds, limits, isClockSteady)
    guarded.record.isDoubted = this.#services.doubted.has(this.name)
    return guarded
  }

  get epoch(): string {
    return this.#epoch
  }

  /** Commits that are durable. */
  get commit(): number {
    return this.#head?.commit ?? 0
  }

  get head(): Head | null {
    return this.#head
  }

  get peers(): Peers {
    return this.#members
  }

  get hasEarlierEpochs(): boolean {
    return this.#clientIds.hasEarlierEpochs
  }

  get presence(): RoomPresence | null {
    return this.#presence
  }

  announcedBy(client: number): string | null {
    return this.#presence?.userOf(client) ?? null
  }

  get isIdle(): boolean {
    return (
      this.#members.size === 0 && this.#turns.isResting && (this.#presence === null || this.#presence.isIdle)
    )
  }

  /** What lies of it in the store. */
  get storedBytes(): number {
    const { head } = this
    return head === null ? 0 : head.snapshotBytes + head.logBytes
  }

  /** What nobody will miss may go, so that it does not become full. */
  get isHalfFull(): boolean {
    return (this.head?.snapshotBytes ?? 0) >= this.#services.limits.recordBytes / 2
  }

  /** About what the room holds in memory. */
  get bytes(): number {
    const content = this.storedBytes
    // A live doc takes some ten times its encoding.
    return 500 + (this.#content.isLive ? content * 10 + 2000 : content)
  }

  join(peer: Peer, ask: JoinAsk): Membership {
    if (this.#head?.state === 'purged' && ask.again !== true) throw new RoomRefusal('PURGED')
    if (ask.epoch !== undefined && this.#clientIds.isOfPurgedLife(ask.epoch))
      throw new RoomRefusal('PURGED', BEGUN_AGAIN)
    const sender = senderOf(peer.principal)
    if (!mayRead(this.type, this.id, () => this.row, sender)) throw new RoomRefusal('FORBIDDEN')
    const clientId = peer.kind === 'link' ? this.#reserve(sender.principal.id, peer, ask.clientId) : null
    const member = new Member(this, peer, sender, clientId, ask.epoch ?? null)
    this.#members.add(member)
    if (this.isWarm) this.#services.warm(this)
    this.#presence?.join(peer)
    return member
  }

  greet(member: Member): void {
    if (!this.#turns.isBusy) greet(this, member)
  }

  leave(member: Member): void {
    if (!this.#members.delete(member)) return
    this.#services.left(this, member.sender.principal.id)
    if (member.clientId !== null && !this.#members.holds(member.clientId))
      this.#clientIds.release(member.clientId)
    this.#presence?.leave(member.peer)
    this.#unheard?.delete(member)
    if (this.isWarm) this.#services.warm(this)
  }

  principalChanged(member: Member): void {
    member.sender = senderOf(member.peer.principal)
    this.#presence?.principalChanged(member.peer)
    if (!mayRead(this.type, this.id, () => this.row, member.sender)) {
      member.isLeaving = true
      this.whenCommitted(() => this.#letGo())
      return
    }
    this.#tellStanding(member)
  }

  info(member: Member): MembershipInfo {
    const { askedEpoch } = member
    const held =
      askedEpoch === null || askedEpoch === this.#epoch
        ? null
        : this.#clientIds.heldOf(member.sender.principal.id, askedEpoch)
    return {
      epoch: this.#epoch,
      commit: this.commit,
      readOnly: isReadOnly(this.type, this.id, member.sender),
      clientId: member.clientId,
      held,
    }
  }

  receive(member: Member, bytes: Uint8Array): void {
    if (member.isLeaving) return
    const message = readChannelMessage(bytes)
    const isFirstWord = !member.hasSpoken
    member.hasSpoken ||= message.kind !== 'syncStep1'
    switch (message.kind) {
      case 'syncStep1':
        this.whenCommitted(() => {
          if (this.#members.has(member) && !member.isLeaving)
            answerStep1(this, this.#services, member, message.stateVector)
        })
        return
      case 'syncStep2':
      case 'update':
        this.#takeUpdate(member, message.update)
        return
      case 'awareness':
        if (!this.#openPresence().receive(member.peer, message.body, isFirstWord))
          offended(this.#services, member, 'MALFORMED')
        return
      case 'queryAwareness':
        this.#presence?.tellAll(member.peer)
        return
      case 'malformed':
        offended(this.#services, member, 'MALFORMED')
        return
      case 'permissionDenied':
      case 'saved':
      case 'refused':
      case 'pending':
      case 'standing':
      case 'unknown':
        // What only a server says, or what a later client may say.
        return
      default:
        unreachable(message)
    }
  }

  /** Dropped messages are made good by what the doc holds now: a diff against what the peer last had is not known. */
  drained(member: Member): void {
    this.whenCommitted(() => {
      if (!this.#members.has(member) || member.isLeaving) return
      member.peer.send(this.wholeState())
      this.#presence?.tellAll(member.peer)
    })
  }

  /** Runs now, or when the commit under way has ended. */
  whenCommitted(run: () => void): void {
    this.#turns.whenCommitted(run)
  }

  /** The same as a promise, for whoever is answered from outside the room: rejects with RoomClosed where it ends first. */
  committed(): Promise<void> {
    return new Promise((resolve, reject) => this.#turns.whenCommitted(resolve, reject))
  }

  /** The committed state; call it when nothing is under way. */
  encode(stateVector?: Uint8Array): Uint8Array {
    return this.#content.encode(stateVector)
  }

  /** The committed state as the answer to whoever comes with nothing. */
  wholeState(): SharedMessage {
    // Only what somebody will ask for again soon is worth the memory of a second encoding.
    return this.#content.wholeState(this.commit, { isKept: this.#members.size > 1 })
  }

  get stateVector(): Uint8Array {
    return this.#content.stateVector
  }

  pastOf(stateVector: Uint8Array): 'earlier' | 'purged' | null {
    return this.#clientIds.pastOf(stateVector, () => this.#content.stateVector)
  }

  /** The document, built if need be. */
  get doc(): Y.Doc {
    return this.#content.doc.doc
  }

  /** The record, for reading and for what the server itself writes. */
  get guarded(): GuardedDoc | null {
    if (this.type === null) return null
    const { doc } = this.#content
    return doc instanceof GuardedDoc ? doc : null
  }

  /** The row as of the last commit; of a removed record, which stands on no list, too. */
  get row(): Row | null {
    const { head, type } = this
    if (this.#row === null && head !== null && head.state !== 'purged' && type !== null) {
      const view = this.guarded?.record.view
      if (view !== undefined && view.created !== null)
        this.#row = rowOrFields(type, view, { updated: head.updatedAt, updatedBy: head.updatedBy })
    }
    return this.#row
  }

  /**
   * Runs alone: nothing is taken, applied or under way meanwhile. What comes in waits, and is judged against what
   * was done here.
   */
  exclusively<T>(run: () => Promise<T> | T): Promise<T> {
    return this.#turns.exclusively(run)
  }

  cameTogether(): void {
    if (this.#content.hasTaken || this.#members.size > 0) this.#turns.schedule()
  }

  /** Inside `exclusively`: the change that commits what the server has written to the doc. */
  changeOf(applied: AppliedUpdates, by: string): Composed {
    this.#edited()
    return composeChange(this, this.#services, applied, by)
  }

  /** Inside `exclusively`, after the commit. */
  took(applied: AppliedUpdates, turn: Turn | null, head: Head, events: readonly StoredEvent[]): void {
    this.#committed(applied, turn, [], head, events)
    this.#acknowledge(this.#members.takeAcks())
  }

  /** Commits events alone, as those of a text that waited for a pause. Null: there was nothing to say. */
  addEvents(
    compose: () => { readonly events: readonly string[]; readonly values: readonly ValuePut[] },
  ): Promise<Head | null> {
    return this.exclusively(async () => {
      const before = this.#head
      if (before === null || before.state === 'purged') return null
      const { events, values } = compose()
      if (events.length + values.length === 0) return null
      const outcome = await this.#services.commit({ rooms: [{ ...sameAs(before), events }], values })
      const head = outcome.saved ? outcome.heads[0] : undefined
      if (head === undefined) {
        this.reset('EPOCH_CHANGED')
        throw new RoomClosed(this.name)
      }
      this.#head = head
      this.#relay(NO_UPDATES, [])
      return head
    })
  }

  /** The content goes for good; a tombstone stays, and everybody who has it open is told. */
  purge(by: string, event: string, values: readonly ValuePut[]): Promise<Head | null> {
    return this.exclusively(() => purge(this, this.#services, { by, event, values }))
  }

  /** A new epoch for a record that too many client ids have written. */
  async fold(): Promise<void> {
    if (this.#isFolding) return
    this.#isFolding = true
    try {
      await this.exclusively(() => foldRecord(this, this.#services))
    } finally {
      this.#isFolding = false
    }
  }

  /** Everybody out: what they hold is no longer what is stored. They come back and are brought up to date. */
  reset(code: ErrorCode): void {
    this.#isClosed = true
    this.#services.forget(this)
    for (const { peer } of this.#members.all) peer.close(code)
    this.close()
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  get hasTaken(): boolean {
    return this.#content.hasTaken
  }

  soon(run: () => void): void {
    this.#services.soon(run)
  }

  get isWarm(): boolean {
    return this.#content.isLive
  }

  /** Whether it has not been used for so long that the doc is dearer to keep than to build again. */
  isQuiet(unusedMs: number): boolean {
    const isTight = this.#services.headroom?.isTight === true
    return unusedMs > QUIET_MS + (isTight ? 0 : this.storedBytes * QUIET_MS_PER_BYTE)
  }

  /**
   * Runs what needs the doc, or several of its size: of a large record where memory is short in turn. Rejects with
   * RoomRefusal where the turn does not come.
   */
  withDoc<T>(run: () => Promise<T>, { docs = 1 } = {}): Promise<T> {
    return this.#ofDearDoc()?.use(run, docs) ?? run()
  }

  /** Lets go of the doc; its encoded state answers who joins. */
  cool(): void {
    if (
      this.#dearDoc?.isUsed === true ||
      this.#content.hasTaken ||
      this.#turns.isBusy ||
      !this.#content.isLive
    )
      return
    const encoded = this.#content.cool()
    if (this.hasLongLog) void compactRoom(this, this.#services, encoded)
  }

  /** Where memory is short: what is open and lies still takes as little as it can. */
  async squeeze(): Promise<void> {
    if (!this.#isClosed && !this.#turns.isBusy) await this.#content.squeeze()
  }

  /** So much has been written since it was compacted that whoever opens it next would wait for it to be put together. */
  get hasLongLog(): boolean {
    const head = this.#head
    return head !== null && (head.logEntries > MERGED_PARTS_MAX || head.logBytes > LOG_BYTES_MIN)
  }

  compacted(head: Head): void {
    this.#head = head
    if (this.isWarm) this.#content.weight.compacted(head.snapshotBytes)
  }

  /** The id under which the server writes, and whose it is; nothing where that was said before. */
  claimNodeId(): [number, string][] {
    return this.#clientIds.claimNodeId()
  }

  /** Once nothing is written any more. */
  async compactLog(): Promise<void> {
    if (this.hasLongLog && !this.#isClosed && !this.#turns.isBusy)
      await compactRoom(this, this.#services, this.encode())
  }

  close(): void {
    this.#isClosed = true
    this.#presence?.close()
    this.#presence = null
    this.#content.close()
    this.#turns.close()
  }

  #takeUpdate(member: Member, update: Uint8Array): void {
    const awaited = this.#awaitedFor(update)
    if (awaited !== null || this.#turns.isAlone) {
      const take = (): void => this.#takeUpdate(member, update)
      if (awaited === null) this.#turns.keep(take)
      else awaited.takeLater(member, take)
      return
    }
    member.received++
    if (this.#isClosed) return
    const { metrics } = this.#services
    const unwritable = this.#services.unwritable()
    if (unwritable !== null && !isEmptyUpdate(update)) {
      // Nothing that cannot be kept is taken; the client keeps it, and comes again.
      member.peer.close('STORE_UNWRITABLE', unwritable)
      return
    }
    const verdict: Verdict = isEmptyUpdate(update)
      ? { kind: 'nothing new' }
      : this.#content.doc.take(member.sender, update, this.#tightWith(update.length))
    switch (verdict.kind) {
      case 'accepted':
        member.pendingRun = 0
        this.#content.weight.took(update.length)
        if (!member.isWriting) {
          member.isWriting = true
          this.#writers ??= []
          this.#writers.push({ member, since: this.#services.now() })
        }
        metrics.accepted()
        break
      case 'nothing new':
        break
      case 'pending':
        if (keepWaiting(this.#services, member)) this.#askForMissing(member)
        break
      case 'refused':
        this.#rests(member, refuse(this.#services, this, member, verdict, update))
        // Of client ids there may be too many by a limit that was set lower: nobody could write what has it folded.
        if (verdict.code === 'TOO_MANY') this.#tend()
        break
      default:
        unreachable(verdict)
    }
    this.#members.waitsForAck(member)
    // Whoever came with nothing has just said so; most of those who join do.
    if (this.#content.hasTaken || this.#members.someWaitForAcks) this.#turns.schedule()
  }

  /** Null: there is room for so much more, and a good deal besides. */
  #tightWith(bytes: number): RoomWeight | null {
    const { weight } = this.#content
    const isTight = weight.of(this.storedBytes) + bytes > this.#services.limits.recordBytes * TIGHT
    return isTight ? this.#weighed(weight, bytes) : null
  }

  #weighed(weight: RoomWeight, bytes: number): RoomWeight {
    const { limits, now } = this.#services
    const { storedBytes } = this
    const isFull = (): boolean => weight.of(storedBytes) + bytes > limits.recordBytes
    if (isFull() && weight.isToBeWeighed(storedBytes, limits.recordBytes, now())) {
      const before = now()
      const { length } = this.encode()
      weight.weighed(length, storedBytes, now() - before, now())
    }
    weight.isFull = isFull()
    return weight
  }

  /** The doc, where it has to be waited for. */
  #awaitedFor(update: Uint8Array): DearDoc | null {
    const dearDoc = this.#dearDoc
    if (dearDoc?.isAwaited === true) return dearDoc
    // Whoever is working with it has come in turn.
    const isThere = this.isWarm || dearDoc?.isUsed === true
    return isThere || this.#isClosed || isEmptyUpdate(update) ? null : this.#ofDearDoc()
  }

  /** Null: there is memory for it. */
  #ofDearDoc(): DearDoc | null {
    const { headroom } = this.#services
    if (headroom?.isDear(this.storedBytes) !== true) return null
    this.#dearDoc ??= new DearDoc(this, this.#turns, headroom)
    return this.#dearDoc
  }

  buildNow(): void {
    void this.#content.doc
  }

  turnFailed(error: unknown): void {
    if (error instanceof RoomClosed) return
    this.#services.logger.error({ room: this.name, err: error }, 'a turn failed; the room is loaded anew')
    this.reset('INTERNAL')
  }

  /** What the member wrote may rest on what these others did. */
  #rests(member: Member, others: readonly number[]): void {
    if (others.length === 0) return
    this.#unheard ??= new Unheard()
    this.#unheard.add(member, others, this.doc.store)
  }

  #askUnheard(): void {
    if (this.#unheard === null) return
    for (const member of this.#unheard.takeHeard(this.doc.store)) this.#askForMissing(member)
    if (this.#unheard.isEmpty) this.#unheard = null
  }

  #askForMissing({ peer }: Member): void {
    this.whenCommitted(() => peer.send(writeSyncStep1(this.#content.stateVector)))
  }

  endTurn(): void {
    const acks = this.#members.takeAcks()
    if (!this.#content.hasTaken) {
      this.#acknowledge(acks)
      return
    }
    const writers = this.#writers ?? []
    const by = writers.at(-1)?.member.sender.principal.id ?? ''
    let applied: AppliedUpdates
    let composed: Composed
    try {
      const { doc, weight } = this.#content
      applied = doc.apply(this.commit + 1, this.isHalfFull)
      weight.applied()
      if (this.type === null && applied.updates.length === 0) {
        // It was known already, as after a repeated delivery: there is nothing to keep.
        weight.stored()
        this.#endWriting(writers)
        this.#acknowledge(acks)
        return
      }
      this.#edited()
      composed = composeChange(this, this.#services, applied, by)
    } catch (error) {
      // The doc is not what the guard predicted, and none of it has left the process: begin again from the store.
      const isOurs = error instanceof PredictionError
      this.#services.logger.error(
        { room: this.name, err: error },
        isOurs ? 'the guard was wrong; the room is loaded anew' : 'a turn failed; the room is loaded anew',
      )
      this.#services.metrics.alarm()
      this.#services.doubted.add(this.name)
      this.reset('INTERNAL')
      return
    }
    this.#endWriting(writers)
    const { change, turn, values } = composed
    const commit = this.#services
      .commit({ rooms: [change], values })
      .then(
        outcome => this.#commitEnded(outcome, applied, turn, writers, acks),
        error => this.#commitFailed(error),
      )
      .catch(error => this.turnFailed(error))
    this.#turns.runs(commit)
  }

  #endWriting(writers: readonly Writer[]): void {
    this.#writers = null
    for (const { member } of writers) member.isWriting = false
  }

  #commitFailed(error: unknown): void {
    this.#services.logger.error({ room: this.name, err: error }, 'a commit failed; the room is loaded anew')
    this.#turns.ended()
    this.reset('STORE_UNWRITABLE')
  }

  #commitEnded(
    outcome: ChangeOutcome,
    applied: AppliedUpdates,
    turn: Turn | null,
    writers: readonly Writer[],
    acks: readonly Ack[],
  ): void {
    this.#turns.ended()
    if (!outcome.saved) {
      this.reset('EPOCH_CHANGED')
      return
    }
    const [head] = outcome.heads
    if (head === undefined) throw new Error('a commit gave no head')
    this.#committed(applied, turn, writers, head, outcome.events)
    this.#acknowledge(acks)
    this.#measureSaved(writers)
    this.#turns.runWaiting()
    if (this.#isClosed) return
    if (this.#content.hasTaken || this.#members.someWaitForAcks) this.#turns.schedule()
    else this.#tend()
  }

  #committed(
    applied: AppliedUpdates,
    turn: Turn | null,
    writers: readonly Writer[],
    head: Head,
    events: readonly StoredEvent[],
  ): void {
    this.#head = head
    if (this.isWarm) this.#content.weight.stored()
    this.#clientIds.own(applied.owners)
    if (turn !== null) {
      this.#row = turn.row
      this.#recheckReaders()
    }
    this.#relay(applied, writers)
    this.#askUnheard()
    if (turn !== null) this.#services.publisher.committed(turn, head, events)
  }

  /**
   * Encoded once for all sockets. Whoever alone wrote the first has it already; behind it comes what the server wrote,
   * and what Yjs has tidied of formats here, and not on the device that wrote them.
   */
  #relay({ updates }: AppliedUpdates, writers: readonly Writer[]): void {
    const author = writers.length === 1 ? (writers[0]?.member.peer ?? null) : null
    if (updates.length < 2 && !this.#members.hasOtherThan(author)) return
    if (updates.length === 0) {
      // Nothing but the number of the commit, or links would take it for a difference to be healed.
      const message = new SharedMessage(writeUpdate(EMPTY_UPDATE, this.commit))
      this.#members.send(message, 'links')
    }
    for (const [i, update] of updates.entries()) {
      const message = new SharedMessage(writeUpdate(update, this.commit))
      this.#members.send(message, { except: i === 0 ? author : null })
    }
    const at = this.#services.now()
    for (const { since } of writers) this.#services.metrics.relayed(at - since)
  }

  #acknowledge(acks: readonly Ack[]): void {
    for (const { member, count } of acks)
      if (this.#members.has(member)) member.peer.send(writeSaved({ count, commit: this.commit }))
    this.#letGo()
  }

  /** How long each waited, from the first of what they wrote in the turn. */
  #measureSaved(writers: readonly Writer[]): void {
    const at = this.#services.now()
    for (const { member, since } of writers)
      if (member.peer.wantsAcks && this.#members.has(member)) this.#services.metrics.saved(at - since)
  }

  #edited(): void {
    this.#services.warm(this)
    this.#content.edited()
  }

  #reserve(user: string, { sharesClientId }: Peer, wanted: number | undefined): number {
    const isInUse = (client: number): boolean =>
      sharesClientId !== true && this.#members.holds(client, { exceptSharing: true })
    return this.#clientIds.reserve(user, wanted, isInUse, this.#services.newClientId)
  }

  /** A record that moves out of somebody's reach is closed to them. */
  #recheckReaders(): void {
    if (this.type?.access.read === undefined) return
    for (const member of this.#members.all)
      if (!mayRead(this.type, this.id, () => this.row, member.sender)) member.isLeaving = true
  }

  /** Those who may not read any more, once they know what became of all that they wrote while they might. */
  #letGo(): void {
    for (const member of this.#members.all)
      if (member.isLeaving && !this.#members.isUnacked(member)) member.peer.close('READ_ENDED')
  }

  #tellStanding(member: Member): void {
    const { epoch, commit, readOnly, clientId } = this.info(member)
    if (member.peer.wantsAcks) member.peer.send(writeStanding({ epoch, commit, readOnly, clientId }))
  }

  #openPresence(): RoomPresence {
    this.#presence ??= new RoomPresence({
      peers: this.#members,
      reservedOf: peer => this.#members.of(peer)?.clientId ?? null,
      ownerOf: client => this.#clientIds.ownerOf(client) ?? undefined,
      onChange: () => this.#services.presenceChanged(this),
      ...this.#services.presence,
    })
    return this.#presence
  }

  /** After a commit with nothing behind it: compact what has outgrown its snapshot, fold what has outgrown its client ids. */
  #tend(): void {
    const head = this.#head
    if (head === null) return
    if (isOutgrown(head)) void compactRoom(this, this.#services, this.encode())
    if (this.type !== null && this.#clientIds.areOutgrown(this.#services.limits)) this.#foldWhenAlone()
  }

  #foldWhenAlone(): void {
    if (this.#members.hasStock && !this.#clientIds.areFarOutgrown(this.#services.limits)) return
    this.fold().catch(error => this.#services.logger.error({ room: this.name, err: error }, 'folding failed'))
  }
}

/** Whoever wrote in a turn, and when the first of it came in. */
interface Writer {
  readonly member: Member
  readonly since: number
}

/** A doc of 2 KB takes some 15 in memory, and 50 µs to build; one of 3 MB takes 60 ms. */
const QUIET_MS = 2_000
const QUIET_MS_PER_BYTE = 0.02

/** Of what a record may hold: from here on it is counted what an update sets free. */
const TIGHT = 0.75

const NO_UPDATES: AppliedUpdates = { updates: [], owners: new Map(), hasServerWrites: true, record: null }
