import type { RecordAnswer, RecordAsk } from '../../shared/wire/push-pull.ts'
import type { Principal } from '../access/principal.ts'
import type { Door, MembershipInfo } from '../room/peer.ts'
import { RoomRefusal } from '../room/peer.ts'
import { Exchange, type ParsedAsk, parseAsk } from './exchange.ts'
import { PollPeer } from './poll-peer.ts'
import type { PollPresence } from './poll-presence.ts'

export interface SyncRequestParts {
  readonly door: () => Door
  readonly presence: PollPresence
  readonly logger: { error(fields: object, message: string): void }
  /** What one answer holds; what does not fit is asked for again. */
  readonly answerBytesMax: number
  readonly stateVectorEntriesMax: number
}

/** Rooms that are loaded at once for one request: enough to share fsyncs, few enough for others to get a turn. */
const ROOMS_AT_ONCE = 64

/** Answers all records of one request, in their order. */
export async function answerAll(
  parts: SyncRequestParts,
  principal: Principal,
  asks: readonly RecordAsk[],
): Promise<RecordAnswer[]> {
  const answers: RecordAnswer[] = asks.map(() => ({ kind: 'later' }))
  let bytes = 0
  let next = 0
  const work = async (): Promise<void> => {
    while (next < asks.length) {
      const at = next++
      const ask = asks[at]
      if (ask === undefined || bytes > parts.answerBytesMax) continue
      const answer = await answerOne(parts, principal, ask)
      answers[at] = answer
      if (answer.kind === 'open') for (const message of answer.messages) bytes += message.length
    }
  }
  await Promise.all(Array.from({ length: Math.min(ROOMS_AT_ONCE, asks.length) }, work))
  return answers
}

async function answerOne(
  parts: SyncRequestParts,
  principal: Principal,
  ask: RecordAsk,
): Promise<RecordAnswer> {
  const parsed = parseAsk(ask, parts.stateVectorEntriesMax)
  if (parsed === null) return closed(new RoomRefusal('MALFORMED'))
  try {
    return await exchange(parts, principal, parsed)
  } catch (error) {
    if (error instanceof RoomRefusal) return closed(error)
    parts.logger.error({ err: error, room: ask.room }, 'a record of a push or pull failed')
    return closed(new RoomRefusal('INTERNAL'))
  }
}

async function exchange(
  { door, presence }: SyncRequestParts,
  principal: Principal,
  { ask, states, updates, step1, wantsPresence }: ParsedAsk,
): Promise<RecordAnswer> {
  const { room, clientId, epoch, again } = ask
  const begun = again === undefined ? {} : { again }
  const known = presence.find(principal, room, clientId)
  const shown =
    known === null && states.length > 0 && clientId !== null
      ? await presence.show(principal, room, clientId, begun)
      : known
  const peer = new PollPeer(principal)
  // One who is shown has the client id reserved already.
  const wish = shown === null && clientId !== null ? { clientId } : {}
  const held = epoch === null ? {} : { epoch }
  peer.joined(await door().join(room, peer, { ...begun, ...wish, ...held }))
  try {
    const { info } = peer.membership
    const given = clientId === null ? null : (shown?.membership.info ?? info).clientId
    if (given !== clientId) shown?.leave()
    if (given !== clientId || (epoch !== null && epoch !== info.epoch)) return open(info, given, [])
    const exchange = new Exchange(peer)
    for (const state of states) shown?.membership.receive(state)
    await exchange.update(updates)
    const isBehind = epoch === null || ask.commit !== peer.membership.info.commit
    if (step1 !== null && isBehind) await exchange.ask(step1)
    if (wantsPresence) exchange.queryPresence(shown ?? peer)
    return open(peer.membership.info, given, exchange.messages)
  } finally {
    peer.leave()
  }
}

const open = (
  { epoch, commit, readOnly, held }: MembershipInfo,
  clientId: number | null,
  messages: readonly Uint8Array[],
): RecordAnswer => ({ kind: 'open', epoch, commit, readOnly, clientId, held, messages })

const closed = ({ code, message }: RoomRefusal): RecordAnswer => ({ kind: 'closed', code, sentence: message })
