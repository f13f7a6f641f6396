import * as Y from 'yjs'
import type { RecordType } from '../../shared/record/record-type.ts'
import { parseRoomName } from '../../shared/record/room-name.ts'
import { RecordOnDoc } from '../../shared/record/record.ts'
import type { ErrorCode } from '../../shared/wire/error-codes.ts'
import type { Principal } from '../access/principal.ts'
import { type Door, RoomRefusal } from '../room/peer.ts'
import { WritingPeer } from '../room/writing-peer.ts'

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
    Y.applyUpdate(doc, (await peer.state()).update)
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
    if (hasChanged) return written(peer, Y.encodeStateAsUpdate(doc, before))
    const { epoch, commit } = peer.membership.info
    return { ok: true, epoch, commit }
  })
}

/** The same with an update that was made elsewhere; for free rooms. */
export async function writeRoomUpdate(
  door: Door,
  room: string,
  principal: Principal,
  update: Uint8Array,
): Promise<WriteOutcome> {
  return throughPeer(door, room, principal, peer => written(peer, update))
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

async function written(peer: WritingPeer, update: Uint8Array): Promise<WriteOutcome> {
  const answer = await peer.write(update)
  if (answer.kind === 'saved') return { ok: true, epoch: peer.membership.info.epoch, commit: answer.commit }
  const { code, sentence, paths } = answer
  return { ok: false, code, sentence, paths }
}
