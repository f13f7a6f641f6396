// Who reads and writes while lists are measured: links with lists on them, and links that edit. In a process of its
// own, so that it does not measure itself.

import { WebSocket } from 'ws'
import * as Y from 'yjs'
import { openRecord, type OpenRecord } from '../../shared/index.ts'
import { Ticket } from '../../shared/types/ticket.ts'
import { LINK_VERSION, parseServerControl, writeControl } from '../../shared/wire/link-control.ts'
import { CONTROL_CHANNEL, readLinkFrame, writeLinkFrame } from '../../shared/wire/link-frame.ts'
import type { JsonObject } from '../../shared/wire/shape.ts'
import { readChannelMessage, writeSyncStep1, writeUpdate } from '../../shared/wire/sync-message.ts'

export interface Load {
  readonly url: string
  readonly token: string
  readonly links: number
  readonly listsPerLink: number
  readonly editsPerSecond: number
  readonly seconds: number
  readonly queries: readonly object[]
}

export interface LoadReport {
  readonly editsPerSecond: number
  readonly deltasPerSecond: number
  readonly p50: number
  readonly p99: number
}

const EDITOR_LINKS = 10
const RECORDS = 500
const MARK = Buffer.from('"title":"edited at ')
const LIST = /"id":(\d+)/
const DELTA = Buffer.from('"t":"delta"')

export const runLoad = async (load: Load): Promise<LoadReport> => {
  const readers = await Promise.all(
    Array.from({ length: load.links }, (_, link) => {
      const queries = Array.from(
        { length: load.listsPerLink },
        (_, i) => (link * load.listsPerLink + i) % load.queries.length,
      )
      return Reader.open(load, queries)
    }),
  )
  const editors = await Promise.all(
    Array.from({ length: EDITOR_LINKS }, (_, i) => Editor.open(load, i, RECORDS / EDITOR_LINKS)),
  )
  for (let round = 0; round < RECORDS / EDITOR_LINKS; round++) {
    for (const [i, editor] of editors.entries()) editor.create(round, round * EDITOR_LINKS + i)
    await sleep(20)
  }
  await sleep(1_000)
  for (const reader of readers) reader.begin()
  const began = performance.now()
  let edits = 0
  // As many as are due by now, so that a late timer is made good.
  while (performance.now() - began < load.seconds * 1000) {
    const due = ((performance.now() - began) / 1000) * load.editsPerSecond
    for (; edits < due; edits++) editors[edits % EDITOR_LINKS]?.edit(Math.floor(edits / EDITOR_LINKS))
    await sleep(2)
  }
  const seconds = (performance.now() - began) / 1000
  await sleep(500)
  const times = readers.flatMap(reader => reader.times).sort((a, b) => a - b)
  const deltas = readers.reduce((sum, reader) => sum + reader.deltas, 0)
  for (const { socket } of [...readers, ...editors]) socket.terminate()
  return {
    editsPerSecond: edits / seconds,
    deltasPerSecond: deltas / seconds,
    p50: times[Math.floor(times.length * 0.5)] ?? Number.NaN,
    p99: times[Math.floor(times.length * 0.99)] ?? Number.NaN,
  }
}

class Client {
  readonly socket: WebSocket

  constructor({ url, token }: Load) {
    // Uncompressed, because what inflating costs a hundred screens is not the question.
    this.socket = new WebSocket(`${url}/link`, { perMessageDeflate: false })
    this.socket.once('open', () => this.tell({ t: 'hello', version: LINK_VERSION, token }))
  }

  tell(message: JsonObject & { readonly t: string }): void {
    this.socket.send(writeLinkFrame(CONTROL_CHANNEL, writeControl(message)))
  }
}

class Reader extends Client {
  times: number[] = []
  deltas = 0
  isMeasuring = false
  #began = 0
  /** By list: when the latest edit was made that it has shown. */
  readonly #newest = new Map<string, number>()

