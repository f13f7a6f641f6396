// What the author of an update hears that was not taken: to wait for what it builds on, or that it is refused.

import { sentenceOf } from '../../shared/record/record-error.ts'
import type { ErrorCode } from '../../shared/wire/error-codes.ts'
import { writePending, writeRefused } from '../../shared/wire/sync-message.ts'
import { clientsIn } from './incoming-update.ts'
import type { Member } from './member.ts'
import type { RoomServices } from './room-services.ts'
import type { Verdict } from './verdict.ts'

const SPENT_MAX = 100

/** Whether the author is to be asked for all that is missing; one that goes on like this is not asked for ever. */
export const keepWaiting = ({ limits }: Pick<RoomServices<never>, 'limits'>, member: Member): boolean => {
  if (member.peer.wantsAcks) member.peer.send(writePending(member.received))
  return ++member.pendingRun <= limits.pendingInARow
}

export const refuse = <Room extends { readonly name: string }>(
  services: RoomServices<Room>,
  room: Room,
  member: Member,
  { code, problems, isOffence }: Extract<Verdict, { kind: 'refused' }>,
  update: Uint8Array,
): void => {
  services.metrics.refused(code)
  const { peer, sender } = member
  const sentence = sentenceOf(problems)
  if (isOffence) {
    services.logger.warn({ room: room.name, code, user: sender.principal.id }, sentence)
    member.offences++
  } else if (peer.isAnswered !== true) services.editRefused?.(room, sender.principal, problems)
  const isTooMuch = isOffence && member.offences > services.limits.refusalsPerMinute
  if (peer.wantsAcks) {
    const paths = problems.map(({ path }) => path)
    // Whose ids it would have used: they cannot be written under again.
    const spent = clientsIn(update, services.limits.structsPerUpdate).slice(0, SPENT_MAX)
    peer.send(writeRefused({ number: member.received, code, paths, sentence, spent }))
    if (isTooMuch) peer.close(code, sentence)
    return
  }
  // A stock client has no words for a refusal but its close reason; what is only malformed may be the line's fault.
  if (!isOffence || isTooMuch) peer.close(code, sentence)
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
