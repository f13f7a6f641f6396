// Somebody who has a record open and sits in one of its fields: a membership of the room that says where it is, and
// writes nothing. Who it is the room writes into it, as into everybody's.

import * as encoding from 'lib0/encoding'
import { MESSAGE_AWARENESS } from '../../shared/wire/sync-message.ts'
import type { Principal } from '../access/principal.ts'
import type { Door, Membership, Peer } from '../room/peer.ts'

export class ColleagueVisit implements Peer {
  readonly kind = 'link'
  readonly wantsAcks = true
  readonly isAnswered = true
  readonly principal: Principal
  #membership: Membership | null = null
  #clock = 0

  private constructor(principal: Principal) {
    this.principal = principal
  }

  static async begin(
    door: Door,
    room: string,
    principal: Principal,
    clientId: number,
  ): Promise<ColleagueVisit> {
    const visit = new ColleagueVisit(principal)
    visit.#membership = await door.join(room, visit, { clientId })
    return visit
  }

  /** They are in this field now. */
  sitIn(field: string | null): void {
    const clientId = this.#membership?.info.clientId ?? null
    if (clientId === null) return
    const body = encoding.createEncoder()
    encoding.writeVarUint(body, 1)
    encoding.writeVarUint(body, clientId)
    encoding.writeVarUint(body, ++this.#clock)
    encoding.writeVarString(body, JSON.stringify({ user: { id: this.principal.id }, field, state: 'active' }))
    const message = encoding.createEncoder()
    encoding.writeVarUint(message, MESSAGE_AWARENESS)
    encoding.writeVarUint8Array(message, encoding.toUint8Array(body))
    this.#membership?.receive(encoding.toUint8Array(message))
  }

  leave(): void {
    this.#membership?.leave()
    this.#membership = null
  }

  /** What is told to those who are here is for screens, and this one has none. */
  send(): void {}
  sendShared(): void {}

  close(): void {
    this.leave()
  }
}
