import { gzipSync } from 'node:zlib'
import * as Y from 'yjs'
import { openRecord, type OpenRecord, type RecordType } from '../../shared/index.ts'
import {
  PUSH_PULL_TYPE,
  readSyncAnswer,
  type RecordAnswer,
  type RecordAsk,
  type SyncAnswer,
  writeSyncAsk,
} from '../../shared/wire/push-pull.ts'
import {
  type ChannelMessage,
  readChannelMessage,
  type Refused,
  writeAwareness,
  writeQueryAwareness,
  writeSyncStep1,
  writeSyncStep2,
  writeUpdate,
} from '../../shared/wire/sync-message.ts'

export interface Place {
  readonly url: string
  readonly token: string
}

export const exchange = async (
  { url, token }: Place,
  way: 'push' | 'pull',
  records: readonly RecordAsk[],
  { gzip = false }: { gzip?: boolean } = {},
): Promise<SyncAnswer> => {
  const bytes = writeSyncAsk(records)
  const response = await fetch(`${url}/api/sync/${way}`, {
    method: 'POST',
    headers: {
      'content-type': PUSH_PULL_TYPE,
      authorization: `Bearer ${token}`,
      ...(gzip ? { 'content-encoding': 'gzip' } : {}),
    },
    body: gzip ? gzipSync(bytes) : Buffer.from(bytes),
  })
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
  const answer = readSyncAnswer(new Uint8Array(await response.arrayBuffer()))
  if (answer === null) throw new Error('an answer that cannot be read')
  return answer
}

export const messagesOf = (answer: RecordAnswer | undefined): ChannelMessage[] =>
  answer?.kind === 'open' ? answer.messages.map(readChannelMessage) : []

/** One tab that has no socket: a doc, what of it was sent, and who else is there. */
export class PollingTab<T extends RecordType> {
  readonly doc = new Y.Doc()
  readonly record: OpenRecord<T>
  readonly room: string
  readonly refused: Refused[] = []
  saved = 0
  present = new Map<number, unknown>()
  readonly #place: Place
  #unsent: Uint8Array[] = []
  #serverState = Uint8Array.of(0)
  #epoch: string | null = null
  #commit: number | null = null

  constructor(place: Place, type: T, id: string, author: string) {
    this.#place = place
    this.room = `${type.name}:${id}`
    this.record = openRecord(type, this.doc, { author, id })
    this.doc.on('update', (update: Uint8Array, _origin: unknown, _doc: Y.Doc, transaction: Y.Transaction) => {
      if (transaction.local) this.#unsent.push(update)
    })
  }

  /** Every edit a message of its own, as the link sends them. */
  async push(): Promise<RecordAnswer | undefined> {
    const updates = this.#unsent
    this.#unsent = []
    return this.#say('push', updates.map(writeUpdate))
  }

  /** One message with everything. */
  async pushAll(): Promise<RecordAnswer | undefined> {
    this.#unsent = []
    return this.#say('push', [writeSyncStep2(Y.encodeStateAsUpdate(this.doc, this.#serverState))])
  }

  async pull(): Promise<RecordAnswer | undefined> {
    return this.#say('pull', [writeSyncStep1(Y.encodeStateVector(this.doc))])
  }

  async show(state: object | null): Promise<RecordAnswer | undefined> {
    const json = JSON.stringify(state)
    const encoded = new TextEncoder().encode(json)
    const clock = Date.now()
    const body = [1, ...varUint(this.doc.clientID), ...varUint(clock), ...varUint(encoded.length), ...encoded]
    return this.#say('pull', [writeAwareness(Uint8Array.from(body)), writeQueryAwareness()])
  }

  async #say(way: 'push' | 'pull', messages: readonly Uint8Array[]): Promise<RecordAnswer | undefined> {
    const ask: RecordAsk = {
      room: this.room,
      clientId: this.doc.clientID,
      epoch: this.#epoch,
      commit: this.#commit,
      messages,
    }
    const [answer] = (await exchange(this.#place, way, [ask])).records
    if (answer?.kind !== 'open') return answer
    this.#epoch = answer.epoch
    for (const message of messagesOf(answer)) this.#take(message)
    return answer
  }

  #take(message: ChannelMessage): void {
    switch (message.kind) {
      case 'saved':
        this.saved += message.count
        break
      case 'refused':
        this.refused.push(message)
        break
      case 'syncStep2':
        Y.applyUpdate(this.doc, message.update)
        this.#commit = message.commit
        break
      case 'syncStep1':
        this.#serverState = Uint8Array.from(message.stateVector)
        break
      case 'awareness':
        this.present = readStates(message.body)
        break
      default:
    }
  }
}

const varUint = (value: number): number[] => {
  const bytes: number[] = []
  let rest = value
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push(128 | (rest % 128))
  return [...bytes, rest]
}

const readStates = (body: Uint8Array): Map<number, unknown> => {
  let at = 0
  const next = (): number => {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = body[at++] ?? 0
      value += (byte & 127) * factor
      if (byte < 128) return value
    }
  }
  const states = new Map<number, unknown>()
  for (let left = next(); left > 0; left--) {
    const clientId = next()
    next()
    const length = next()
    states.set(clientId, JSON.parse(new TextDecoder().decode(body.subarray(at, at + length))))
    at += length
  }
  return states
}
