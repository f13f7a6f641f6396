// The server end of the link, small enough to see through: rooms that are docs, and acknowledgements that leave
// when the test says so. What it «has on disk» is what has been acknowledged.

import * as Y from 'yjs'
import type { SocketLike } from '../../client/surroundings.ts'
import { parseClientControl, writeControl } from '../../shared/wire/link-control.ts'
import { linkDigest } from '../../shared/wire/link-digest.ts'
import { readLinkFrame, writeLinkFrame } from '../../shared/wire/link-frame.ts'
import type { JsonObject } from '../../shared/wire/shape.ts'
import {
  readChannelMessage,
  type Refused,
  writeAwareness,
  writePending,
  writeRefused,
  writeSaved,
  writeSyncStep1,
  writeSyncStep2,
  writeUpdate,
} from '../../shared/wire/sync-message.ts'
import type { FakeTime } from './fake-time.ts'

const MESSAGE_BYTES = 1e6
/** As of the real one, smaller. */
const PENDING_IN_A_ROW = 3

export class FakeRoom {
  doc = new Y.Doc()
  /** What a pulled plug leaves: the state at the last acknowledgement. */
  durable = new Y.Doc()
  durableCommit = 0
  epoch = 'e1'
  commit = 0
  toRelay: { readonly from: FakeChannel; readonly update: Uint8Array }[] = []
  readonly channels = new Set<FakeChannel>()
  readOnly = false
  /** Of earlier epochs, how far each client id was held. */
  readonly held = new Map<string, (readonly [number, number])[]>()
  refuseWith: { code: string; sentence: string } | null = null

  /** Whoever is answered with what is on the disk once what is under way has reached it. */
  toAnswer: (() => void)[] = []

  save(): void {
    Y.applyUpdate(this.durable, Y.encodeStateAsUpdate(this.doc))
    this.durableCommit = this.commit
    for (const { from, update } of this.toRelay.splice(0)) {
      for (const other of this.channels) if (other !== from) other.send(writeUpdate(update, this.commit))
    }
    for (const answer of this.toAnswer.splice(0)) answer()
  }
}

export type Judge = (
  update: Uint8Array,
  room: FakeRoom,
  user: string,
) => Omit<Refused, 'number' | 'spent'> | 'pending' | null

/** Not permitted is what holds the word. */
export const refusing =
  (word: string, path: string, sentence: string): Judge =>
  update =>
    Buffer.from(update).includes(word) ? { code: 'NOT_PERMITTED', paths: [path], sentence } : null

export class FakeServer {
  readonly rooms = new Map<string, FakeRoom>()
  readonly sockets = new Set<FakeSocket>()
  readonly time: FakeTime
  /** No socket opens at all. */
  isDown = false
  /** How far its clock is ahead of what is right. */
  aheadMs = 0
  /** Acknowledgements wait for `ack()`. */
  holdsAcks = false
  /** As the real one: whoever asks for a room's state hears it when what is under way is on the disk. */
  answersWait = false
  judge: Judge = () => null
  accepts: (token: string) => boolean = () => true
  readonly control: Record<string, (body: JsonObject, socket: FakeSocket) => void> = {}
  made = 0

  constructor(time: FakeTime) {
    this.time = time
  }

  room(name: string): FakeRoom {
    const room = this.rooms.get(name) ?? new FakeRoom()
    this.rooms.set(name, room)
    return room
  }

  readonly createSocket = (): FakeSocket => {
    this.made++
    const socket = new FakeSocket(this)
    this.sockets.add(socket)
    return socket
  }

  /** Delivers everything, both ways, until nothing moves. */
  crank(): void {
    for (let moved = true; moved; ) {
      moved = false
      for (const socket of [...this.sockets]) moved = socket.crank() || moved
    }
  }

  /** The disk has everything; the acknowledgements that were held back leave. */
  ack(): void {
    for (const room of this.rooms.values()) {
      for (const channel of room.channels) channel.ack()
      room.save()
    }
  }

  kill(code = 1006, reason = ''): void {
    for (const socket of [...this.sockets]) socket.end(code, reason)
  }

  /** kill -9: what was not on the disk is gone, and every socket with it. */
  crash(): void {
    this.kill()
    for (const room of this.rooms.values()) {
      room.doc = new Y.Doc()
      Y.applyUpdate(room.doc, Y.encodeStateAsUpdate(room.durable))
      room.commit = room.durableCommit
      room.toRelay = []
      room.toAnswer = []
    }
  }

