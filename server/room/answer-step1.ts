// What somebody is answered who says what they have: the rest of it, and, the first time, the question what they
// have that is missing here. Who comes in anew has most often nothing, and is told what there is before they say so.

import { writeSyncStep1, writeSyncStep2 } from '../../shared/wire/sync-message.ts'
import type { SharedMessage } from '../link/shared-message.ts'
import type { Member } from './member.ts'
import { BEGUN_AGAIN } from './peer.ts'
import { offended } from './refuse.ts'
import { EMPTY_STATE_VECTOR, entriesOf, isEmptyStateVector } from './room-content.ts'
import type { RoomServices } from './room-services.ts'

export interface AnsweringRoom {
  readonly commit: number
  readonly storedBytes: number
  readonly hasEarlierEpochs: boolean
  readonly stateVector: Uint8Array
  pastOf(stateVector: Uint8Array): 'earlier' | 'purged' | null
  encode(stateVector: Uint8Array): Uint8Array
  wholeState(): SharedMessage
}

export const answerStep1 = (
  room: AnsweringRoom,
  services: Pick<RoomServices<never>, 'metrics' | 'limits'>,
  member: Member,
  stateVector: Uint8Array,
): void => {
  const { peer } = member
  const isEmpty = isEmptyStateVector(stateVector)
  let update: Uint8Array
  try {
    if (entriesOf(stateVector) > services.limits.stateVectorEntries) {
      offended(services, member, 'TOO_MANY')
      return
    }
    const past = isEmpty ? null : room.pastOf(stateVector)
    if (past !== null) {
      // Merging two epochs would show everything twice; whoever holds an old one begins again.
      if (past === 'purged') peer.close('PURGED', BEGUN_AGAIN)
      else peer.close('EPOCH_CHANGED')
      return
    }
    update = room.encode(stateVector)
  } catch {
    offended(services, member, 'MALFORMED')
    return
  }
  const { isGreeted } = member
  const isFirst = !member.hasAsked
  member.hasAsked = true
  member.isGreeted = false
  if (isEmpty) {
    // Before it has anything, all that it has is what it lacks here; and a stored record need not be read through
    // for its state vector.
    if (isFirst) peer.send(ASK_FOR_ALL)
    if (!isGreeted) peer.send(room.wholeState())
  } else {
    peer.send(writeSyncStep2(update, room.commit))
    if (isFirst) peer.send(writeSyncStep1(room.stateVector))
  }
}

/**
 * It leaves with the answer to the handshake, and spares a way there and back. Not where an earlier epoch may be
 * known to them: whoever comes with one is to be stopped first.
 */
export const greet = (room: AnsweringRoom, member: Member): void => {
  if (room.hasEarlierEpochs || room.storedBytes > GREETING_BYTES_MAX) return
  member.isGreeted = true
  member.peer.send(room.wholeState())
}

/** What somebody who has it already, as after a lost connection, is told in vain. */
const GREETING_BYTES_MAX = 4_096

const ASK_FOR_ALL = writeSyncStep1(EMPTY_STATE_VECTOR)