  static async open(load: Load, queries: readonly number[]): Promise<Reader> {
    const reader = new Reader(load)
    let waiting = queries.length
    await new Promise<void>(resolve => {
      reader.socket.on('message', data => {
        // Binary messages arrive as one buffer by default.
        const bytes = data as Buffer
        if (bytes.includes(DELTA)) {
          reader.#delta(bytes)
          return
        }
        const frame = readLinkFrame(new Uint8Array(bytes))
        const message = frame?.channel === CONTROL_CHANNEL ? parseServerControl(frame.payload) : null
        if (message?.t === 'welcome') {
          for (const id of queries) reader.tell({ t: 'sub', id, query: load.queries[id] as JsonObject })
        } else if (message?.t === 'other' && message.name === 'rows' && --waiting === 0) resolve()
        else if (message?.t === 'other' && message.name === 'unsubbed')
          throw new Error(JSON.stringify(message))
      })
    })
    return reader
  }

  begin(): void {
    this.#began = performance.now()
    this.isMeasuring = true
    this.times = []
    this.deltas = 0
  }

  /**
   * The last edited come first, so an edit is news to a list when it is later than all that the list has shown. What
   * enters because something else has left was edited long ago.
   */
  #delta(bytes: Buffer): void {
    if (!this.isMeasuring) return
    this.deltas++
    const now = performance.now()
    const list = LIST.exec(bytes.toString('latin1', 0, 100))?.[1] ?? ''
    const shown = this.#newest.get(list) ?? this.#began
    let newest = shown
    for (let at = bytes.indexOf(MARK); at >= 0; at = bytes.indexOf(MARK, at + 1)) {
      const from = at + MARK.length
      const editedAt = Number(bytes.toString('latin1', from, bytes.indexOf(34, from)))
      if (!(editedAt > shown)) continue
      this.times.push(now - editedAt)
      newest = Math.max(newest, editedAt)
    }
    this.#newest.set(list, newest)
  }
}

class Editor extends Client {
  readonly #records: { doc: Y.Doc; record: OpenRecord<typeof Ticket>; channel: number; isReady: boolean }[] =
    []

  static async open(load: Load, number: number, count: number): Promise<Editor> {
    const editor = new Editor(load)
    await new Promise<void>(resolve => {
      let waiting = count
      editor.socket.on('message', data => {
        // As above.
        const frame = readLinkFrame(new Uint8Array(data as Buffer))
        if (frame === null) return
        if (frame.channel !== CONTROL_CHANNEL) {
          editor.#receive(frame.channel, frame.payload)
          return
        }
        const message = parseServerControl(frame.payload)
        if (message.t === 'welcome') {
          const channels = Array.from({ length: count }, (_, i) => ({
            channel: i + 1,
            room: `ticket:bench-${number}-${i}`,
          }))
          editor.tell({ t: 'open', channels })
        } else if (message.t === 'opened') {
          for (const { channel, clientId } of message.channels) editor.#opened(channel, clientId)
          waiting -= message.channels.length
          if (waiting === 0) resolve()
        }
      })
    })
    return editor
  }

  /** Spread over what the lists ask for. */
  create(index: number, n: number): void {
    this.#records[index]?.record.set({
      title: `edited at ${performance.now()} boiler noise, floor ${n % 30}`,
      site: `site:${n % 400}`,
      assignedTo: `tech-${n % 60}`,
      status: n % 4 === 0 ? 'waiting' : 'open',
      priority: n % 5 === 0 ? 'urgent' : 'normal',
      type: n % 3 === 0 ? 'inspection' : 'repair',
    })
  }

  edit(index: number): void {
    const entry = this.#records[index % this.#records.length]
    entry?.record.set({ title: `edited at ${performance.now()}` })
  }

  #opened(channel: number, clientId: number | null): void {
    const doc = new Y.Doc()
    if (clientId !== null) doc.clientID = clientId
    const record = openRecord(Ticket, doc, { author: 'dora' })
    this.#records.push({ doc, record, channel, isReady: true })
    doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== this) this.socket.send(writeLinkFrame(channel, writeUpdate(update)))
    })
    this.socket.send(writeLinkFrame(channel, writeSyncStep1(Y.encodeStateVector(doc))))
  }

  #receive(channel: number, payload: Uint8Array): void {
    const entry = this.#records.find(each => each.channel === channel)
    const message = readChannelMessage(payload)
    if (entry !== undefined && (message.kind === 'syncStep2' || message.kind === 'update'))
      Y.applyUpdate(entry.doc, message.update, this)
  }
}

const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))