  /** The record is read from a backup: another epoch, and what was written since is gone. */
  restore(name: string, state: Uint8Array, epoch: string): void {
    const room = this.room(name)
    room.doc = new Y.Doc()
    Y.applyUpdate(room.doc, state)
    room.held.set(room.epoch, [...Y.decodeStateVector(Y.encodeStateVector(room.doc))])
    // Under fresh ids, as a fold does: what was written under the old ones cannot be taken for news.
    room.doc = refounded(room.doc)
    room.epoch = epoch
    room.durable = new Y.Doc()
    room.save()
    for (const channel of [...room.channels]) channel.close('EPOCH_CHANGED', 'restored')
  }
}

const refounded = (doc: Y.Doc): Y.Doc => {
  const fresh = new Y.Doc()
  fresh.getArray('cells').push(doc.getArray('cells').toArray())
  for (const name of ['description', 'notes']) fresh.getText(name).applyDelta(doc.getText(name).toDelta())
  return fresh
}

export class FakeChannel {
  readonly socket: FakeSocket
  readonly number: number
  readonly room: FakeRoom
  count = 0
  unacked = 0
  #pendingRun = 0

  constructor(socket: FakeSocket, number: number, room: FakeRoom) {
    this.socket = socket
    this.number = number
    this.room = room
    room.channels.add(this)
  }

  send(message: Uint8Array): void {
    this.socket.toClient.push(writeLinkFrame(this.number, message))
  }

  receive(bytes: Uint8Array): void {
    const message = readChannelMessage(bytes)
    const { room, socket } = this
    switch (message.kind) {
      case 'syncStep1':
        if (socket.server.answersWait && room.commit > room.durableCommit)
          room.toAnswer.push(() => this.#answer(message.stateVector))
        else this.#answer(message.stateVector)
        return
      case 'syncStep2':
      case 'update': {
        this.count++
        const verdict = socket.server.judge(message.update, room, socket.user)
        if (verdict === 'pending') {
          this.send(writePending(this.count))
          if (++this.#pendingRun <= PENDING_IN_A_ROW) this.send(writeSyncStep1(Y.encodeStateVector(room.doc)))
        } else if (verdict !== null) {
          this.send(writeRefused({ ...verdict, number: this.count, spent: [] }))
        } else {
          this.#pendingRun = 0
          const before = Y.encodeStateVector(room.doc)
          const deletesBefore = JSON.stringify([...Y.snapshot(room.doc).ds.clients])
          Y.applyUpdate(room.doc, message.update)
          const isNews =
            Buffer.compare(Buffer.from(before), Buffer.from(Y.encodeStateVector(room.doc))) !== 0 ||
            deletesBefore !== JSON.stringify([...Y.snapshot(room.doc).ds.clients])
          if (isNews) {
            room.commit++
            room.toRelay.push({ from: this, update: message.update })
          }
        }
        this.unacked = this.count
        if (!socket.server.holdsAcks) this.ack()
        return
      }
      case 'awareness':
        for (const other of room.channels) if (other !== this) other.send(writeAwareness(message.body))
        return
      default:
    }
  }

  /** With what is on the disk, as every read. */
  #answer(stateVector: Uint8Array): void {
    const { durable, durableCommit } = this.room
    this.send(writeSyncStep2(Y.encodeStateAsUpdate(durable, stateVector), durableCommit))
    this.send(writeSyncStep1(Y.encodeStateVector(durable)))
  }

  ack(): void {
    if (this.unacked === 0) return
    this.room.save()
    this.send(writeSaved({ count: this.unacked, commit: this.room.commit }))
    this.unacked = 0
  }

  close(code: string, sentence: string): void {
    this.room.channels.delete(this)
    this.socket.channels.delete(this.number)
    this.socket.sendControl({ t: 'closed', channels: [{ channel: this.number, code, sentence }] })
  }
}

export class FakeSocket implements SocketLike {
  readonly server: FakeServer
  binaryType = 'blob'
  readyState = 0
  readonly bufferedAmount = 0
  onopen: ((event: unknown) => void) | null = null
  onmessage: ((event: { readonly data: unknown }) => void) | null = null
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null = null
  onerror: ((event: unknown) => void) | null = null
  readonly toClient: Uint8Array[] = []
  readonly toServer: Uint8Array[] = []
  readonly channels = new Map<number, FakeChannel>()
  /** A dead network: nothing is delivered, nobody is told. */
  isDead = false
  /** What is sent to the client is lost. */
  drops = false
  token: string | null = null
  user = ''

  constructor(server: FakeServer) {
    this.server = server
  }

  send(data: Uint8Array): void {
    if (this.readyState === 1) this.toServer.push(data.slice())
  }

