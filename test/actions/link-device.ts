import * as Y from 'yjs'
import { type OpenRecord, openRecord, type RecordType } from '../../shared/index.ts'
import {
  readChannelMessage,
  writeSyncStep1,
  writeSyncStep2,
  writeUpdate,
} from '../../shared/wire/sync-message.ts'
import { LinkClient } from '../wire/link-client.ts'
import { until } from '../wire/wire-server.ts'

interface Channel {
  readonly room: string
  readonly doc: Y.Doc
  isSynced: boolean
}

/** A device with any number of records over one link, which can go off line, and comes back by itself. */
export class LinkDevice {
  readonly #url: () => string
  readonly #token: string
  readonly #channels: Channel[] = []
  #link: LinkClient | null = null
  #isOnline = false

  constructor(url: () => string, token: string) {
    this.#url = url
    this.#token = token
  }

  /** Works off line too: what is written is sent with the next contact. */
  record<T extends RecordType>(type: T, id: string, options: { newId?: () => string } = {}): OpenRecord<T> {
    const doc = new Y.Doc()
    const channel: Channel = { room: `${type.name}:${id}`, doc, isSynced: false }
    const number = this.#channels.push(channel)
    doc.on('update', (update: Uint8Array, _origin: unknown, _doc: Y.Doc, { local }: Y.Transaction) => {
      if (local && channel.isSynced) this.#link?.send(number, writeUpdate(update))
    })
    if (this.#link !== null) this.#open(this.#link, number, channel)
    return openRecord(type, doc, { author: this.#token.split(':')[0] ?? '', id, ...options })
  }

  async connect(): Promise<this> {
    this.#isOnline = true
    while (this.#isOnline && this.#link === null) await this.#tryConnect()
    await until(() => !this.#isOnline || this.#channels.every(({ isSynced }) => isSynced), 'all in step')
    return this
  }

  disconnect(): void {
    this.#isOnline = false
    this.#lost()
  }

  async #tryConnect(): Promise<void> {
    const link = new LinkClient(this.#url())
    const isOpen = await new Promise<boolean>(resolve => {
      link.socket.once('open', () => resolve(true))
      link.socket.once('error', () => resolve(false))
    })
    if (!isOpen || !this.#isOnline) {
      link.socket.terminate()
      // Until the server is there again.
      await new Promise(resolve => setTimeout(resolve, 20))
      return
    }
    this.#link = link
    link.socket.once('close', () => {
      this.#lost()
      if (this.#isOnline) void this.connect()
    })
    link.onMessage = (channel, payload) => this.#receive(link, channel, payload)
    link.tell({ t: 'hello', version: 1, token: this.#token })
    for (const [i, channel] of this.#channels.entries()) this.#open(link, i + 1, channel)
  }

  #lost(): void {
    this.#link?.socket.terminate()
    this.#link = null
    for (const channel of this.#channels) channel.isSynced = false
  }

  #open(link: LinkClient, number: number, { room, doc }: Channel): void {
    link.tell({ t: 'open', channels: [{ channel: number, room, clientId: doc.clientID }] })
    link.send(number, writeSyncStep1(Y.encodeStateVector(doc)))
  }

  #receive(link: LinkClient, number: number, payload: Uint8Array): void {
    const channel = this.#channels[number - 1]
    if (channel === undefined || link !== this.#link) return
    const message = readChannelMessage(payload)
    if (message.kind === 'syncStep2' || message.kind === 'update') {
      Y.applyUpdate(channel.doc, message.update, link)
    } else if (message.kind === 'syncStep1') {
      channel.isSynced = true
      link.send(number, writeSyncStep2(Y.encodeStateAsUpdate(channel.doc, message.stateVector)))
    } else if (message.kind === 'refused') {
      throw new Error(`${channel.room} was refused: ${message.sentence}`)
    }
  }
}
