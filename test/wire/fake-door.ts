import * as Y from 'yjs'
import { defaultLimits } from '../../server/access/limits.ts'
import { createWireCounters } from '../../server/link/wire-counters.ts'
import { Pacer } from '../../server/room/pacer.ts'
import { RoomPresence } from '../../server/room/presence.ts'
import {
  readChannelMessage,
  writeRefused,
  writeSaved,
  writeSyncStep1,
  writeSyncStep2,
  writeUpdate,
} from '../../shared/wire/sync-message.ts'
import { SharedMessage } from '../../server/link/shared-message.ts'
import { type Door, type JoinAsk, type Membership, type Peer, RoomRefusal } from '../../server/room/peer.ts'

/** Rooms without guard and store: what the wire needs on its other side. */
export class FakeRoom {
  readonly doc = new Y.Doc()
  readonly members = new Set<FakeMembership>()
  readonly peers = new Set<Peer>()
  readonly presence: RoomPresence
  commit = 0
  epoch = 'epoch-1'

  constructor(pacer: Pacer) {
    this.presence = new RoomPresence({
      peers: this.peers,
      pacer,
      counters: createWireCounters(),
      limits: defaultLimits,
      now: Date.now,
    })
    this.doc.on('update', (update: Uint8Array, from: unknown) => {
      this.commit++
      relay(this, writeUpdate(update, this.commit), from instanceof FakeMembership ? from : null)
    })
  }
}

export class FakeMembership implements Membership {
  readonly room: FakeRoom
  readonly peer: Peer
  readonly ask: JoinAsk
  received = 0
  drainedTimes = 0
  principals = 0
  hasLeft = false

  constructor(room: FakeRoom, peer: Peer, ask: JoinAsk) {
    this.room = room
    this.peer = peer
    this.ask = ask
    room.members.add(this)
    room.peers.add(peer)
    room.presence.join(peer)
  }

  get info() {
    const { epoch, commit } = this.room
    return { epoch, commit, readOnly: false, clientId: this.ask.clientId ?? null, held: null }
  }

  greet(): void {}

  receive(bytes: Uint8Array): void {
    const message = readChannelMessage(bytes)
    const { room, peer } = this
    switch (message.kind) {
      case 'syncStep1':
        peer.send(writeSyncStep2(Y.encodeStateAsUpdate(room.doc, message.stateVector), room.commit))
        peer.send(writeSyncStep1(Y.encodeStateVector(room.doc)))
        break
      case 'syncStep2':
      case 'update':
        this.received++
        if (message.update.length === 0) {
          const refused = {
            number: this.received,
            code: 'BAD_VALUE',
            paths: ['a'],
            sentence: 'No.',
            spent: [7],
          }
          if (peer.wantsAcks) peer.send(writeRefused(refused))
          break
        }
        Y.applyUpdate(room.doc, message.update, this)
        if (peer.wantsAcks) peer.send(writeSaved({ count: this.received, commit: room.commit }))
        break
      case 'awareness':
        room.presence.receive(peer, message.body)
        break
      case 'queryAwareness':
        room.presence.tellAll(peer)
        break
      // What only a server says.
      case 'pending':
        throw new Error('broken on purpose')
      case 'malformed':
        peer.close('MALFORMED')
        break
      default:
    }
  }

  drained(): void {
    this.drainedTimes++
    this.peer.send(writeUpdate(Y.encodeStateAsUpdate(this.room.doc), this.room.commit))
    this.room.presence.tellAll(this.peer)
  }

  principalChanged(): void {
    this.principals++
    this.room.presence.principalChanged(this.peer)
  }

  leave(): void {
    this.hasLeft = true
    this.room.members.delete(this)
    this.room.peers.delete(this.peer)
    this.room.presence.leave(this.peer)
  }
}

export const relay = (room: FakeRoom, bytes: Uint8Array, from: FakeMembership | null): void => {
  const message = new SharedMessage(bytes)
  for (const member of room.members) if (member !== from) member.peer.sendShared(message)
}

export class FakeDoor implements Door {
  readonly rooms = new Map<string, FakeRoom>()
  readonly pacer = new Pacer()
  /** Rooms named `no:…` are refused; `slow:…` wait for `open`. */
  readonly waiting: (() => void)[] = []

  room(name: string): FakeRoom {
    const room = this.rooms.get(name) ?? new FakeRoom(this.pacer)
    this.rooms.set(name, room)
    return room
  }

  async join(name: string, peer: Peer, ask: JoinAsk): Promise<Membership> {
    if (name.startsWith('no:')) throw new RoomRefusal('FORBIDDEN')
    if (name.startsWith('broken:')) throw new Error('broken on purpose')
    if (name.startsWith('slow:')) await new Promise<void>(resolve => this.waiting.push(resolve))
    const room = this.room(name)
    if (ask.epoch !== undefined && ask.epoch !== room.epoch) throw new RoomRefusal('EPOCH_CHANGED')
    return new FakeMembership(room, peer, ask)
  }
}