  close(code = 1000): void {
    this.end(code, '', false)
  }

  end(code: number, reason: string, tells = true): void {
    if (this.readyState === 3) return
    this.readyState = 3
    this.server.sockets.delete(this)
    for (const channel of this.channels.values()) channel.room.channels.delete(channel)
    this.channels.clear()
    if (tells) this.onclose?.({ code, reason })
  }

  sendControl(message: JsonObject & { readonly t: string }): void {
    this.toClient.push(writeLinkFrame(0, writeControl(message)))
  }

  /** Whether anything moved. */
  crank(): boolean {
    if (this.isDead || this.readyState === 3) return false
    if (this.readyState === 0) {
      if (this.server.isDown) {
        this.end(1006, '')
        return true
      }
      this.readyState = 1
      this.onopen?.({})
      return true
    }
    return this.crankToServer() || this.crankToClient()
  }

  crankToServer(limit = Number.POSITIVE_INFINITY): boolean {
    let moved = 0
    for (let frame = this.toServer.shift(); frame !== undefined; frame = this.toServer.shift()) {
      this.#receive(frame)
      if (++moved >= limit) break
    }
    return moved > 0
  }

  crankToClient(limit = Number.POSITIVE_INFINITY): boolean {
    let moved = 0
    while (moved < limit && this.readyState === 1) {
      const frame = this.toClient.shift()
      if (frame === undefined) break
      moved++
      if (!this.drops) this.onmessage?.({ data: frame })
    }
    return moved > 0
  }

  #receive(bytes: Uint8Array): void {
    if (bytes.length > MESSAGE_BYTES) {
      this.end(4413, 'TOO_LARGE: make it smaller')
      return
    }
    const frame = readLinkFrame(bytes)
    if (frame === null) throw new Error('a frame without a channel')
    if (frame.channel !== 0) {
      this.channels.get(frame.channel)?.receive(frame.payload)
      return
    }
    const message = parseClientControl(frame.payload)
    const { server } = this
    switch (message.t) {
      case 'hello': {
        this.token = message.token
        if (!server.accepts(message.token ?? '')) {
          this.end(4401, 'TOKEN_EXPIRED: sign in')
          return
        }
        const claims = JSON.parse(
          Buffer.from((message.token ?? '').split('.')[1] ?? '', 'base64url').toString(),
        )
        this.user = claims.sub
        this.sendControl({
          t: 'welcome',
          version: 1,
          session: 's',
          user: { id: claims.sub, name: claims.name, roles: claims.roles },
          expiresAt: typeof claims.exp === 'number' ? claims.exp * 1000 : null,
          time: server.time.now + server.aheadMs,
          heartbeatMs: 25_000,
          limits: { channels: null, messageBytes: MESSAGE_BYTES, presenceBytes: 1e4 },
        })
        return
      }
      case 'open':
        for (const { channel: number, room: name, epoch } of message.channels) {
          const room = server.room(name)
          if (room.refuseWith !== null) {
            const { code, sentence } = room.refuseWith
            this.sendControl({ t: 'closed', channels: [{ channel: number, code, sentence }] })
            continue
          }
          this.channels.set(number, new FakeChannel(this, number, room))
          const { durableCommit: commit, readOnly } = room
          this.sendControl({
            t: 'opened',
            channels: [
              {
                channel: number,
                epoch: room.epoch,
                commit,
                readOnly,
                clientId: null,
                held: epoch === undefined || epoch === room.epoch ? null : (room.held.get(epoch) ?? []),
              },
            ],
          })
        }
        return
      case 'close':
        for (const number of message.channels) {
          const channel = this.channels.get(number)
          if (channel !== undefined) channel.room.channels.delete(channel)
          this.channels.delete(number)
        }
        return
      case 'ping': {
        const records = linkDigest(
          [...this.channels].map(([number, { room }]) => [number, room.durableCommit]),
        )
        this.sendControl({
          t: 'pong',
          n: message.n,
          time: server.time.now + server.aheadMs,
          digest: { records, lists: 0 },
        })
        return
      }
      case 'check': {
        const channels = [...this.channels].map(([number, { room }]) => [number, room.durableCommit])
        this.sendControl({ t: 'commits', channels, lists: [] })
        return
      }
      case 'token':
        this.token = message.token
        this.sendControl({ t: 'renewed', user: { id: '', name: '', roles: [] }, expiresAt: null })
        return
      case 'other':
        server.control[message.name]?.(message.body, this)
        return
      case 'malformed':
        throw new Error(message.problem)
    }
  }
}
