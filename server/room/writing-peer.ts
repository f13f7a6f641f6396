import { type ErrorCode, isErrorCode } from '../../shared/wire/error-codes.ts'
import { readChannelMessage, writeSyncStep1, writeUpdate } from '../../shared/wire/sync-message.ts'
import type { Principal } from '../access/principal.ts'
import { asMessage } from '../link/shared-message.ts'
import { type Membership, type Peer, RoomRefusal } from './peer.ts'
import { EMPTY_STATE_VECTOR } from './room-content.ts'

type Message = ReturnType<typeof readChannelMessage>
type OfKind<K extends Message['kind']> = Extract<Message, { readonly kind: K }>

export interface RefusedWrite {
  readonly kind: 'refused'
  readonly code: ErrorCode
  readonly sentence: string
  readonly paths: readonly string[]
}

/**
 * Somebody who has no replica, and waits for the answer: reads the committed state, and writes an update. Both reject
 * with RoomRefusal where the room ends it.
 */
export class WritingPeer implements Peer {
  readonly kind = 'link'
  readonly wantsAcks = true
  readonly isAnswered = true
  readonly principal: Principal
  /** Set as soon as the room is joined, before anything else is asked of this. */
  membership!: Membership
  #answered: ((message: Message) => void) | null = null
  #ended: ((error: RoomRefusal) => void) | null = null

  constructor(principal: Principal) {
    this.principal = principal
  }

  state(): Promise<OfKind<'syncStep2'>> {
    return this.#ask(writeSyncStep1(EMPTY_STATE_VECTOR), 'syncStep2')
  }

  async write(update: Uint8Array): Promise<OfKind<'saved'> | RefusedWrite> {
    const answer = await this.#ask(writeUpdate(update), 'saved', 'refused')
    if (answer.kind === 'saved') return answer
    return { ...answer, code: isErrorCode(answer.code) ? answer.code : 'WRITE_REFUSED' }
  }

  send(message: Parameters<Peer['send']>[0]): void {
    const told = readChannelMessage(asMessage(message).bytes)
    if (told.kind === 'pending') this.#ended?.(new RoomRefusal('PENDING'))
    else this.#answered?.(told)
  }

  /** What others write meanwhile is merged by the room. */
  sendShared(): void {}

  close(code: ErrorCode, sentence?: string): void {
    this.#ended?.(new RoomRefusal(code, sentence))
    this.membership?.leave()
  }

  #ask<K extends Message['kind']>(message: Uint8Array, ...kinds: readonly K[]): Promise<OfKind<K>> {
    const isOfKind = (told: Message): told is OfKind<K> => kinds.some(kind => kind === told.kind)
    return new Promise((resolve, reject) => {
      this.#answered = told => isOfKind(told) && resolve(told)
      this.#ended = reject
      this.membership.receive(message)
    })
  }
}
