// 20,000 overwrites of the 20 fields of a typed record by two people in turn: what a new client downloads.

import * as Y from 'yjs'
import { openRecord } from '../../../../shared/index.ts'
import { Board } from '../board.ts'
import { loadGenerator, type Scene } from '../generator.ts'

const OVERWRITES = 20_000
const ROOM = 'board:rec'

export default async ({ dialect, url, server }: Scene): Promise<object> => {
  const { Client, encUpdate, marker } = await loadGenerator()
  const { updates, doc } = write(n => marker('L', n))
  await server.start({ clean: true })
  const writer = new Client({ dialect, url, room: ROOM })
  await writer.ready
  for (let i = 0; i < updates.length; i += 500) {
    writer.ws.sock.cork()
    for (const update of updates.slice(i, i + 500)) writer.ws.send(encUpdate(dialect, ROOM, update))
    writer.ws.sock.uncork()
    await writer.barrier()
  }
  writer.closeClean()
  const live = await download()
  await server.idle()
  await server.stop()
  await server.start()
  const restarted = await download()
  const isRight = live.value === restarted.value && live.value === contentOf(doc)
  return {
    ok: isRight,
    client_download_bytes: live.bytes,
    restart: { client_download_bytes: restarted.bytes },
  }

  async function download(): Promise<{ bytes: number; value: string }> {
    const copy = new Y.Doc()
    let bytes = 0
    const take = (buffer: Buffer, start: number, end: number): void => {
      bytes += end - start
      Y.applyUpdate(copy, Uint8Array.from(buffer.subarray(start, end)))
    }
    const client = new Client({ dialect, url, room: ROOM, onSync: take, onUpdate: take })
    await client.ready
    client.closeClean()
    return { bytes, value: contentOf(copy) }
  }
}

const contentOf = (doc: Y.Doc): string => {
  const { created: _, ...view } = openRecord(Board, doc, { author: 'reader' }).view
  return JSON.stringify(view)
}

const write = (value: (n: number) => string): { updates: Uint8Array[]; doc: Y.Doc } => {
  const docs = [new Y.Doc(), new Y.Doc()] as const
  const updates: Uint8Array[] = []
  const records = docs.map((doc, i) => {
    const record = openRecord(Board, doc, { author: 'anonymous' })
    doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin === 'other') return
      updates.push(update)
      Y.applyUpdate(docs[i === 0 ? 1 : 0], update, 'other')
    })
    return record
  })
  for (let n = 0; n < OVERWRITES; n++)
    records[(n + Math.floor(n / 20)) % 2]?.set({ [`f${n % 20}`]: value(n + 1) })
  return { updates, doc: docs[0] }
}
