// What the author of an update hears that was not taken: to wait for what it builds on, or that it is refused.

import { sentenceOf } from '../../shared/record/record-error.ts'
import type { ErrorCode } from '../../shared/wire/error-codes.ts'
import { writePending, writeRefused } from '../../shared/wire/sync-message.ts'
import { clientsIn } from './incoming-update.ts'
import type { Member } from './member.ts'
import type { RoomPresence } from './presence.ts'
import type { RoomServices } from './room-services.ts'
import type { Verdict } from './verdict.ts'

const SPENT_MAX = 100
const NOBODY: readonly number[] = []

interface RefusingRoom {
  readonly name: string
  readonly presence: Pick<RoomPresence, 'ownIdOf'> | null
}

/** Whether the author is to be asked for all that is missing; one that goes on like this is not asked for ever. */
export const keepWaiting = ({ limits }: Pick<RoomServices<never>, 'limits'>, member: Member): boolean => {
  if (member.peer.wantsAcks) member.peer.send(writePending(member.received))
  return ++member.pendingRun <= limits.pendingInARow
}

/** Gives the client ids of others that the update holds, where they alone are what was wrong with it. */
export const refuse = <Room extends RefusingRoom>(
  services: RoomServices<Room>,
  room: Room,
  member: Member,
  { code, problems, isOffence }: Extract<Verdict, { kind: 'refused' }>,
  update: Uint8Array,
): readonly number[] => {
  services.metrics.refused(code)
  const { peer, sender } = member
  const clients = isOffence || peer.wantsAcks ? clientsIn(update, services.limits.structsPerUpdate) : NOBODY
  const others = OF_ANOTHER.has(code) ? handedOn(room, member, clients) : NOBODY
  if (others.length > 0) return others
  const sentence = sentenceOf(problems)
  if (isOffence) {
    services.logger.warn({ room: room.name, code, user: sender.principal.id }, sentence)
    member.offences++
  } else if (peer.isAnswered !== true) services.editRefused?.(room, sender.principal, problems)
  const isTooMuch = isOffence && member.offences > services.limits.refusalsPerMinute
  if (peer.wantsAcks) {
    const paths = problems.map(({ path }) => path)
    // Whose ids it would have used: they cannot be written under again.
    const spent = clients.slice(0, SPENT_MAX)
    peer.send(writeRefused({ number: member.received, code, paths, sentence, spent }))
    if (isTooMuch) peer.close(code, sentence)
    return NOBODY
  }
  // A stock client has no words for a refusal but its close reason, and goes on showing what nobody keeps. What is only
  // malformed may be the line's fault, and is asked for once more.
  if (code !== 'MALFORMED' || isTooMuch) peer.close(code, sentence)
  return NOBODY
}

const OF_ANOTHER: ReadonlySet<ErrorCode> = new Set(['AUTHOR_MISMATCH', 'NOT_OWNER'])

/**
 * Windows of one browser tell each other, and y-websocket's provider hands on what it hears there, whoever sits before
 * the other: that is nobody's fault, and comes from the other one too.
 */
const handedOn = (
  { presence }: RefusingRoom,
  { peer }: Member,
  clients: readonly number[],
): readonly number[] => {
  const own = peer.wantsAcks ? null : (presence?.ownIdOf(peer) ?? null)
  return own === null ? NOBODY : clients.filter(client => client !== own)
}

/** A message that no honest client sends. */
export const offended = (
  { metrics, limits }: Pick<RoomServices<never>, 'metrics' | 'limits'>,
  member: Member,
  code: ErrorCode,
): void => {
  metrics.refused(code)
  if (++member.offences > limits.refusalsPerMinute) member.peer.close(code)
}
