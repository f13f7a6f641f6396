import * as Y from 'yjs'
import type { RecordType } from '../../shared/record/record-type.ts'
import { parseRoomName } from '../../shared/record/room-name.ts'
import { RecordOnDoc } from '../../shared/record/record.ts'
import type { ErrorCode } from '../../shared/wire/error-codes.ts'
import { isErrorCode } from '../../shared/wire/error-codes.ts'
import { readChannelMessage, writeSyncStep1, writeUpdate } from '../../shared/wire/sync-message.ts'
import type { Principal } from '../access/principal.ts'
import { asMessage, type SharedMessage } from '../link/shared-message.ts'
import { type Door, type Membership, type Peer, RoomRefusal } from '../room/peer.ts'

/**
 * A write by somebody who has no replica, made as everybody's are: as a peer in the record's room that syncs,
 * edits, sends its update through the guard, and waits until it is saved.
 */
export type WriteOutcome =
  | { readonly ok: true; readonly epoch: string; readonly commit: number }
  | {
      readonly ok: false
      readonly code: ErrorCode
      readonly sentence: string
      readonly paths: readonly string[]
    }

export interface RecordWrite {
  readonly room: string
  readonly type: RecordType
  readonly principal: Principal
  /** Synchronous; what it throws is thrown on, and nothing is written. */
  edit(record: RecordOnDoc): void
}

export async function writeRecord(
  door: Door,
  { room, type, principal, edit }: RecordWrite,
): Promise<WriteOutcome> {
  return throughPeer(door, room, principal, async peer => {
    // Its guid would be drawn by sixteen calls for random bytes, a tenth of what the whole write takes.
    const doc = new Y.Doc({ guid: '' })
    // A channel's id is reserved for it, so that what is written under it has an owner from the start.
    if (peer.membership.info.clientId !== null) doc.clientID = peer.membership.info.clientId
    Y.applyUpdate(doc, await peer.state())
    const record = new RecordOnDoc(type, doc, { author: principal.id, id: parseRoomName(room)?.id ?? room })
    const before = Y.encodeStateVector(doc)
    let hasChanged = false
    doc.on('update', () => {
      hasChanged = true
    })
    try {
      edit(record)
    } finally {
      record.close()
    }
    return peer.write(hasChanged ? Y.encodeStateAsUpdate(doc, before) : null)
  })
}

/** The same with an update that was made elsewhere; for free rooms. */
export async function writeRoomUpdate(
  door: Door,
  room: string,
  principal: Principal,
  update: Uint8Array,
): Promise<WriteOutcome> {
  return throughPeer(door, room, principal, peer => peer.write(update))
}

async function throughPeer(
  door: Door,
  room: string,
  principal: Principal,
  work: (peer: WritingPeer) => Promise<WriteOutcome>,
): Promise<WriteOutcome> {
  const peer = new WritingPeer(principal)
  try {
    peer.membership = await door.join(room, peer, {})
    return await work(peer)
  } catch (error) {
    if (error instanceof RoomRefusal)
      return { ok: false, code: error.code, sentence: error.message, paths: [] }
    throw error
  } finally {
    peer.membership?.leave()
  }
}

const emptyStateVector = Uint8Array.of(0)

class WritingPeer implements Peer {
  readonly principal: Principal
  readonly kind = 'link'
  readonly wantsAcks = true
  readonly isAnswered = true
  /** Set as soon as the room is joined, before anything else is asked of this. */
  membership!: Membership
  #awaited: { resolve: (message: Awaited) => void; kinds: ReadonlySet<string> } | null = null

  constructor(principal: Principal) {
    this.principal = principal
  }

  async state(): Promise<Uint8Array> {
    const answer = this.#await('syncStep2')
    this.membership.receive(writeSyncStep1(emptyStateVector))
    const message = await answer
    if (message.kind === 'syncStep2') return message.update
    throw refusalOf(message)
  }

  async write(update: Uint8Array | null): Promise<WriteOutcome> {
    const { epoch, commit } = this.membership.info
    if (update === null) return { ok: true, epoch, commit }
    const answer = this.#await('saved', 'refused', 'pending')
    this.membership.receive(writeUpdate(update))
    const message = await answer
    switch (message.kind) {
      case 'saved':
        return { ok: true, epoch: this.membership.info.epoch, commit: message.commit }
      case 'refused': {
        const code = isErrorCode(message.code) ? message.code : 'WRITE_REFUSED'
        return { ok: false, code, sentence: message.sentence, paths: message.paths }
      }
      default:
        throw refusalOf(message)
    }
  }

  send(message: Uint8Array | SharedMessage): void {
    this.#told(readChannelMessage(asMessage(message).bytes))
  }

  sendShared(message: SharedMessage): void {
    this.#told(readChannelMessage(message.bytes))
  }

  close(code: ErrorCode, sentence?: string): void {
    this.#told({ kind: 'closed', code, sentence })
    this.membership?.leave()
  }

  #await(...kinds: string[]): Promise<Awaited> {
    return new Promise(resolve => {
      this.#awaited = { resolve, kinds: new Set([...kinds, 'closed']) }
    })
  }

  #told(message: Awaited): void {
    if (this.#awaited === null || !this.#awaited.kinds.has(message.kind)) return
    this.#awaited.resolve(message)
    this.#awaited = null
  }
}

type Awaited =
  | ReturnType<typeof readChannelMessage>
  | { readonly kind: 'closed'; readonly code: ErrorCode; readonly sentence: string | undefined }

function refusalOf(message: Awaited): Error {
  return message.kind === 'closed'
    ? new RoomRefusal(message.code, message.sentence)
    : new RoomRefusal('PENDING')
}
