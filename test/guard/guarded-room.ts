import type { Principal } from '../../server/access/principal.ts'
import { SharedMessage } from '../../server/link/shared-message.ts'
import type { Door, Membership, Peer } from '../../server/room/peer.ts'
import * as Y from 'yjs'
import { openRecord, type RecordType } from '../../shared/index.ts'
import type { ErrorCode } from '../../shared/wire/error-codes.ts'
import {
  type ChannelMessage,
  readChannelMessage,
  writeSyncStep1,
  writeSyncStep2,
  writeUpdate,
} from '../../shared/wire/sync-message.ts'

export const person = (id: string, ...roles: string[]): Principal => ({
  id,
  name: id,
  roles,
  claims: {},
  expiresAt: null,
})

/** A connection to a room without a socket in between: what it sends arrives at once, what it is told is at hand. */
export class DirectPeer implements Peer {
  principal: Principal
  readonly kind: 'stock' | 'link'
  readonly wantsAcks: boolean
  readonly messages: ChannelMessage[] = []
  closed: { code: ErrorCode; sentence: string } | null = null
  /** What a reader has who is fed by this connection alone. */
  readonly doc = new Y.Doc()
  membership: Membership | null = null
  sent = 0

  constructor(principal: Principal, kind: 'stock' | 'link' = 'link') {
    this.principal = principal
    this.kind = kind
    this.wantsAcks = kind === 'link'
  }

  async join(
    server: { readonly rooms: Door },
    room: string,
    ask: { clientId?: number; epoch?: string } = {},
  ): Promise<this> {
    this.membership = await server.rooms.join(room, this, ask)
    this.membership.receive(writeSyncStep1(Y.encodeStateVector(this.doc)))
    return this
  }

  send(message: Uint8Array | SharedMessage): void {
    this.#take(message instanceof SharedMessage ? message.bytes : message)
  }

  sendShared({ bytes }: SharedMessage): void {
    this.#take(bytes)
  }

  close(code: ErrorCode, sentence = ''): void {
    this.closed = { code, sentence }
    this.membership?.leave()
  }

  update(bytes: Uint8Array): void {
    this.sent++
    this.membership?.receive(writeUpdate(bytes))
  }

  step2(bytes: Uint8Array): void {
    this.sent++
    this.membership?.receive(writeSyncStep2(bytes))
  }

  get refused(): Extract<ChannelMessage, { kind: 'refused' }>[] {
    return this.messages.filter(message => message.kind === 'refused')
  }

  get savedCount(): number {
    return this.messages.reduce((count, message) => (message.kind === 'saved' ? message.count : count), 0)
  }

  get pendingCount(): number {
    return this.messages.filter(({ kind }) => kind === 'pending').length
  }

  #take(bytes: Uint8Array): void {
    // The room may use its buffer again; a socket would have copied it by now.
    const message = readChannelMessage(bytes.slice())
    this.messages.push(message)
    if (message.kind === 'syncStep2' || message.kind === 'update') Y.applyUpdate(this.doc, message.update)
  }
}

/** What an honest client would send: the updates of its doc, one by one. */
export const recordUpdates = (doc: Y.Doc, edit: () => void): Uint8Array[] => {
  const updates: Uint8Array[] = []
  const note = (update: Uint8Array): void => {
    updates.push(update)
  }
  doc.on('update', note)
  edit()
  doc.off('update', note)
  return updates
}

/** A client with a doc of its own that sends what it writes and reads what it is told. */
export const writerOn = <T extends RecordType>(
  peer: DirectPeer,
  type: T,
  clientId = peer.membership?.info.clientId,
) => {
  if (clientId !== null && clientId !== undefined) peer.doc.clientID = clientId
  const record = openRecord(type, peer.doc, { author: peer.principal.id })
  peer.doc.on('update', (update: Uint8Array, _origin: unknown, _doc: Y.Doc, transaction: Y.Transaction) => {
    if (transaction.local) peer.update(update)
  })
  return record
}
